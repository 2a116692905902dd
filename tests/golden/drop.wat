;; A load whose value is dropped must still trap, so it stays; a load whose value is used may move and merge.
;;
;; run x86-64
;; run aarch64
;; run x86-64.strict: --strict-traps
;; run x86-64.quick: -O0
;; expect x86-64 dropped 1 /\(%r13/
;; expect x86-64 unused_local 1 /\(%r13/
;; expect x86-64 twice 1 /\(%r13/
;; expect x86-64.strict twice 2 /\(%r13/
;; expect x86-64 masked 1 /\(%r13/
;; expect x86-64 chosen 1 /\(%r13/
;; expect x86-64 merged 1 /\(%r13/
;; expect x86-64.quick dropped 1 /\(%r13/
;; expect x86-64.quick masked 1 /\(%r13/
;; expect x86-64.quick chosen 1 /\(%r13/
;; expect x86-64.quick merged 1 /,%rcx\)/
(module
  (memory 1)
  (func $dropped (export "dropped") (param i32) (drop (i32.load (local.get 0))))
  (func $unused_local (export "unused_local") (param i32) (local i32) (local.set 1 (i32.load (local.get 0))))
  (func $masked (export "masked") (param i32) (result i32) (i32.mul (i32.and (i32.load (local.get 0)) (i32.const 0)) (i32.const 5)))
  (func $chosen (export "chosen") (param i32) (result i32) (select (i32.load (local.get 0)) (i32.const 7) (i32.const 0)))
  (func $merged (export "merged") (param i32 i32) (result i32)
    (i32.xor (i32.const 0) (if (result i32) (local.get 1) (then (i32.and (i32.const 0) (i32.load (local.get 0)))) (else (i32.const 0)))))
  (func $twice (export "twice") (param i32) (result i32) (i32.add (i32.load (local.get 0)) (i32.load (local.get 0)))))
