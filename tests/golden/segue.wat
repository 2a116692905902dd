;; With --segue memory is addressed by GS, so that an address has room for two registers; the context area by the register still. What references
;; call puts the context into the segment's base first.
;;
;; run x86-64: --segue --features=+fsgsbase
;; expect x86-64 sum 2 /%gs:/
;; expect x86-64 sum 1 /%gs:4\(/
;; expect x86-64 next 0 /%gs:/
(module
  (memory 1)
  (global $count (mut i32) (i32.const 0))
  (func $sum (export "sum") (param i32 i32) (result i32) (i32.add (i32.load (local.get 0)) (i32.load offset=4 (local.get 1))))
  (func $next (export "next") (result i32) (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count)))
