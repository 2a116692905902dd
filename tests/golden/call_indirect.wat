;; An indirect call is one bounds check, one compare of the type id, and the call; resolving and trapping is cold.
;;
;; run x86-64
;; run aarch64
;; expect x86-64 call 2 /\bcmp/
;; expect x86-64 call 1 /callq\t\*\(/
;; expect aarch64 call 2 /\bcmp/
(module
  (type $binary (func (param i32 i32) (result i32)))
  (table 10 funcref)
  (elem (i32.const 1) $add)
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $call (export "call") (param i32 i32 i32) (result i32)
    (i32.sub (call_indirect (type $binary) (local.get 0) (local.get 1) (local.get 2)) (i32.const 1))))
