;; Four conversions side by side, of integers that were extended with their sign and are taken as unsigned: LLVM 22 would make them
;; conversions of 32 bits.
;;
;; run ir
;; expect ir convert 0 /uitofp <\d+ x i32>/
;; expect ir convert 4 /uitofp i64/
(module
  (memory 1)
  (func $convert (export "convert") (param $at i32) (result f32) (local $a f32) (local $b f32) (local $c f32) (local $d f32)
    (local.set $a (f32.mul (f32.convert_i64_u (i64.load16_s offset=0 (local.get $at))) (f32.const 0.25)))
    (local.set $b (f32.mul (f32.convert_i64_u (i64.load16_s offset=2 (local.get $at))) (f32.const 0.25)))
    (local.set $c (f32.mul (f32.convert_i64_u (i64.load16_s offset=4 (local.get $at))) (f32.const 0.25)))
    (local.set $d (f32.mul (f32.convert_i64_u (i64.load16_s offset=6 (local.get $at))) (f32.const 0.25)))
    (f32.store offset=64 (local.get $at) (local.get $a))
    (f32.store offset=68 (local.get $at) (local.get $b))
    (f32.store offset=72 (local.get $at) (local.get $c))
    (f32.store offset=76 (local.get $at) (local.get $d))
    (f32.add (f32.add (local.get $a) (local.get $b)) (f32.add (local.get $c) (local.get $d)))))
