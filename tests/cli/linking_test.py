#!/usr/bin/env python3
"""What a module imports besides WASI: from modules linked with it, from nowhere, from threads' memory."""
from harness import TRAPPED, CliTest, main

COUNTER = """(module (global $n (export "n") (mut i32) (i32.const 40))
  (func (export "_initialize") (global.set $n (i32.add (global.get $n) (i32.const 1))))
  (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))"""
USER = '(module (import "counter" "next" (func $next (result i32))) (func (export "answer") (result i32) (call $next)))'
MANY = """(module
  (import "env" "log" (func (param i32 f64) (result i32)))
  (import "env" "memory" (memory 1))
  (import "env" "base" (global (mut i64)))
  (import "env" "calls" (table 2 funcref))
  (import "wasi_snapshot_preview1" "fd_frobnicate" (func))
  (import "wasi_unstable" "sock_accept" (func (param i32 i32 i32) (result i32)))
  (import "wasi:io/streams@0.2.0" "drop" (func))
  (func (export "_start")))"""
# What calls of unknown functions of every kind of result add up to, and the size of an unknown table.
ZEROS = """(module
  (import "env" "i" (func $i (param i64 f32) (result i32)))
  (import "env" "l" (func $l (result i64)))
  (import "env" "f" (func $f (param f64) (result f32)))
  (import "env" "d" (func $d (result f64)))
  (import "env" "r" (func $r (result externref)))
  (import "env" "none" (func $none (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "env" "two" (func $two (param i32 f64) (result i64 f32)))
  (import "env" "five" (func $five (param i32) (result i32 i64 f32 f64 i32)))
  (import "env" "g" (global $g i32))
  (import "env" "m" (memory 1 2))
  (import "env" "t" (table $t 3 externref))
  (func (export "sum") (result i32)
    (call $none (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6) (i32.const 7) (i32.const 8) (i32.const 9) (i32.const 10))
    (call $i (i64.const -1) (f32.const 3)) (i32.wrap_i64 (call $l)) (i32.add)
    (i32.trunc_f32_s (call $f (f64.const 7))) (i32.add)
    (i32.trunc_f64_s (call $d)) (i32.add)
    (i32.eqz (ref.is_null (call $r))) (i32.add)
    (call $two (i32.const 7) (f64.const 8)) (drop) (i32.wrap_i64) (i32.add)
    (call $five (i32.const 9)) (drop) (i32.trunc_f64_s) (drop) (i32.trunc_f32_s) (drop) (i32.wrap_i64) (i32.add) (i32.add)
    (global.get $g) (i32.add)
    (i32.load (i32.const 65532)) (i32.add)
    (table.size $t) (i32.add)))"""


class Linking(CliTest):
    def both(self, text, *options):
        self.artifact(text)
        for file in ("app.aot", "app.wasm"):
            yield self.wasmc("run", *options, file)

    def test_preloaded_modules(self):
        self.module(COUNTER, "counter.wasm")
        self.ok(self.wasmc("compile", "counter.wasm", "-o", "counter.aot"))
        for preload in ("counter.wasm", "counter.aot"):
            for done in self.both(USER, "--preload", f"counter={preload}", "--invoke=answer"):
                self.ok(done, "42\n")

    def test_preloaded_modules_see_those_before(self):
        self.module(COUNTER, "counter.wasm")
        self.module(USER, "user.wasm")
        text = '(module (import "user" "answer" (func $a (result i32))) (func (export "twice") (result i32) (i32.add (call $a) (call $a))))'
        for done in self.both(text, "--preload=counter=counter.wasm", "--preload=user=user.wasm", "--invoke=twice"):
            self.ok(done, "85\n")  # 42 + 43: one counter for all
        done = self.wasmc("run", "--preload=user=user.wasm", "--preload=counter=counter.wasm", "app.wasm")
        self.assertIn("user.wasm: unknown import", done.err)

    def test_wrong_preloads(self):
        self.module()
        for wrong in ("app.wasm", "=app.wasm", "a="):
            self.refused(self.wasmc("run", "--preload", wrong, "app.wasm"), "--preload: not NAME=FILE")
        self.refused(self.wasmc("run", "--preload=a=app.wasm", "--preload=a=app.wasm", "app.wasm"), "two modules are named a")
        self.refused(self.wasmc("run", "--preload=a=missing.wasm", "app.wasm"), "missing.wasm", "No such file")

    def test_a_trap_in_a_preloaded_module(self):
        self.module('(module (func (export "_initialize") unreachable))', "bad.wasm")
        done = self.wasmc("run", "--preload=bad=bad.wasm", self.module())
        self.assertEqual(done.code, TRAPPED, done)

    def test_unknown_imports_are_told_together(self):
        for done in self.both(MANY):
            self.assertEqual((done.code, done.out), (1, ""))
            first, *lines = done.err.splitlines()
            self.assertRegex(first, r"\Awasmc: app\.(aot|wasm): unknown imports \(7\); --unknown-imports=trap ")
            self.assertEqual(lines, [
                '    "env" "log": function (i32 f64) -> (i32) (--preload env=FILE, a module that exports it)',
                '    "env" "memory": memory (--preload env=FILE, a module that exports it)',
                '    "env" "base": mutable global of type i64 (--preload env=FILE, a module that exports it)',
                '    "env" "calls": table of funcref (--preload env=FILE, a module that exports it)',
                '    "wasi_snapshot_preview1" "fd_frobnicate": function () -> () (WASI 0.1 has no such function)',
                '    "wasi_unstable" "sock_accept": function (i32 i32 i32) -> (i32) (not in wasi_unstable; wasi_snapshot_preview1 has it)',
                '    "wasi:io/streams@0.2.0" "drop": function () -> () (of WASI 0.2, for components; build for wasm32-wasip1)',
            ])

    def test_unknown_functions_that_trap(self):
        text = '(module (import "env" "log" (func $log (param i32 f64) (result i32))) (func (export "_start")) (func (export "call") (drop (call $log (i32.const 1) (f64.const 2)))))'
        for done in self.both(text, "--unknown-imports=trap"):
            self.ok(done, "")
        for done in self.both(text, "--unknown-imports=trap", "--invoke=call"):
            self.assertEqual(done.code, TRAPPED, done)
            self.assertIn('unknown import "env" "log" was called', done.err)
            self.assertIn("at call (function 2", done.err)
        done = self.wasmc("run", "--unknown-imports=trap", self.module(MANY))
        self.assertIn("unknown imports (3) of another kind than functions:", done.err)

    def test_unknown_imports_that_are_zero(self):
        for done in self.both(ZEROS, "--unknown-imports=zero", "--invoke=sum"):
            self.ok(done, "3\n")

    def threaded(self, start, enter="", main=""):
        """A module whose second and later instances run `start` when they begin; the first begins a thread, does `main` and waits."""
        return self.module(f"""(module
          (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (import "env" "memory" (memory 1 1 shared))
          (export "memory" (memory 0))
          (func $start (if (i32.atomic.rmw.add (i32.const 0) (i32.const 1)) (then {start})))
          (start $start)
          (func (export "wasi_thread_start") (param i32 i32) {enter})
          (func (export "_start")
            (if (i32.le_s (call $spawn (i32.const 0)) (i32.const 0)) (then (call $exit (i32.const 99))))
            {main}
            (drop (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const -1)))))""", options=["--enable-threads"])

    def test_a_thread_ends_the_program_in_its_start_function(self):
        self.assertEqual(self.wasmc("run", self.threaded("(call $exit (i32.const 7))")).code, 7)
        done = self.wasmc("run", self.threaded("unreachable"))
        self.assertEqual(done.code, 134)
        self.assertIn("unreachable", done.err)

    def test_a_thread_begins_another_in_its_start_function(self):
        begin_third = "(if (i32.eq (i32.atomic.load (i32.const 0)) (i32.const 2)) (then (drop (call $spawn (i32.const 0)))))"
        exit_as_third = "(if (i32.eq (i32.atomic.load (i32.const 0)) (i32.const 3)) (then (call $exit (i32.const 3))))"
        self.assertEqual(self.wasmc("run", self.threaded(begin_third, exit_as_third)).code, 3)

    def test_a_start_function_that_waits_keeps_no_other_thread_from_beginning(self):
        # The second instance waits in its start function until the third one, which the first begins, wakes it.
        second_waits = "(if (i32.eq (i32.atomic.rmw.add (i32.const 4) (i32.const 1)) (i32.const 0)) (then (drop (memory.atomic.wait32 (i32.const 12) (i32.const 0) (i64.const -1))) (call $exit (i32.const 5))))"
        third_wakes = "(i32.atomic.store (i32.const 12) (i32.const 1)) (drop (memory.atomic.notify (i32.const 12) (i32.const 1)))"
        begin_another = "(drop (call $spawn (i32.const 0)))"
        self.assertEqual(self.wasmc("run", self.threaded(second_waits, third_wakes, begin_another)).code, 5)

    def test_threads_need_what_they_run_on(self):
        spawn = '(import "wasi" "thread-spawn" (func (param i32) (result i32)))'
        start = '(func (export "wasi_thread_start") (param i32 i32))'
        memory = '(import "env" "memory" (memory 1 1 shared))'
        for text, why in ((f"(module {spawn} {memory})", "exports no function wasi_thread_start"),
                          (f'(module {spawn} {memory} (func (export "wasi_thread_start")))', "not of type (i32 i32) -> ()"),
                          (f"(module {spawn} {start})", "imports no shared memory")):
            self.module(text, options=["--enable-threads"])
            self.refused(self.wasmc("run", "app.wasm"), why)
        self.module(COUNTER, "counter.wasm")
        self.module(f"(module {spawn} {memory} {start})", options=["--enable-threads"])
        self.refused(self.wasmc("run", "--preload=c=counter.wasm", "app.wasm"), "not supported together with --preload")


if __name__ == "__main__":
    main()
