;; A proposal that is not supported yet is called by its name.
;; wat2wasm --enable-exceptions
;; run error
(module (tag (param i32)))
