;; A 64-bit index has no guard behind it, so the check is explicit in both bounds modes. Where the offset is within the declared minimum
;; it is one compare, against the length less the offset; beyond, the sum of index and offset must not wrap around either. The
;; access itself is one instruction that the offset is folded into.
;;
;; wat2wasm --enable-memory64
;; run x86-64
;; run x86-64.explicit: --bounds=explicit
;; run aarch64
;; expect x86-64 load 1 /\bcmp/
;; expect x86-64 load 1 /\bja\b/
;; expect x86-64 load 1 /movl\t\(%r13,%rdi\), %eax/
;; expect x86-64 load_offset 1 /\bcmp/
;; expect x86-64 load_offset 1 /movl\t1000\(%r13,%rdi\), %eax/
;; expect x86-64 load_far 1 /\bcmp/
;; expect x86-64 load_far 1 /\bj(b|c|ae)\b|\bset(b|c)\b|\bcmov(b|c|ae)/
;; expect x86-64.explicit load 1 /\bcmp/
;; expect aarch64 load 1 /\bcmp/
;; expect aarch64 load 1 /ldr\tw0, \[x20, x0\]/
(module
  (memory i64 1)
  (func $load (export "load") (param i64) (result i32) (i32.load (local.get 0)))
  (func $load_offset (export "load_offset") (param i64) (result i32) (i32.load offset=1000 (local.get 0)))
  (func $load_far (export "load_far") (param i64) (result i32) (i32.load offset=100000 (local.get 0)))
  (func $store (export "store") (param i64 i64) (i64.store offset=16 (local.get 0) (local.get 1)))
  (func $size (export "size") (result i64) (memory.size)))
