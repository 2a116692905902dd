;; Sizes are read in place; table.get, growth and long fills are calls of builtins.
;;
;; run x86-64
;; expect x86-64 get 1 /\bcallq/
;; expect x86-64 size 0 /\bcallq/
;; expect x86-64 memory_size 0 /\bcallq/
(module
  (memory 1)
  (table $objects 10 externref)
  (func $get (export "get") (param i32) (result externref) (table.get $objects (local.get 0)))
  (func $is_null (export "is_null") (param i32) (result i32) (ref.is_null (table.get $objects (local.get 0))))
  (func $size (export "size") (result i32) (table.size $objects))
  (func $fill (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func $grow (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func $memory_size (export "memory_size") (result i32) (memory.size)))
