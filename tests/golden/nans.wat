;; A signalling NaN leaves arithmetic quiet: LLVM folds these to their operand (or its negation), so something that quiets must stay.
;;
;; run x86-64
;; run aarch64
;; expect x86-64 * >=1 /\b(mul|add|sub|div|cvtss2|cvtsd2)s?[sd]?/
;; expect aarch64 * >=1 /\bf(mul|nmul|add|sub|div|cvt)\t/
(module
  (memory 1)
  (func $times_one (export "times_one") (param f64) (result f64) (f64.mul (local.get 0) (f64.const 1)))
  (func $over_minus_one (export "over_minus_one") (param f32) (result f32) (f32.div (local.get 0) (f32.const -1)))
  (func $plus_minus_zero (export "plus_minus_zero") (param f64) (result f64) (f64.add (local.get 0) (f64.const -0)))
  (func $minus_zero (export "minus_zero") (param f32) (result f32) (f32.sub (local.get 0) (f32.const 0)))
  (func $round_trip (export "round_trip") (param f32) (result f32) (f32.demote_f64 (f64.promote_f32 (local.get 0)))))
