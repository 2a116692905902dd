;; A trapping conversion from float to integer is one range check that NaN fails too; the kind of trap is decided in the cold part.
;;
;; run x86-64
;; run aarch64
;; expect aarch64 trunc_sat 1 /\bfcvtzs\t/
(module
  (memory 1)
  (func $trunc (export "trunc") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
  (func $trunc_u (export "trunc_u") (param f32) (result i32) (i32.trunc_f32_u (local.get 0)))
  (func $trunc_sat (export "trunc_sat") (param f64) (result i64) (i64.trunc_sat_f64_s (local.get 0)))
  (func $convert_u (export "convert_u") (param i64) (result f64) (f64.convert_i64_u (local.get 0))))
