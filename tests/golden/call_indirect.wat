;; An indirect call through a table that nobody writes is one bounds check, one look for nothing, and the call; trapping is cold.
;; Where it can call few functions, all small, or only one, it asks for the index and calls them directly, which is inlined.
;; Through a table that others may write it is a compare of the type id instead.
;;
;; run x86-64
;; run aarch64
;; expect x86-64 call 1 /\bcmp/
;; expect x86-64 call 1 /callq\t\*%/
;; expect x86-64 call_few 0 /callq\t\*%/
;; expect x86-64 call_one 0 /callq\t\*%/
;; expect x86-64 call_open 2 /\bcmp/
;; expect x86-64 call_open 1 /callq\t\*\(/
;; expect aarch64 call 1 /\bcmp/
;; expect aarch64 call 2 /\bblr/
;; expect aarch64 call_few 1 /\bblr/
;; expect aarch64 call_one 1 /\bblr/
;; expect aarch64 call_open 2 /\bcmp/
(module
  (type $binary (func (param i32 i32) (result i32)))
  (type $unary (func (param i32) (result i32)))
  (type $ternary (func (param i32 i32 i32) (result i32)))
  (table 10 funcref)
  (table $open (export "open") 10 funcref)
  (elem (i32.const 1) $add $large $negate $twice $negate $madd)
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $large (param i32 i32) (result i32)
    (i32.mul (i32.add (local.get 0) (i32.const 1)) (i32.mul (i32.add (local.get 1) (i32.const 2)) (i32.mul (i32.add (local.get 0) (i32.const 3))
      (i32.mul (i32.add (local.get 1) (i32.const 4)) (i32.mul (i32.add (local.get 0) (i32.const 5)) (i32.mul (i32.add (local.get 1) (i32.const 6))
      (i32.add (local.get 1) (i32.const 7)))))))))
  (func $negate (param i32) (result i32) (i32.sub (i32.const 0) (local.get 0)))
  (func $twice (param i32) (result i32) (i32.add (local.get 0) (local.get 0)))
  (func $madd (param i32 i32 i32) (result i32) (i32.add (local.get 0) (i32.mul (local.get 1) (local.get 2))))
  (func $call (export "call") (param i32 i32 i32) (result i32)
    (i32.sub (call_indirect (type $binary) (local.get 0) (local.get 1) (local.get 2)) (i32.const 1)))
  (func $call_few (export "call_few") (param i32 i32) (result i32)
    (i32.sub (call_indirect (type $unary) (local.get 0) (local.get 1)) (i32.const 1)))
  (func $call_one (export "call_one") (param i32 i32) (result i32)
    (i32.sub (call_indirect (type $ternary) (local.get 0) (local.get 0) (local.get 0) (local.get 1)) (i32.const 1)))
  (func $call_open (export "call_open") (param i32 i32 i32) (result i32)
    (i32.sub (call_indirect $open (type $binary) (local.get 0) (local.get 1) (local.get 2)) (i32.const 1))))
