;; Loops that look for a byte look at 16 at a time: strlen, and memchr with a count. One that also stores is left as it is.
;;
;; run x86-64
;; expect x86-64 length 1 /pcmpeqb/
;; expect x86-64 find 1 /pcmpeqb/
;; expect x86-64 copy 0 /pcmpeqb/
;; run aarch64
;; expect aarch64 length 1 /cmeq\s+v\d+\.16b/
;; expect aarch64 find 1 /cmeq\s+v\d+\.16b/
(module
  (memory 1)
  (func $length (export "length") (param $at i32) (result i32) (local $end i32)
    (local.set $end (local.get $at))
    (block $found
      (loop $next
        (br_if $found (i32.eqz (i32.load8_u (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $next)))
    (i32.sub (local.get $end) (local.get $at)))
  (func $find (export "find") (param $at i32) (param $byte i32) (param $count i32) (result i32) (local $i i32)
    (block $found
      (loop $next
        (br_if $found (i32.ge_u (local.get $i) (local.get $count)))
        (br_if $found (i32.eq (i32.load8_u (i32.add (local.get $at) (local.get $i))) (i32.and (local.get $byte) (i32.const 255))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (local.get $i))
  (func $copy (export "copy") (param $to i32) (param $from i32) (result i32)
    (block $found
      (loop $next
        (i32.store8 (local.get $to) (i32.load8_u (local.get $from)))
        (br_if $found (i32.eqz (i32.load8_u (local.get $from))))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br $next)))
    (local.get $to)))
