;; A product of 128 bits that was put together from products of 32-bit halves is one multiplication, its lower half included.
;;
;; run x86-64
;; run aarch64
;; expect x86-64 product 1 /\tmulq/
;; expect x86-64 product 0 /\timul/
;; expect aarch64 product 1 /umulh/
(module
  (func $product (export "product") (param $a i64) (param $b i64) (result i64 i64) (local $low i64) (local $carried i64) (local $middle i64)
    (local.set $low (i64.mul (i64.and (local.get $a) (i64.const 4294967295)) (i64.and (local.get $b) (i64.const 4294967295))))
    (local.set $carried (i64.add
      (i64.mul (i64.shr_u (local.get $a) (i64.const 32)) (i64.and (local.get $b) (i64.const 4294967295)))
      (i64.shr_u (local.get $low) (i64.const 32))))
    (local.set $middle (i64.add
      (i64.mul (i64.and (local.get $a) (i64.const 4294967295)) (i64.shr_u (local.get $b) (i64.const 32)))
      (i64.and (local.get $carried) (i64.const 4294967295))))
    (i64.or (i64.shl (local.get $middle) (i64.const 32)) (i64.and (local.get $low) (i64.const 4294967295)))
    (i64.add
      (i64.add
        (i64.mul (i64.shr_u (local.get $a) (i64.const 32)) (i64.shr_u (local.get $b) (i64.const 32)))
        (i64.shr_u (local.get $carried) (i64.const 32)))
      (i64.shr_u (local.get $middle) (i64.const 32)))))
