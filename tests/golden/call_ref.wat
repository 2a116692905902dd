;; A call through a typed reference is a null check and the call: the type is known; the other call
;; that the rules count is the trap's. A table of typed references needs no look at the type.
;;
;; wasmc wat
;; run x86-64
;; run aarch64
;; expect x86-64 call 1 /\b(test|cmp)/
;; expect x86-64 call 2 /callq\t\*\(/
;; expect x86-64 through_table 2 /\bcmp/
;; expect aarch64 call 1 /\bcbz/
;; expect aarch64 call 0 /\bcmp/
;; expect aarch64 call 2 /\bblr/
(module
  (type $binary (func (param i32 i32) (result i32)))
  (table $table (export "table") 10 (ref null $binary))
  (elem (table $table) (i32.const 1) (ref null $binary) (ref.func $add))
  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $call (export "call") (param (ref null $binary) i32) (result i32)
    (i32.sub (call_ref $binary (local.get 1) (local.get 1) (local.get 0)) (i32.const 1)))
  (func $through_table (export "through_table") (param i32 i32) (result i32)
    (i32.sub (call_indirect $table (type $binary) (local.get 1) (local.get 1) (local.get 0)) (i32.const 1))))
