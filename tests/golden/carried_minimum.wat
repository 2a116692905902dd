;; A minimum that is carried from one iteration to the next. Of `min(other, min(carried, beside) + 1)` two comparisons and an addition wait for the iteration
;; before; what is left is a minimum and an addition, behind two branches that ask whether a sum would wrap. Of several minima the carried one comes last.
;;
;; run ir
;; run x86-64
;; run aarch64
;; expect ir unsigned >=2 /icmp eq i32 %[0-9]+, (0|-1)$/
;; expect ir unsigned >=4 /llvm.umin/
;; expect ir signed >=2 /icmp eq i32 %[0-9]+, (2147483647|-2147483648)$/
;; expect ir largest >=2 /icmp eq i32 %[0-9]+, (2147483647|-2147483648)$/
;; expect ir carried_beside 0 /icmp eq i32 %[0-9]+, (0|-1)$/
;; expect ir last >=1 /llvm.umin.i32\(i32 %[0-9]+, i32 %local/
(module
  (memory 1)
  ;; The next cell: the least of the one to the left of the one above, and one more than the cell above and the one before.
  (func $unsigned (export "unsigned") (param $above i32) (param $end i32) (param $carried i32) (local $beside i32) (local $other i32)
    (loop $next
      (local.set $other (i32.load offset=65536 (local.get $above)))
      (local.set $beside (i32.load (local.get $above)))
      (local.set $carried (i32.add (i32.const 1)
        (select (local.get $carried) (local.get $beside) (i32.lt_u (local.get $carried) (local.get $beside)))))
      (local.set $carried (select (local.get $carried) (local.get $other) (i32.lt_u (local.get $carried) (local.get $other))))
      (i32.store offset=131072 (local.get $above) (local.get $carried))
      (br_if $next (i32.ne (local.tee $above (i32.add (local.get $above) (i32.const 4))) (local.get $end)))))
  (func $signed (export "signed") (param $above i32) (param $end i32) (param $carried i32) (local $beside i32) (local $other i32)
    (loop $next
      (local.set $other (i32.load offset=65536 (local.get $above)))
      (local.set $beside (i32.load (local.get $above)))
      (local.set $carried (i32.add (i32.const 1)
        (select (local.get $carried) (local.get $beside) (i32.lt_s (local.get $carried) (local.get $beside)))))
      (local.set $carried (select (local.get $carried) (local.get $other) (i32.lt_s (local.get $carried) (local.get $other))))
      (i32.store offset=131072 (local.get $above) (local.get $carried))
      (br_if $next (i32.ne (local.tee $above (i32.add (local.get $above) (i32.const 4))) (local.get $end)))))
  (func $largest (export "largest") (param $above i32) (param $end i32) (param $carried i32) (local $beside i32) (local $other i32)
    (loop $next
      (local.set $other (i32.load offset=65536 (local.get $above)))
      (local.set $beside (i32.load (local.get $above)))
      (local.set $carried (i32.add (i32.const -1)
        (select (local.get $carried) (local.get $beside) (i32.gt_s (local.get $carried) (local.get $beside)))))
      (local.set $carried (select (local.get $carried) (local.get $other) (i32.gt_s (local.get $carried) (local.get $other))))
      (i32.store offset=131072 (local.get $above) (local.get $carried))
      (br_if $next (i32.ne (local.tee $above (i32.add (local.get $above) (i32.const 4))) (local.get $end)))))
  ;; Here the other value waits too, so nothing is won.
  (func $carried_beside (export "carried_beside") (param $above i32) (param $end i32) (param $carried i32) (local $other i32)
    (loop $next
      (local.set $other (i32.xor (local.get $carried) (i32.load (local.get $above))))
      (local.set $carried (i32.add (i32.const 1)
        (select (local.get $carried) (local.get $above) (i32.lt_u (local.get $carried) (local.get $above)))))
      (local.set $carried (select (local.get $carried) (local.get $other) (i32.lt_u (local.get $carried) (local.get $other))))
      (i32.store offset=131072 (local.get $above) (local.get $carried))
      (br_if $next (i32.ne (local.tee $above (i32.add (local.get $above) (i32.const 4))) (local.get $end)))))
  ;; A minimum that would belong to two links belongs to the first.
  (func $links (export "links") (param $above i32) (param $end i32) (param $carried i32) (local $value i32)
    (loop $next
      (local.set $carried (i32.add (i32.const 1) (local.get $carried)))
      (local.set $value (i32.load (local.get $above)))
      (local.set $carried (select (local.get $carried) (local.get $value) (i32.lt_s (local.get $carried) (local.get $value))))
      (br_if $next (i32.ne (local.tee $above (i32.add (local.get $above) (i32.const 4))) (local.get $end))))
    (i32.store (i32.const 0) (local.get $carried)))
  ;; min(min(carried, a), b)
  (func $last (export "last") (param $above i32) (param $end i32) (param $carried i32) (local $value i32)
    (loop $next
      (local.set $value (i32.load (local.get $above)))
      (local.set $carried (select (local.get $carried) (local.get $value) (i32.lt_u (local.get $carried) (local.get $value))))
      (local.set $value (i32.load offset=65536 (local.get $above)))
      (local.set $carried (select (local.get $carried) (local.get $value) (i32.lt_u (local.get $carried) (local.get $value))))
      (i32.store offset=131072 (local.get $above) (local.get $carried))
      (br_if $next (i32.ne (local.tee $above (i32.add (local.get $above) (i32.const 4))) (local.get $end))))))
