;; min, max and copysign are free of branches, also where an operand is NaN or zero.
;;
;; run x86-64
;; run x86-64.avx2: --cpu=x86-64-v3
;; run aarch64
;; expect x86-64 * 0 /\bj[a-z]+\t|\bcall/
;; expect x86-64.avx2 * 0 /\bj[a-z]+\t|\bcall/
;; expect aarch64 f32_min 1 /\bfmin\t/
;; expect aarch64 f64_max 1 /\bfmax\t/
(module
  (memory 1)
  (func $f32_min (export "f32_min") (param f32 f32) (result f32) (f32.min (local.get 0) (local.get 1)))
  (func $f64_max (export "f64_max") (param f64 f64) (result f64) (f64.max (local.get 0) (local.get 1)))
  (func $f64_copysign (export "f64_copysign") (param f64 f64) (result f64) (f64.copysign (local.get 0) (local.get 1))))
