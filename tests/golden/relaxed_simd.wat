;; Relaxed instructions take what the target has: fused multiply-add, pshufb without a fix, minps, cvttps2dq, blendv. With --deterministic
;; they are the spec's deterministic profile.
;;
;; wat2wasm --enable-relaxed-simd
;; run x86-64.v3: --cpu=x86-64-v3
;; run x86-64.deterministic: --cpu=x86-64-v3 --deterministic
;; run aarch64
;; expect x86-64.v3 madd 1 /\bvfmadd/
;; expect x86-64.deterministic madd 0 /\bvfmadd/
;; expect aarch64 madd 1 /\bfmla\tv/
;; expect x86-64.v3 swizzle 0 /\bvpaddusb/
;; expect x86-64.deterministic swizzle 1 /\bvpaddusb/
;; expect x86-64.v3 minimum 1 /\bvminps\t/
;; expect x86-64.v3 truncate 1 /\bvcvttps2dq\t/
;; expect x86-64.v3 select 1 /\bvblendvps\t/
(module
  (func (export "madd") (param v128 v128 v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2)))
  (func (export "swizzle") (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))
  (func (export "minimum") (param v128 v128) (result v128) (f32x4.relaxed_min (local.get 0) (local.get 1)))
  (func (export "truncate") (param v128) (result v128) (i32x4.relaxed_trunc_f32x4_s (local.get 0)))
  (func (export "select") (param v128 v128 v128) (result v128) (i32x4.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2))))
