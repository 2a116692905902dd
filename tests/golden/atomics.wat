;; An atomic instruction of the machine per atomic instruction, after a check of the alignment, which is folded away where the address is
;; known. Plain accesses to a shared memory are what they are elsewhere, but none is left out, doubled or joined with another.
;;
;; wat2wasm --enable-threads
;; run x86-64
;; run aarch64
;; run aarch64.lse: --features=+lse
;; expect x86-64 add 1 /lock\s/
;; expect x86-64 add 1 /xaddl/
;; expect x86-64 add 1 /\btest/
;; expect x86-64 add_known 0 /\b(test|cmp)/
;; expect x86-64 load 0 /lock|mfence|xchg/
;; expect x86-64 store 1 /xchgl/
;; expect x86-64 exchange 1 /cmpxchgb/
;; expect x86-64 twice 2 /l\t\(%r\w+,%r\w+\), %eax/
;; expect x86-64 fence 1 /mfence|lock/
;; expect aarch64 add 1 /ldaxr/
;; expect aarch64 add 1 /stlxr/
;; expect aarch64.lse add 1 /ldaddal/
;; expect aarch64.lse add 0 /ldaxr/
;; expect aarch64 load 1 /ldar\t/
(module
  (memory 1 2 shared)
  (func $add (export "add") (param i32 i32) (result i32) (i32.atomic.rmw.add (local.get 0) (local.get 1)))
  (func $add_known (export "add_known") (param i32) (result i32) (i32.atomic.rmw.add (i32.const 64) (local.get 0)))
  (func $load (export "load") (param i32) (result i32) (i32.atomic.load (local.get 0)))
  (func $store (export "store") (param i32 i32) (i32.atomic.store (local.get 0) (local.get 1)))
  (func $exchange (export "exchange") (param i32 i32 i32) (result i32) (i32.atomic.rmw8.cmpxchg_u (local.get 0) (local.get 1) (local.get 2)))
  (func $twice (export "twice") (param i32) (result i32) (i32.add (i32.load (local.get 0)) (i32.load (local.get 0))))
  (func $fence (export "fence") (atomic.fence)))
