;; A proposal that is not supported yet is called by its name.
;; run error
(module (func (result v128) (v128.const i32x4 1 2 3 4)))
