#!/usr/bin/env python3
"""Profiles: left by a run however it ends, used by `compile` and `run`, refused where they do not belong."""
import os
import signal
import subprocess
import time

from harness import TRAPPED, WASMC, CliTest, main

# A loop of n calls through a table, then an end of one kind or another.
PROGRAM = """(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (type $op (func (param i32) (result i32)))
  (memory (export "memory") 1)
  (table 3 funcref)
  (elem (i32.const 0) $one $two $three)
  (func $one (type $op) (i32.add (local.get 0) (i32.const 1)))
  (func $two (type $op) (i32.mul (local.get 0) (i32.const 3)))
  (func $three (type $op) (i32.xor (local.get 0) (i32.const 77)))
  (func $work (export "work") (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (call_indirect (type $op) (local.get $sum) (i32.rem_u (local.get $n) (i32.const 3))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "_start") (drop (call $work (i32.const 100000))) %s))
"""
# Two threads count at the same time; the first to end ends the process.
THREADS = """(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "env" "memory" (memory 1 1 shared))
  (export "memory" (memory 0))
  (func $count (param i32) (loop $again (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "wasi_thread_start") (param i32 i32) (call $count (i32.const 1000000)) (call $exit (i32.const 9)))
  (func (export "_start") (drop (call $spawn (i32.const 0))) (loop $forever (call $count (i32.const 1000)) (br $forever))))
"""


class ProfileTest(CliTest):
    def program(self, end="", name="app.wasm"):
        return self.module(PROGRAM % end, name)

    def profile(self, name="app.wasm", profile="app.profile"):
        self.ok(self.wasmc("run", f"--profile-out={profile}", name))
        return profile


class Recording(ProfileTest):
    def test_however_a_run_ends(self):
        for end, code in (("", 0), ("(call $exit (i32.const 7))", 7), ("(unreachable)", TRAPPED), ("(drop (i32.load (i32.const 0x7fffffff)))", TRAPPED)):
            self.program(end)
            done = self.wasmc("run", "--profile-out=app.profile", "app.wasm")
            self.assertEqual(done.code, code, done)
            self.assertEqual(self.files(), ["app.profile", "app.wasm"])
            self.ok(self.wasmc("compile", "--profile-use=app.profile", "app.wasm", "-o", "/dev/null"))
            (self.dir / "app.profile").unlink()

    def test_invoke(self):
        self.ok(self.wasmc("run", "--profile-out=app.profile", "--invoke", "work", self.program(), "1000"))
        self.assertEqual(self.files(), ["app.profile", "app.wasm"])

    def test_threads(self):
        done = self.wasmc("run", "--profile-out=app.profile", self.module(THREADS, options=["--enable-threads"]))
        self.assertEqual((done.code, done.err), (9, ""))
        self.ok(self.wasmc("compile", "--profile-use=app.profile", "app.wasm"))

    def test_the_same_run_leaves_the_same_bytes(self):
        self.program()
        contents = {(self.dir / self.profile(profile=name)).read_bytes() for name in ("a", "b")}
        self.assertEqual(len(contents), 1)

    def test_nothing_is_cached(self):
        self.program()
        self.profile()
        self.assertEqual(list(self.cache.glob("**/*.aot")), [])
        self.ok(self.wasmc("run", "app.wasm"))
        self.profile()  # nor is what was cached taken
        self.assertEqual(len(list(self.cache.glob("**/*.aot"))), 1)

    def test_an_interrupted_run_leaves_nothing(self):
        self.module("(module (func (export \"_start\") (loop $forever (br $forever))))")
        run = subprocess.Popen([WASMC, "run", "--profile-out=app.profile", "app.wasm"], cwd=self.dir)
        while len(self.files()) < 2:
            time.sleep(0.01)
        time.sleep(0.3)
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(timeout=60), -signal.SIGINT)
        self.assertEqual(self.files(), ["app.wasm"])

    def test_text_and_pipes(self):
        (self.dir / "app.wat").write_text(PROGRAM % "")
        self.profile("app.wat")
        self.ok(self.wasmc("compile", "--profile-use=app.profile", "app.wat"))

    def test_places_that_cannot_be_written(self):
        self.program()
        self.refused(self.wasmc("run", "--profile-out=none/app.profile", "app.wasm"), "none/app.profile: cannot write: No such file")
        self.refused(self.wasmc("run", "--profile-out=.", "app.wasm"), ".: is a directory")
        self.refused(self.wasmc("run", "--profile-out=app.wasm", "app.wasm"), "is the input")
        self.refused(self.wasmc("run", "--profile-out=/dev/full", "app.wasm"), "/dev/full: cannot write: No space left on device")
        self.assertEqual(self.files(), ["app.wasm"])

    def test_a_module_that_is_refused_leaves_nothing(self):
        (self.dir / "bad.wasm").write_bytes(b"\0asm\1\0\0\0\1")
        self.refused(self.wasmc("run", "--profile-out=app.profile", "bad.wasm"), "bad.wasm")
        self.assertEqual(self.files(), ["bad.wasm"])

    def test_native_code_counts_nothing(self):
        artifact = self.artifact(PROGRAM % "")
        for option in ("--profile-out=x", "--profile-use=x"):
            self.refused(self.wasmc("run", option, artifact), "app.aot: is native code already", "need the module")
        self.assertEqual(self.files(), ["app.aot", "app.wasm"])

    def test_options_that_do_not_go_together(self):
        for option in ("--profile-use=x", "--allow-precompiled", "--preload=a=app.wasm"):
            self.refused(self.wasmc("run", "--profile-out=y", option, self.program()), "--profile-out")
        self.assertEqual(self.files(), ["app.wasm"])


class Using(ProfileTest):
    def test_other_code_that_does_the_same(self):
        profile = self.profile(self.program())
        for target in ("x86_64", "aarch64"):
            self.ok(self.wasmc("compile", f"--target={target}", "app.wasm", "-o", "plain.aot"))
            for name, jobs in (("a.aot", 1), ("b.aot", 4)):
                self.ok(self.wasmc("compile", f"--target={target}", f"-j{jobs}", f"--profile-use={profile}", "app.wasm", "-o", name))
            plain, first, second = ((self.dir / name).read_bytes() for name in ("plain.aot", "a.aot", "b.aot"))
            self.assertEqual(first, second)
            self.assertNotEqual(first, plain)
        expected = self.ok(self.wasmc("run", "--invoke", "work", "app.wasm", "12345")).out
        self.ok(self.wasmc("compile", f"--profile-use={profile}", "app.wasm"))
        self.ok(self.wasmc("run", "--invoke", "work", "app.aot", "12345"), expected)
        for _ in range(2):  # compiled, and from the cache
            self.ok(self.wasmc("run", f"--profile-use={profile}", "--invoke", "work", "app.wasm", "12345"), expected)
        self.assertEqual(len(list(self.cache.glob("**/*.aot"))), 2)  # with the profile, and without

    def test_universal(self):
        profile = self.profile(self.program())
        self.ok(self.wasmc("compile", f"--profile-use={profile}", "--target=x86_64", "--target=aarch64", "app.wasm", "-o", "fat.wasm"))
        self.ok(self.wasmc("compile", f"--profile-use={profile}", "fat.wasm", "-o", "app.aot"))  # the module in it is the same

    def test_names_and_other_custom_sections_do_not_matter(self):
        profile = self.profile(self.program())
        subprocess.run(["wat2wasm", "-", "-o", self.dir / "stripped.wasm"], input=(PROGRAM % "").encode(), check=True)
        self.ok(self.wasmc("compile", f"--profile-use={profile}", "stripped.wasm"))

    def test_another_module(self):
        profile = self.profile(self.program())
        self.program("(call $exit (i32.const 1))", "other.wasm")
        for command in ("compile", "run"):
            self.refused(self.wasmc(command, f"--profile-use={profile}", "other.wasm"), "other.wasm: the profile app.profile is of another module")
        self.assertEqual(self.files(), ["app.profile", "app.wasm", "other.wasm"])

    def test_files_that_are_no_profiles(self):
        self.program()
        (self.dir / "empty").write_bytes(b"")
        os.mkfifo(self.dir / "pipe")
        for path, words in (("none", "cannot open: No such file"), (".", "is no regular file"), ("empty", "empty"), ("/dev/zero", "is no regular file"), ("pipe", "is no regular file")):
            for command in ("compile", "run"):
                self.refused(self.wasmc(command, f"--profile-use={path}", "app.wasm"), f"{path}: ", words)
        self.refused(self.wasmc("compile", "--profile-use=app.wasm", "app.wasm"), "the profile app.wasm is no profile")

    def test_damage(self):
        profile = self.profile(self.program())
        whole = (self.dir / profile).read_bytes()
        damaged = self.dir / "damaged"
        for size in (1, 7, 8, 11, 12, 27, 28, 35, 36, len(whole) // 2, len(whole) - 1):
            damaged.write_bytes(whole[:size])
            self.refused(self.wasmc("compile", "--profile-use=damaged", "app.wasm"), "app.wasm: the profile damaged is")
        for at in range(0, len(whole), 5):
            damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1:])
            self.refused(self.wasmc("compile", "--profile-use=damaged", "app.wasm"), "app.wasm: the profile damaged ")
        damaged.write_bytes(whole[:8] + b"\2" + whole[9:])
        self.refused(self.wasmc("compile", "--profile-use=damaged", "app.wasm"), "the profile damaged has version 2, this wasmc reads version 1")


if __name__ == "__main__":
    main()
