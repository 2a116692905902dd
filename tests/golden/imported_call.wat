;; An imported function is called through its slot in the context area, with the context that the slot names.
;;
;; run x86-64
;; run aarch64
;; expect x86-64 twice 2 /callq\t\*/
;; expect x86-64 twice 0 /\bcmp/
(module
  (import "env" "f" (func $f (param i32) (result i32)))
  (func $twice (export "twice") (param i32) (result i32) (call $f (call $f (local.get 0)))))
