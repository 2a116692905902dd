;; Checks of division: one for zero, one for overflow (rem_s has none, it gives 0); the trap is a cold call after the function's return.
;;
;; run x86-64
;; run aarch64
;; expect x86-64 div_u 1 /\b(test|cmp)/
;; expect x86-64 rem_u 1 /\b(test|cmp)/
;; expect x86-64 div_by_ten 0 /\b(test|cmp|idiv|call)/
;; expect aarch64 div_u 1 /\budiv\b/
;; expect x86-64 unreachable 1 /\bcall/
(module
  (memory 1)
  (func $unreachable (export "unreachable") unreachable)
  (func $div_s (export "div_s") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $div_u (export "div_u") (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1)))
  (func $rem_s (export "rem_s") (param i64 i64) (result i64) (i64.rem_s (local.get 0) (local.get 1)))
  (func $rem_u (export "rem_u") (param i64 i64) (result i64) (i64.rem_u (local.get 0) (local.get 1)))
  (func $div_by_ten (export "div_by_ten") (param i32) (result i32) (i32.div_s (local.get 0) (i32.const 10)))
  (func $guarded (export "guarded") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then unreachable))
    (i32.load (local.get 0))))
