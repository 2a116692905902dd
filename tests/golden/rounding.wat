;; Rounding never calls a library, with SSE4.1 or without.
;;
;; run x86-64
;; run x86-64.v2: --cpu=x86-64-v2
;; run aarch64
;; expect x86-64 * 0 /\bcall/
;; expect aarch64 floor 1 /\bfrintm\t/
(module
  (memory 1)
  (func $floor (export "floor") (param f64) (result f64) (f64.floor (local.get 0)))
  (func $nearest (export "nearest") (param f32) (result f32) (f32.nearest (local.get 0))))
