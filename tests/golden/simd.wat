;; A vector instruction is one machine instruction where the target has one; where it does not, a short sequence.
;;
;; run x86-64.v3: --cpu=x86-64-v3
;; run aarch64
;; expect x86-64.v3 add 1 /\bvpaddd\t/
;; expect aarch64 add 1 /\badd\tv/
;; expect x86-64.v3 mul_f64 1 /\bvmulpd\t/
;; expect aarch64 mul_f64 1 /\bfmul\tv/
;; expect x86-64.v3 saturate 1 /\bvpaddsb\t/
;; expect aarch64 saturate 1 /\bsqadd\tv/
;; expect x86-64.v3 average 1 /\bvpavgb\t/
;; expect aarch64 average 1 /\burhadd\tv/
;; expect x86-64.v3 swizzle 1 /\bvpshufb\t/
;; expect aarch64 swizzle 1 /\btbl\tv/
;; expect x86-64.v3 dot 1 /\bvpmaddwd\t/
;; expect x86-64.v3 narrow 1 /\bvpackuswb\t/
;; expect x86-64.v3 bitmask 1 /\bvpmovmskb\t/
;; expect x86-64.v3 any_true 1 /\bvptest\t/
;; expect x86-64.v3 pmin 1 /\bvminps\t/
;; expect x86-64.v3 pmin 0 /\bvcmp|\bvblend/
;; expect aarch64 minimum 1 /\bfmin\tv/
;; expect x86-64.v3 q15 1 /\bvpmulhrsw\t/
;; expect aarch64 q15 1 /\bsqrdmulh\tv/
;; expect x86-64.v3 pairs 1 /\bvpmaddubsw\t/
;; expect aarch64 pairs 1 /\bsaddlp\tv/
;; expect x86-64.v3 widen_load 1 /\bvpmovsxbw\t.*\(%r13/
;; expect x86-64.v3 lane 1 /\bvpinsrw\t.*\(%r13/
;; expect x86-64.v3 select 1..3 /\bvp(and|andn|or|xor)|\bv(and|andn|or)ps/
;; expect aarch64 select 1 /\bb(sl|if|it)\tv/
;; expect x86-64.v3 quieted >=1 /\bvmulps\t/
(module
  (memory 1)
  (func (export "add") (param v128 v128) (result v128) (i32x4.add (local.get 0) (local.get 1)))
  (func (export "mul_f64") (param v128 v128) (result v128) (f64x2.mul (local.get 0) (local.get 1)))
  (func (export "saturate") (param v128 v128) (result v128) (i8x16.add_sat_s (local.get 0) (local.get 1)))
  (func (export "average") (param v128 v128) (result v128) (i8x16.avgr_u (local.get 0) (local.get 1)))
  (func (export "swizzle") (param v128 v128) (result v128) (i8x16.swizzle (local.get 0) (local.get 1)))
  (func (export "dot") (param v128 v128) (result v128) (i32x4.dot_i16x8_s (local.get 0) (local.get 1)))
  (func (export "narrow") (param v128 v128) (result v128) (i8x16.narrow_i16x8_u (local.get 0) (local.get 1)))
  (func (export "bitmask") (param v128) (result i32) (i8x16.bitmask (local.get 0)))
  (func (export "any_true") (param v128) (result i32) (v128.any_true (local.get 0)))
  (func (export "pmin") (param v128 v128) (result v128) (f32x4.pmin (local.get 0) (local.get 1)))
  (func (export "minimum") (param v128 v128) (result v128) (f32x4.min (local.get 0) (local.get 1)))
  (func (export "q15") (param v128 v128) (result v128) (i16x8.q15mulr_sat_s (local.get 0) (local.get 1)))
  (func (export "pairs") (param v128) (result v128) (i16x8.extadd_pairwise_i8x16_s (local.get 0)))
  (func (export "widen_load") (param i32) (result v128) (v128.load8x8_s offset=8 (local.get 0)))
  (func (export "lane") (param i32 v128) (result v128) (v128.load16_lane 3 (local.get 0) (local.get 1)))
  (func (export "select") (param v128 v128 v128) (result v128) (v128.bitselect (local.get 0) (local.get 1) (local.get 2)))
  ;; A signalling NaN must come out quiet: the multiplication by one stays.
  (func (export "quieted") (param v128) (result v128) (f32x4.mul (local.get 0) (v128.const f32x4 1 1 1 1))))
