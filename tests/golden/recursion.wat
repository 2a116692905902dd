;; Runaway recursion must exhaust the stack: a call in tail position stays a call, and an endless loop stays a loop.
;;
;; run x86-64
;; run aarch64
;; expect x86-64 runaway 1 /\bcallq\trunaway/
;; expect aarch64 runaway 1 /\bbl\trunaway/
;; expect x86-64 mutual_a 1 /\bcallq\tmutual_/
;; expect x86-64 mutual_b 1 /\bcallq\tmutual_/
;; expect x86-64 endless 1 /\bjmp\t/
(module
  (memory 1)
  (func $runaway (export "runaway") (call $runaway))
  (func $mutual_a (export "mutual_a") (param i32) (result i32) (call $mutual_b (local.get 0)))
  (func $mutual_b (param i32) (result i32) (call $mutual_a (i32.add (local.get 0) (i32.const 1))))
  (func $endless (export "endless") (loop $l (br $l))))
