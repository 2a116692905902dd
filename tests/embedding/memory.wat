(module $memory
  (memory (export "memory") 1 4)
  (global $g (export "g") (mut i64) (i64.const 5))
  (data (i32.const 16) "initial")
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "set_g") (param i64) (global.set $g (local.get 0)))
)
