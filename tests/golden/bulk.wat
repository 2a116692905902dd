;; Short copies are done in place once both ranges are known to be inside; what is long or outside goes to the builtin.
;; A literal count becomes straight code, all loads before any store.
;;
;; run x86-64
;; expect x86-64 copy_24 2 /movups\t.*, %xmm/
;; expect x86-64 copy_24 2 /movups\t%xmm/
;; expect x86-64 copy_24 1 /\bcallq/
;; expect x86-64 copy_3 2 /movzwl\t/
;; expect x86-64 copy 2 /\bcallq/
;; expect x86-64 fill_zero_40 3 /movups\t%xmm/
;; expect x86-64 copy_long 1 /\bcallq/
(module
  (memory 1)
  (func $copy (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func $copy_3 (export "copy_3") (param i32 i32) (memory.copy (local.get 0) (local.get 1) (i32.const 3)))
  (func $copy_24 (export "copy_24") (param i32 i32) (memory.copy (local.get 0) (local.get 1) (i32.const 24)))
  (func $copy_long (export "copy_long") (param i32 i32) (memory.copy (local.get 0) (local.get 1) (i32.const 4096)))
  (func $fill (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func $fill_zero_40 (export "fill_zero_40") (param i32) (memory.fill (local.get 0) (i32.const 0) (i32.const 40))))
