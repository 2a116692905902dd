;; A load whose value is dropped must still trap, so it stays; a load whose value is used may move and merge.
;;
;; run x86-64
;; run aarch64
;; run x86-64.strict: --strict-traps
;; expect x86-64 dropped 1 /\(%r13/
;; expect x86-64 unused_local 1 /\(%r13/
;; expect x86-64 twice 1 /\(%r13/
;; expect x86-64.strict twice 2 /\(%r13/
(module
  (memory 1)
  (func $dropped (export "dropped") (param i32) (drop (i32.load (local.get 0))))
  (func $unused_local (export "unused_local") (param i32) (local i32) (local.set 1 (i32.load (local.get 0))))
  (func $twice (export "twice") (param i32) (result i32) (i32.add (i32.load (local.get 0)) (i32.load (local.get 0)))))
