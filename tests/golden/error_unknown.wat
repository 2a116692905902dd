;; An index out of range names its kind.
;; run error
(module (func (local.get 7) (drop)))
