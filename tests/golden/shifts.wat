;; Shift counts wrap by themselves on both machines: no masks. Rotates are rotates.
;;
;; run x86-64
;; run aarch64
;; expect x86-64 * 0 /\band/
;; expect aarch64 shl 0 /\band\t/
;; expect x86-64 rotl 1 /\brol/
;; expect aarch64 rotr 1 /\bror\t/
(module
  (memory 1)
  (func $shl (export "shl") (param i32 i32) (result i32) (i32.shl (local.get 0) (local.get 1)))
  (func $shr_s (export "shr_s") (param i64 i64) (result i64) (i64.shr_s (local.get 0) (local.get 1)))
  (func $rotl (export "rotl") (param i32 i32) (result i32) (i32.rotl (local.get 0) (local.get 1)))
  (func $rotr (export "rotr") (param i64 i64) (result i64) (i64.rotr (local.get 0) (local.get 1))))
