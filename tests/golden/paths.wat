;; What locals hold where paths meet. A block that would only branch on is left out, unless the one before it goes there by two ways with different values.
;;
;; run ir.quick: -O0
;; expect ir.quick two_ways 1 /phi i32/
;; expect ir.quick two_ways 1 /^ *br label/
;; expect ir.quick one_way 1 /^ *br label/
;; expect ir.quick untouched 0 /phi/
(module
  (memory 1)
  (func $two_ways (export "two_ways") (param i32) (result i32)
    (if (local.get 0) (then (local.set 0 (i32.const 12)) (br 0)))
    (local.get 0))
  (func $one_way (export "one_way") (param i32 i32) (result i32)
    (block
      (if (local.get 0) (then (local.set 1 (i32.const 7)) (br 1)))
      (br_if 0 (local.get 1))
      (i32.store (i32.const 0) (i32.const 1)))
    (local.get 1))
  (func $untouched (export "untouched") (param i32 i32) (result i32)
    (loop (if (local.get 0) (then (i32.store (i32.const 0) (i32.const 1)))) (br_if 0 (i32.load (i32.const 4))))
    (local.get 1)))
