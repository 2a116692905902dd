;; The context stays in its register through calls within a module: nothing saves, moves or reloads it.
;;
;; run x86-64
;; run aarch64
;; expect x86-64 fib 0 /(push|pop)q\t%r13|, %r13\b/
;; expect aarch64 fib 0 /(stp|str|ldp|ldr|mov)\t.*\bx20\b/
;; expect aarch64 * 0 /mov\tx20\b/
(module
  (memory 1)
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2))))))))
