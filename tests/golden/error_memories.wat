;; A proposal that is not supported yet is called by its name.
;; wat2wasm --enable-multi-memory
;; run error
(module (memory 1) (memory 1))
