;; A proposal that is not supported yet is called by its name.
;; wat2wasm --enable-tail-call
;; run error
(module (func $f (return_call $f)))
