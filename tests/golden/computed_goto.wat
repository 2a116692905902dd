;; A computed goto as producers write it: one switch over what a table in memory says. On x86-64 each place gets a jump of its own, all by one table.
;;
;; run x86-64
;; expect x86-64 run 18 /jmpq\s+\*/
;; run aarch64
;; expect aarch64 run 1 /br\s+x/
(module
  (memory 1)
  (func $run (export "run") (param $at i32) (param $x i32) (result i32)
    (loop $next
      (block $end
      (block $l16
      (block $l15
      (block $l14
      (block $l13
      (block $l12
      (block $l11
      (block $l10
      (block $l9
      (block $l8
      (block $l7
      (block $l6
      (block $l5
      (block $l4
      (block $l3
      (block $l2
      (block $l1
      (block $l0
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_table $end $l0 $l1 $l2 $l3 $l4 $l5 $l6 $l7 $l8 $l9 $l10 $l11 $l12 $l13 $l14 $l15 $l16 $end
          (i32.load offset=1024 (i32.shl (i32.load8_u offset=4095 (local.get $at)) (i32.const 2)))))
        (local.set $x (i32.add (local.get $x) (i32.load offset=8192 (local.get $at)))) (br $next))
        (local.set $x (i32.sub (local.get $x) (i32.load offset=8196 (local.get $at)))) (br $next))
        (local.set $x (i32.xor (local.get $x) (i32.load offset=8200 (local.get $at)))) (br $next))
        (local.set $x (i32.mul (local.get $x) (i32.load offset=8204 (local.get $at)))) (br $next))
        (local.set $x (i32.rotl (local.get $x) (i32.load offset=8208 (local.get $at)))) (br $next))
        (local.set $x (i32.or (local.get $x) (i32.load offset=8212 (local.get $at)))) (br $next))
        (local.set $x (i32.add (local.get $x) (i32.load offset=8216 (local.get $at)))) (br $next))
        (local.set $x (i32.sub (local.get $x) (i32.load offset=8220 (local.get $at)))) (br $next))
        (local.set $x (i32.xor (local.get $x) (i32.load offset=8224 (local.get $at)))) (br $next))
        (local.set $x (i32.mul (local.get $x) (i32.load offset=8228 (local.get $at)))) (br $next))
        (local.set $x (i32.rotl (local.get $x) (i32.load offset=8232 (local.get $at)))) (br $next))
        (local.set $x (i32.or (local.get $x) (i32.load offset=8236 (local.get $at)))) (br $next))
        (local.set $x (i32.add (local.get $x) (i32.load offset=8240 (local.get $at)))) (br $next))
        (local.set $x (i32.sub (local.get $x) (i32.load offset=8244 (local.get $at)))) (br $next))
        (local.set $x (i32.xor (local.get $x) (i32.load offset=8248 (local.get $at)))) (br $next))
        (local.set $x (i32.mul (local.get $x) (i32.load offset=8252 (local.get $at)))) (br $next))
        (local.set $x (i32.rotl (local.get $x) (i32.load offset=8256 (local.get $at)))) (br $next))
      )
    (local.get $x)))
