#!/usr/bin/env python3
"""Bad input files: one readable line each, never a crash."""
import os
import subprocess

from harness import TRAPPED, CliTest, main

READERS = ("compile", "run", "validate", "inspect")


def sections(module):
    """(id, end offset) of each section; sizes take one byte in so small a module."""
    at = 8
    while at < len(module):
        assert module[at + 1] < 0x80
        yield module[at], at + 2 + module[at + 1]
        at += 2 + module[at + 1]


def valid_lengths(module):
    """Where a module may end: before its functions are declared, or after their code."""
    ends = list(sections(module))
    code = [section for section, _ in ends].index(10)
    return {8} | {end for section, end in ends if section == 1} | {end for _, end in ends[code:]}


class Files(CliTest):
    def every(self, name, *fragments):
        for command in READERS:
            self.refused(self.wasmc(command, name), *fragments)

    def test_missing(self):
        self.every("absent.wasm", "wasmc: absent.wasm: cannot open: No such file or directory")

    def test_directory(self):
        (self.dir / "folder.wasm").mkdir()
        self.every("folder.wasm", "wasmc: folder.wasm: is a directory")

    def test_empty(self):
        (self.dir / "empty.wasm").touch()
        self.every("empty.wasm", "wasmc: empty.wasm: the file is empty")

    def test_something_else(self):
        (self.dir / "notes.txt").write_text("Dear diary")
        self.every("notes.txt", "wasmc: notes.txt: offset 0x0: ", "magic header not detected")

    def test_foreign_elf(self):
        for command in ("run", "inspect"):
            self.refused(self.wasmc(command, "/bin/true"), "wasmc: /bin/true: ", "artifact of wasmc")

    def test_a_name_cannot_break_the_line(self):
        self.refused(self.wasmc("run", "two\nlines\x1b[1m.wasm"), "two\\x0alines\\x1b[1m.wasm: cannot open")

    def test_pipe(self):
        module = (self.dir / self.module()).read_bytes()
        for command in ("run", "validate", "inspect"):
            done = subprocess.run([os.environ["WASMC"], command, "/dev/stdin"], input=module, capture_output=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, b""))


class Damage(CliTest):
    def test_every_truncation(self):
        module = (self.dir / self.module()).read_bytes()
        valid = valid_lengths(module)
        for length in range(1, len(module)):
            (self.dir / "cut.wasm").write_bytes(module[:length])
            done = self.wasmc("validate", "cut.wasm")
            if length in valid:
                self.ok(done)
                continue
            self.refused(done, "wasmc: cut.wasm: offset 0x")
            if length % 7 == 0:
                self.assertEqual(self.refused(self.wasmc("compile", "cut.wasm")).err, done.err)
                self.assertEqual(self.refused(self.wasmc("run", "cut.wasm")).err, done.err)
        self.assertNotIn("cut.aot", self.files())

    def test_byte_flips(self):
        module = bytearray((self.dir / self.module()).read_bytes())
        for at in range(len(module)):
            flipped = module.copy()
            flipped[at] ^= 1 << at % 8
            (self.dir / "flipped.wasm").write_bytes(flipped)
            done = self.wasmc("validate", "flipped.wasm")
            self.assertIn(done.code, (0, 1), done)
            if done.code == 1:
                self.refused(done, "wasmc: flipped.wasm: ")
            if at % 5 == 0:
                ran = self.wasmc("run", "--invoke", "add", "flipped.wasm", "1", "2")
                self.assertIn(ran.code, (0, 1, TRAPPED), ran)
                if done.code == 1:
                    self.refused(ran)

    def test_an_error_names_the_function(self):
        self.module('(module (func $fine) (func $quick_sort (result i32) (drop (i32.const 1))))', options=["--no-check"])
        self.refused(self.wasmc("validate", "app.wasm"), 'wasmc: app.wasm: offset 0x', 'function 1 "quick_sort": type mismatch')

    def test_many_files(self):
        self.module()
        (self.dir / "bad.wasm").write_bytes(b"\0asm\1\0\0\0\xff")
        done = self.wasmc("validate", "app.wasm", "bad.wasm", "absent.wasm", "app.wasm")
        self.assertEqual((done.code, done.out), (1, "app.wasm: valid\napp.wasm: valid\n"))
        self.assertRegex(done.err, r"\Awasmc: bad\.wasm: offset 0x[0-9a-f]+: [^\n]+\nwasmc: absent\.wasm: [^\n]+\n\Z")


if __name__ == "__main__":
    main()
