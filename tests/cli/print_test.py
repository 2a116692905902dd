#!/usr/bin/env python3
"""`wasmc print`: what it writes reads back to the same module."""
import os
import pathlib
import re
import unittest

from harness import SMALL, CliTest, main

GOLDEN = pathlib.Path(__file__).parent.parent / "golden"
SCRIPTS = os.environ.get("WASMC_SPEC_TESTS", "")


def leb(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def sections(module):
    """What a text says of a module: its sections but the custom ones and the data count, without empty ones. Padded sizes of sections and
    bodies do not count."""
    at, out = 8, []
    while at < len(module):
        kind = module[at]
        size, at = leb(module, at + 1)
        payload, at = module[at:at + size], at + size
        if kind in (0, 12):
            continue
        count, begin = leb(payload, 0)
        if kind == 10:
            bodies = []
            for _ in range(count):
                size, begin = leb(payload, begin)
                bodies.append(payload[begin:begin + size])
                begin += size
            if bodies:
                out.append((kind, bodies))
        elif count or kind == 8:
            out.append((kind, count, payload[begin:]))
    return out


def unescape(string):
    return bytes(int(digits, 16) if digits else ord(char) for digits, char in re.findall(r"\\([0-9a-f]{2})|(.)", string, re.S))


def binary_modules(script):
    """The modules that a script of the test suite defines in the binary format."""
    for strings in re.findall(r'\(module(?: definition)?(?: \$\S+)? binary((?:\s*"[^"]*")*)', script):
        yield b"".join(unescape(string) for string in re.findall(r'"([^"]*)"', strings))


class Print(CliTest):
    def test_to_standard_output_and_to_a_file(self):
        done = self.ok(self.wasmc("print", self.module()))
        self.assertIn('(func $add (;0;) (type $binary) (param i32 i32) (result i32)\n    local.get 0\n    local.get 1\n    i32.add\n  )', done.out)
        self.assertEqual(self.wasmc("print", "app.wasm", "-o", "-").out, done.out)
        self.ok(self.wasmc("print", "app.wasm", "-o", "app.wat"), "")
        self.assertEqual((self.dir / "app.wat").read_text(), done.out)
        self.assertEqual(self.ok(self.wasmc("print", "app.wat")).out, done.out)
        self.refused(self.wasmc("print", "app.wat", "-o", "app.wat"), "is the input")
        self.refused(self.wasmc("print", "app.wat", "-o", "/dev/full"), "/dev/full: cannot write: No space left on device")

    def test_round_trip(self):
        self.module()
        self.ok(self.wasmc("print", "app.wasm", "-o", "app.wat"))
        self.ok(self.wasmc("wat", "app.wat", "-o", "again.wasm"))
        self.assertEqual(sections((self.dir / "again.wasm").read_bytes()), sections((self.dir / "app.wasm").read_bytes()))

    def test_artifacts_and_universal_wasm(self):
        text = self.ok(self.wasmc("print", self.module())).out
        self.ok(self.wasmc("compile", "app.wasm", "-o", "app.aot"))
        self.assertEqual(self.ok(self.wasmc("print", "app.aot")).out, text)
        self.ok(self.wasmc("compile", "app.wasm", "-o", "fat.wasm"))
        self.assertEqual(self.ok(self.wasmc("print", "fat.wasm")).out, text)
        self.ok(self.wasmc("compile", "app.wasm", "--strip-wasm", "-o", "app.aot"))
        self.refused(self.wasmc("print", "app.aot"), "holds no WebAssembly module")

    def test_offsets_are_those_of_traps(self):
        self.module('(module (func (export "f") nop unreachable))')
        done = self.wasmc("run", "--invoke", "f", "app.wasm")
        offset = re.search(r"0x([0-9a-f]+)", done.err).group(1)
        self.assertIn(f"(;@{offset};) unreachable\n", self.ok(self.wasmc("print", "--offsets", "app.wasm")).out)

    def test_broken_modules_are_printed_up_to_the_error(self):
        whole = (self.dir / self.module(SMALL)).read_bytes()
        for size in range(8, len(whole)):
            (self.dir / "cut.wasm").write_bytes(whole[:size])
            done = self.wasmc("print", "cut.wasm")
            if done.code == 0:
                continue  # cut between two sections
            self.assertEqual(done.code, 1, done)
            self.assertRegex(done.err, r"\Awasmc: cut.wasm: offset 0x[^\n]+\n\Z", done)
            self.assertTrue(done.out.startswith("(module\n"), done)
        self.assertEqual(self.wasmc("print", "cut.wasm", "-o", "cut.wat").code, 1)
        self.assertNotIn("cut.wat", self.files())

    def test_invalid_modules_are_printed(self):
        (self.dir / "app.wat").write_text("(func (result i32) f32.const 1 call 7)")
        self.ok(self.wasmc("wat", "--no-check", "app.wat"))
        self.assertIn("call 7", self.ok(self.wasmc("print", "app.wasm")).out)

    def test_terminals_are_not_driven_by_names(self):
        (self.dir / "app.wat").write_text(r'(func $"\1b[31m" (export "\1b[31m"))')
        self.assertNotIn("\x1b", self.ok(self.wasmc("print", "app.wat")).out)


class RoundTrips(CliTest):
    def check(self, what, module):
        """Whether the module decodes; if so, its text must be that of the same module."""
        (self.dir / "in.wasm").write_bytes(module)
        if self.wasmc("print", "in.wasm", "-o", "in.wat").code != 0:
            return False
        self.ok(self.wasmc("wat", "--no-check", "in.wat", "-o", "out.wasm"))
        self.assertEqual(sections((self.dir / "out.wasm").read_bytes()), sections(module), what)
        self.ok(self.wasmc("print", "out.wasm", "-o", "out.wat"))
        self.assertEqual((self.dir / "out.wat").read_text(), (self.dir / "in.wat").read_text(), what)
        return True

    def test_golden_modules(self):
        count = 0
        for file in sorted(GOLDEN.glob("*.wat")):
            if self.wasmc("wat", "--no-check", file, "-o", "golden.wasm").code == 0:
                count += self.check(file.name, (self.dir / "golden.wasm").read_bytes())
        self.assertGreater(count, 0)

    @unittest.skipUnless(SCRIPTS, "WASMC_SPEC_TESTS names no directory of test scripts")
    def test_spec_scripts(self):
        count = 0
        for file in sorted(pathlib.Path(SCRIPTS).glob("*.wast")):
            for number, module in enumerate(binary_modules(file.read_text(errors="replace"))):
                if module[:4] == b"\0asm" and len(module) >= 8:
                    count += self.check(f"{file.name}, module {number}", module)
        self.assertGreater(count, 0)


if __name__ == "__main__":
    main()
