;; Loads are plain, so a sum over memory becomes vector code.
;;
;; run x86-64
;; run ir
;; expect x86-64 sum >=1 /\bpaddd\t/
;; expect ir sum >=1 /load <4 x i32>/
;; expect x86-64 axpy >=1 /\bmulpd\t/
;; expect ir axpy >=1 /fmul <\d+ x double>/
;; expect ir axpy 0 /shufflevector.*i32 2/
;; expect ir upper >=1 /load <16 x i8>/
;; expect ir upper 0 /shufflevector/
(module
  (memory 1)
  (func $sum (export "sum") (param $at i32) (param $count i32) (result i32) (local $sum i32) (local $i i32)
    (if (local.get $count) (then
      (loop $next
        (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $at) (i32.shl (local.get $i) (i32.const 2))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (local.get $count))))))
    (local.get $sum))

  ;; y += a * x, as clang leaves it for Wasm: unrolled by two, an index that counts bytes and must meet its end. Only with 64-bit addresses
  ;; are the two halves neighbours; as one element they need no shuffling.
  (func $axpy (export "axpy") (param $x i32) (param $y i32) (param $bytes i32) (param $a f64) (local $i i32)
    (loop $next
      (f64.store (i32.add (local.get $y) (local.get $i))
        (f64.add (f64.load (i32.add (local.get $y) (local.get $i)))
          (f64.mul (local.get $a) (f64.load (i32.add (local.get $x) (local.get $i))))))
      (f64.store (i32.add (i32.add (local.get $y) (local.get $i)) (i32.const 8))
        (f64.add (f64.load (i32.add (i32.add (local.get $y) (local.get $i)) (i32.const 8)))
          (f64.mul (local.get $a) (f64.load (i32.add (i32.add (local.get $x) (local.get $i)) (i32.const 8))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $bytes)))))

  ;; Between constant bounds, where no address can wrap: unrolled by two, an index that meets 0.
  (func $upper (export "upper") (local $i i32) (local $c i32)
    (local.set $i (i32.const -4096))
    (loop $next
      (i32.store8 (i32.add (local.get $i) (i32.const 12288))
        (select (i32.sub (local.tee $c (i32.load8_u (i32.add (local.get $i) (i32.const 8192)))) (i32.const 32)) (local.get $c)
          (i32.lt_u (i32.and (i32.sub (local.get $c) (i32.const 97)) (i32.const 255)) (i32.const 26))))
      (i32.store8 (i32.add (local.get $i) (i32.const 12289))
        (select (i32.sub (local.tee $c (i32.load8_u (i32.add (local.get $i) (i32.const 8193)))) (i32.const 32)) (local.get $c)
          (i32.lt_u (i32.and (i32.sub (local.get $c) (i32.const 97)) (i32.const 255)) (i32.const 26))))
      (br_if $next (local.tee $i (i32.add (local.get $i) (i32.const 2)))))))
