;; A proposal that is not supported yet is called by its name.
;; wat2wasm --enable-memory64
;; run error
(module (memory i64 1))
