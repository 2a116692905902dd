;; An indirect call through a table that nobody writes is one bounds check, one look for nothing, and the call; trapping is cold.
;; Through one that others may write it is a compare of the type id instead.
;;
;; run x86-64
;; run aarch64
;; expect x86-64 call 1 /\bcmp/
;; expect x86-64 call 1 /callq\t\*%/
;; expect x86-64 call_open 2 /\bcmp/
;; expect x86-64 call_open 1 /callq\t\*\(/
;; expect aarch64 call 1 /\bcmp/
;; expect aarch64 call_open 2 /\bcmp/
(module
  (type $binary (func (param i32 i32) (result i32)))
  (table 10 funcref)
  (table $open (export "open") 10 funcref)
  (elem (i32.const 1) $add)
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $call (export "call") (param i32 i32 i32) (result i32)
    (i32.sub (call_indirect (type $binary) (local.get 0) (local.get 1) (local.get 2)) (i32.const 1)))
  (func $call_open (export "call_open") (param i32 i32 i32) (result i32)
    (i32.sub (call_indirect $open (type $binary) (local.get 0) (local.get 1) (local.get 2)) (i32.const 1))))
