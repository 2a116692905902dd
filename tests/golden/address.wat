;; An access with guard pages is one instruction: the index, zero-extended, plus base and offset, and no compare.
;; With explicit bounds it is one compare more. A folded address without the zero-extension would be a way out of the sandbox.
;;
;; run x86-64
;; run aarch64
;; run x86-64.explicit: --bounds=explicit
;; run aarch64.explicit: --bounds=explicit
;; expect x86-64 * 0 /\b(cmp|test|j[a-z]+)/
;; expect aarch64 * 0 /\b(cmp|cbn?z|tbn?z|b\.)/
;; expect x86-64 load 1 /movl\t(\d+)?\(%r13,%r[a-d]x/
;; expect x86-64 load 1 /movl\t%edi, %e/
;; expect x86-64 load_offset 1 /movl\t1000\(%r13,%r/
;; expect aarch64 load 1 /uxtw/
;; expect x86-64.explicit load 1 /\bcmp/
;; expect aarch64.explicit load 1 /\bcmp/
;; expect x86-64.explicit load_offset 1 /\bcmp/
(module
  (memory 1)
  (func $load (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func $load_offset (export "load_offset") (param i32) (result i32) (i32.load offset=1000 (local.get 0)))
  (func $load_far (export "load_far") (param i32) (result i64) (i64.load offset=4294967295 (local.get 0)))
  (func $load_sum (export "load_sum") (param i32 i32) (result i32) (i32.load8_s offset=4 (i32.add (local.get 0) (local.get 1))))
  (func $load_minus (export "load_minus") (param i32) (result i32) (i32.load offset=8 (i32.sub (local.get 0) (i32.const 4))))
  (func $load_scaled (export "load_scaled") (param i32) (result i32) (i32.load (i32.shl (local.get 0) (i32.const 2))))
  (func $load_constant (export "load_constant") (result i32) (i32.load (i32.const 1024)))
  (func $store (export "store") (param i32 i64) (i64.store offset=16 (local.get 0) (local.get 1)))
  (func $store_float (export "store_float") (param i32 f64) (f64.store (local.get 0) (local.get 1))))
