;; A global of the module's own is at a fixed place below the context pointer: one instruction to read it, one to write it.
;;
;; run x86-64
;; run aarch64
;; expect x86-64 get 1 /\(%r13\)/
;; expect x86-64 get 1 /mov/
;; expect x86-64 set 1 /mov/
;; expect aarch64 get 1 /ldu?r\t/
;; expect aarch64 set 1 /stu?r\t/
(module
  (import "env" "shared" (global $shared (mut i32)))
  (global $counter (mut i32) (i32.const 7))
  (global $ratio (mut f64) (f64.const 0.5))
  (global $fixed i64 (i64.const 42))
  (func $get (export "get") (result i32) (global.get $counter))
  (func $set (export "set") (param i32) (global.set $counter (local.get 0)))
  (func $add (export "add") (param i32) (global.set $counter (i32.add (global.get $counter) (local.get 0))))
  (func $scale (export "scale") (param f64) (result f64) (f64.mul (global.get $ratio) (local.get 0)))
  (func $constant (export "constant") (result i64) (global.get $fixed))
  (func $imported (export "imported") (result i32) (global.get $shared)))
