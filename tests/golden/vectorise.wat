;; Loads are plain, so a sum over memory becomes vector code.
;;
;; run x86-64
;; run ir
;; expect x86-64 sum >=1 /\bpaddd\t/
;; expect ir sum >=1 /load <4 x i32>/
(module
  (memory 1)
  (func $sum (export "sum") (param $at i32) (param $count i32) (result i32) (local $sum i32) (local $i i32)
    (if (local.get $count) (then
      (loop $next
        (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $at) (i32.shl (local.get $i) (i32.const 2))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (local.get $count))))))
    (local.get $sum)))
