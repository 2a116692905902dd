;; Loops over vectors of 128 bits use the wider ones of the CPU, where order does not matter.
;;
;; run x86-64.v3: --cpu=x86-64-v3
;; run x86-64.zen4: --cpu=znver4
;; run ir.zen4: --cpu=znver4
;; run x86-64
;; expect x86-64.v3 axpy >=1 /\bvmulpd\t.*%ymm/
;; expect x86-64.zen4 axpy >=1 /\bvmulpd\t.*%zmm/
;; expect ir.zen4 axpy >=1 /fmul <8 x double>/
;; expect x86-64 * 0 /%[yz]mm/
;; expect x86-64.v3 floats 0 /%[yz]mm/
;; expect ir.zen4 total >=1 /add <16 x i32>/
;; expect ir.zen4 brighten >=1 /<64 x i8>/
;; expect ir.zen4 floats 0 /<8 x float>/
;; expect ir.zen4 neighbours >=1 /load <8 x i64>/
(module
  (memory 1)
  ;; y += a * x: unrolled by two, an index that counts bytes and must meet its end.
  (func $axpy (export "axpy") (param $x i32) (param $y i32) (param $bytes i32) (param $a f64) (local $i i32)
    (loop $next
      (v128.store (i32.add (local.get $y) (local.get $i))
        (f64x2.add (v128.load (i32.add (local.get $y) (local.get $i)))
          (f64x2.mul (f64x2.splat (local.get $a)) (v128.load (i32.add (local.get $x) (local.get $i))))))
      (v128.store (i32.add (i32.add (local.get $y) (local.get $i)) (i32.const 16))
        (f64x2.add (v128.load (i32.add (i32.add (local.get $y) (local.get $i)) (i32.const 16)))
          (f64x2.mul (f64x2.splat (local.get $a)) (v128.load (i32.add (i32.add (local.get $x) (local.get $i)) (i32.const 16))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 32))) (local.get $bytes)))))

  ;; The same sum in whatever order.
  (func $total (export "total") (param $x i32) (param $count i32) (result i32) (local $sum v128)
    (loop $next
      (local.set $sum (i32x4.add (local.get $sum) (v128.load (local.get $x))))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum))))

  ;; Not so: each addition rounds.
  (func $floats (export "floats") (param $x i32) (param $count i32) (result v128) (local $sum v128)
    (loop $next
      (local.set $sum (f32x4.add (local.get $sum) (v128.load (local.get $x))))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (local.get $sum))

  ;; Halves of a vector: each stays where it is.
  (func $brighten (export "brighten") (param $x i32) (param $y i32) (param $count i32) (param $by i32) (local $bytes v128)
    (loop $next
      (local.set $bytes (v128.load (local.get $x)))
      (v128.store (local.get $y) (i8x16.narrow_i16x8_u
        (i16x8.shr_u (i16x8.mul (i16x8.extend_low_i8x16_u (local.get $bytes)) (i16x8.splat (local.get $by))) (i32.const 4))
        (i16x8.shr_u (i16x8.mul (i16x8.extend_high_i8x16_u (local.get $bytes)) (i16x8.splat (local.get $by))) (i32.const 4))))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (local.set $y (i32.add (local.get $y) (i32.const 16)))
      (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))

  ;; What the iteration before has loaded.
  (func $neighbours (export "neighbours") (param $x i32) (param $y i32) (param $count i32) (local $before v128) (local $here v128)
    (loop $next
      (local.set $here (v128.load (local.get $x)))
      (v128.store (local.get $y) (i32x4.sub (local.get $here)
        (i8x16.shuffle 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 (local.get $before) (local.get $here))))
      (local.set $before (local.get $here))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (local.set $y (i32.add (local.get $y) (i32.const 16)))
      (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))))
