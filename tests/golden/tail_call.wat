;; A tail call is a jump. To what may be another instance's function it is a jump with the context compared, and a jump to the stub otherwise, which
;; imports and parameters on the stack go to at once. An ordinary call in the same function stays one.
;;
;; wasmc wat
;; run x86-64
;; run x86-64.O0: -O0
;; run aarch64
;; run aarch64.O0: -O0
;; expect x86-64 direct 0 /\bcall/
;; expect x86-64 direct 1 /jmp\tother\b/
;; expect x86-64 indirect 1 /jmpq\t\*\(?%/
;; expect x86-64 ref 2 /jmpq\t\*/
;; expect x86-64 to_import 1 /jmpq\t\*/
;; expect x86-64 to_import 0 /\bcall/
;; expect x86-64 to_stack 1 /jmpq\t\*/
;; expect x86-64 to_stack 0 /\bcall/
;; expect x86-64 many_results 0 /\bcall/
;; expect x86-64 and_back 1 /\bcall/
;; expect x86-64 and_back 1 /jmp\t(direct|other)\b/
;; expect x86-64.O0 direct 1 /jmp\tother\b/
;; expect x86-64.O0 ref 2 /jmpq\t\*/
;; expect x86-64.O0 to_import 1 /jmpq\t\*/
;; expect x86-64.O0 to_stack 1 /jmpq\t\*/
;; expect x86-64.O0 many_results 1 /jmp\tmany_results\b/
;; expect aarch64 direct 1 /\bb\tother\b/
;; expect aarch64 ref 2 /\bbr\t/
;; expect aarch64 ref 1 /\bbl/
;; expect aarch64 to_import 1 /\bbr\t/
;; expect aarch64 to_import 0 /\bbl/
;; expect aarch64 to_stack 1 /\bbr\t/
;; expect aarch64 many_results 1 /\bb\tmany_results\b/
;; expect aarch64.O0 direct 1 /\bb\tother\b/
;; expect aarch64.O0 ref 2 /\bbr\t/
;; expect aarch64.O0 to_import 1 /\bbr\t/
;; expect aarch64.O0 to_stack 1 /\bbr\t/
;; expect aarch64.O0 many_results 1 /\bb\tmany_results\b/
(module
  (type $t (func (param i32) (result i32)))
  (import "env" "f" (func $imported (type $t)))
  (table $own 4 4 funcref)
  (elem (table $own) (i32.const 0) func $direct $large)
  (global $g (mut i32) (i32.const 0))
  (func $other (param i64 i32 f64) (result i32)
    (if (i32.eqz (global.get $g)) (then (return_call $direct (i32.const 5))))
    (global.set $g (local.get 1))
    (return_call $to_import (local.get 1)))
  (func $direct (type $t)
    (global.set $g (local.get 0))
    (return_call $other (i64.const 1) (local.get 0) (f64.const 2)))
  ;; Two callees, one not small: else they would be called directly.
  (func $large (type $t)
    (i32.add (i32.mul (i32.add (i32.mul (i32.add (i32.mul (i32.add (i32.mul (i32.add (i32.mul (local.get 0) (i32.add (local.get 0) (i32.const 1))) (global.get $g)) (i32.add (local.get 0) (i32.const 2))) (global.get $g)) (i32.add (local.get 0) (i32.const 3))) (global.get $g)) (i32.add (local.get 0) (i32.const 4))) (global.get $g)) (local.get 0)) (global.get $g)))
  (func $indirect (export "indirect") (type $t) (return_call_indirect $own (type $t) (local.get 0) (local.get 0)))
  (func $ref (export "ref") (param i32 (ref null $t)) (result i32) (return_call_ref $t (local.get 0) (local.get 1)))
  (func $to_import (export "to_import") (type $t) (return_call $imported (local.get 0)))
  (func $to_stack (export "to_stack") (param i64) (result i32)
    (return_call $takes_many (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (i32.const 7)))
  (func $takes_many (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i32) (result i32)
    (global.set $g (local.get 9))
    (return_call $to_stack (local.get 8)))
  (func $many_results (export "many_results") (param i32) (result i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (global.set $g (local.get 0))
    (return_call $many_results (i32.const 1)))
  (func $and_back (export "and_back") (type $t)
    (global.set $g (call $to_import (local.get 0)))
    (return_call $direct (global.get $g))))
