;; A proposal that is not supported yet is called by its name.
;; wat2wasm --enable-threads
;; run error
(module (memory 1 2 shared))
