#!/usr/bin/env python3
"""Outputs appear whole or not at all."""
import os
import resource
import signal
import stat
import subprocess
import time

from harness import WASMC, CliTest, main


def long_module(functions=600):
    """Takes a while to compile: many functions with many branches. 600 of them, 10 s or more at -O3."""
    body = "".join(f"(if (i32.eq (local.get 0) (i32.const {i})) (then (local.set 0 (i32.mul (local.get 0) (i32.const {i * 7 + 3})))))" for i in range(60))
    return "(module" + "".join(f"(func (export \"f{i}\") (param i32) (result i32) {body} (local.get 0))" for i in range(functions)) + ")"


class Places(CliTest):
    def test_default_name(self):
        self.ok(self.wasmc("compile", self.module()))
        self.assertEqual(self.files(), ["app.aot", "app.wasm"])

    def test_permissions_are_those_of_a_new_file(self):
        old = os.umask(0o027)
        self.addCleanup(os.umask, old)
        self.artifact()
        self.assertEqual(stat.S_IMODE((self.dir / "app.aot").stat().st_mode), 0o640)

    def test_replaces_a_file_and_keeps_its_permissions(self):
        (self.dir / "app.aot").write_text("old")
        (self.dir / "app.aot").chmod(0o600)
        self.artifact()
        self.assertEqual((self.dir / "app.aot").read_bytes()[:4], b"\x7fELF")
        self.assertEqual(stat.S_IMODE((self.dir / "app.aot").stat().st_mode), 0o600)

    def test_follows_a_link(self):
        (self.dir / "real.aot").write_text("old")
        (self.dir / "app.aot").symlink_to("real.aot")
        self.artifact()
        self.assertTrue((self.dir / "app.aot").is_symlink())
        self.assertEqual((self.dir / "real.aot").read_bytes()[:4], b"\x7fELF")

    def test_never_the_input(self):
        self.module()
        (self.dir / "again.wasm").hardlink_to(self.dir / "app.wasm")
        before = (self.dir / "app.wasm").read_bytes()
        for output in ("app.wasm", "./app.wasm", "again.wasm"):
            self.refused(self.wasmc("compile", "app.wasm", "-o", output), "is the input")
        self.assertEqual((self.dir / "app.wasm").read_bytes(), before)

    def test_full_disk(self):
        self.refused(self.wasmc("compile", self.module(), "-o", "/dev/full"), "wasmc: /dev/full: cannot write: No space left on device")
        self.assertEqual(self.files(), ["app.wasm"])

    def test_devices_stay_devices(self):
        self.ok(self.wasmc("compile", self.module(), "-o", "/dev/null"))
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))

    def test_places_that_cannot_be_written(self):
        self.module()
        (self.dir / "folder").mkdir()
        self.refused(self.wasmc("compile", "app.wasm", "-o", "folder"), "wasmc: folder: is a directory")
        self.refused(self.wasmc("compile", "app.wasm", "-o", "absent/app.aot"), "wasmc: absent/app.aot: cannot write: No such file or directory")
        self.refused(self.wasmc("compile", "app.wasm", "-o", "app.wasm/app.aot"), "cannot write: Not a directory")
        self.refused(self.wasmc("compile", "app.wasm", "-o", "/proc/app.aot"), "wasmc: /proc/app.aot: cannot write: ")
        self.assertEqual(self.files(), ["app.wasm", "folder"])

    def test_read_only_directory(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere; /proc/app.aot above stands for it")
        self.module()
        self.dir.chmod(0o500)
        self.addCleanup(self.dir.chmod, 0o700)
        self.refused(self.wasmc("compile", "app.wasm"), "wasmc: app.aot: cannot write: Permission denied")

    def test_an_error_leaves_nothing(self):
        (self.dir / "bad.wasm").write_bytes(b"\0asm\1\0\0\0\xff")
        self.refused(self.wasmc("compile", "bad.wasm"))
        self.refused(self.wasmc("compile", self.module(), "--cpu=z80"), "z80")
        self.refused(self.wasmc("compile", "app.wasm", "--target=pdp11"), "pdp11")
        self.assertEqual(self.files(), ["app.wasm", "bad.wasm"])

    def test_native_code_is_no_input(self):
        self.refused(self.wasmc("compile", self.artifact(), "-o", "again.aot"), "app.aot: is native code already")


class Endings(CliTest):
    """Compilations that are ended from outside."""

    def start(self, functions=600, **options):
        self.module(long_module(functions))
        (self.dir / "app.aot").write_text("old")
        process = subprocess.Popen([WASMC, "compile", "app.wasm", "-O3", "-j1"], cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.addCleanup(process.communicate)
        deadline = time.monotonic() + 60
        while len(self.files()) < 3 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        self.assertIsNone(process.poll(), "the compilation was over before it could be ended")
        self.assertEqual(len(self.files()), 3)
        return process

    def ends_without_a_trace(self, ending):
        process = self.start()
        process.send_signal(ending)
        self.assertEqual(process.wait(timeout=120), -ending)
        self.assertEqual(self.files(), ["app.aot", "app.wasm"])
        self.assertEqual((self.dir / "app.aot").read_text(), "old")

    def test_interrupt(self):
        self.ends_without_a_trace(signal.SIGINT)

    def test_termination(self):
        self.ends_without_a_trace(signal.SIGTERM)

    def test_hangup(self):
        self.ends_without_a_trace(signal.SIGHUP)

    def test_ignored_signals_stay_ignored(self):
        process = self.start(functions=100, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        process.send_signal(signal.SIGHUP)
        self.assertEqual(process.wait(timeout=120), 0)
        self.assertEqual(self.files(), ["app.aot", "app.wasm"])

    def test_file_size_limit(self):
        done = self.wasmc("compile", self.module(), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
        self.assertNotEqual(done.code, 0, done)
        self.assertEqual(self.files(), ["app.wasm"])


class Contents(CliTest):
    def test_the_same_bytes_whatever_the_threads(self):
        self.module(long_module(300))  # 130 KB of code: five partitions
        for jobs in (1, 2, 5):
            self.ok(self.wasmc("compile", "app.wasm", "-O1", f"-j{jobs}", "-o", f"{jobs}.aot"))
        self.assertEqual((self.dir / "1.aot").read_bytes(), (self.dir / "2.aot").read_bytes())
        self.assertEqual((self.dir / "1.aot").read_bytes(), (self.dir / "5.aot").read_bytes())

    def test_emit(self):
        (self.dir / "look").mkdir()
        self.ok(self.wasmc("compile", self.module(), "--emit=llvm-ir,llvm-opt", "--emit=asm,obj", "--emit-dir=look"))
        suffixes = sorted({path.suffix for path in (self.dir / "look").iterdir()})
        self.assertEqual(suffixes, [".ll", ".o", ".s"])

    def test_emit_into_nowhere(self):
        self.refused(self.wasmc("compile", self.module(), "--emit=asm", "--emit-dir=absent"), "wasmc: absent/", "No such file or directory")
        self.assertEqual(self.files(), ["app.wasm"])

    def test_times(self):
        done = self.wasmc("compile", self.module(), "--time")
        self.assertEqual(done.code, 0)
        self.assertRegex(done.err, r"\Aphase +seconds +of all threads\n(.+ +\d+\.\d{3} +\d+\.\d{3}\n){2,}\Z")

    def test_no_progress_without_a_terminal(self):
        self.module(long_module(100))
        self.ok(self.wasmc("compile", "app.wasm", "-O0"), "")

    def test_progress_on_a_terminal(self):
        self.module(long_module(200))
        ours, theirs = os.openpty()
        process = subprocess.Popen([WASMC, "compile", "app.wasm", "-O2", "-j1"], cwd=self.dir, stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = b""
        while chunk := read_terminal(ours):
            shown += chunk
        self.assertEqual(process.wait(), 0)
        self.assertRegex(shown.decode(), r"compiling app\.wasm: \d+ of 200 functions, \d+ s")
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown)


def read_terminal(descriptor):
    """Empty at the end, for which a terminal gives an error."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


if __name__ == "__main__":
    main()
