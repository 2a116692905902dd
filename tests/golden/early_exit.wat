;; What a function reads first says that there is nothing to do: nothing is saved for that, although the memory's base is in a register that calls preserve.
;;
;; run x86-64
;; expect x86-64 first_or_trap 0 /popq/
(module
  (memory 1)
  (global $found (mut i32) (i32.const 0))
  (func $count (export "count") (param $from i32) (param $to i32)
    (if (i32.eqz (i32.load offset=8 (i32.const 1024))) (then (return)))
    (loop $next
      (global.set $found (i32.add (global.get $found) (i32.const 1)))
      (call $count (i32.add (local.get $from) (i32.const 1)) (local.get $to))
      (br_if $next (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 1))) (local.get $to)))))
  ;; And where something is called only to trap, nothing is ever restored.
  (func $first_or_trap (export "first_or_trap") (param $list i32) (result i32)
    (if (i32.eqz (i32.load (local.get $list))) (then (unreachable)))
    (i32.load offset=4 (local.get $list))))
