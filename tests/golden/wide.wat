;; A sum of 128 bits is an addition and an addition with carry, a wide product is one multiplication.
;;
;; wasmc wat
;; run x86-64
;; run aarch64
;; expect x86-64 add 1 /\badcq\t/
;; expect aarch64 add 1 /\badcs?\t/
;; expect x86-64 multiply 1 /\bmulq\t/
;; expect aarch64 multiply 1 /\bumulh\t/
(module
  (func (export "add") (param i64 i64 i64 i64) (result i64 i64)
    (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "multiply") (param i64 i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 1))))
