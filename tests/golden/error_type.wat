;; A type error is told with offset, function and name.
;; run error
(module
  (func $fine (result i32) (i32.const 1))
  (func $quick_sort (export "sort") (param i32) (result i32) (i32.add (local.get 0) (f32.const 1))))
