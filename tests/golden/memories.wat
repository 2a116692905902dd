;; An access to another memory than the first loads that memory's base from the context, once for all accesses, and needs no compare either.
;; Of an imported memory and of a shared one the record is found through a pointer.
;;
;; wat2wasm --enable-multi-memory
;; run x86-64
;; run aarch64
;; run x86-64.explicit: --bounds=explicit
;; expect x86-64 * 0 /\b(cmp|test|j[a-z]+)/
;; expect x86-64 load_own 1 /movq\t-\d+\(%r13\), %r/
;; expect x86-64 load_imported 2 /movq\t/
;; expect x86-64 sum 1 /movq\t/
;; expect aarch64 * 0 /\b(cmp|cbn?z|tbn?z|b\.)/
;; expect x86-64.explicit load_own 1 /\bcmp/
(module
  (import "env" "memory" (memory $imported 1))
  (memory $own 1)
  (func $load_own (export "load_own") (param i32) (result i32) (i32.load $own (local.get 0)))
  (func $load_imported (export "load_imported") (param i32) (result i32) (i32.load $imported offset=8 (local.get 0)))
  (func $sum (export "sum") (param i32 i32) (result i32) (i32.add (i32.load $own (local.get 0)) (i32.load $own (local.get 1)))))
