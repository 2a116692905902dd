#!/usr/bin/env python3
"""Artifacts that must be refused, and what is done instead."""
import pathlib
import platform
import resource
import struct
import subprocess
import unittest

from harness import CliTest, main

OTHER = {"x86_64": "aarch64", "aarch64": "x86_64"}[platform.machine()]
NAMES = {"x86_64": "x86-64", "aarch64": "AArch64"}


def sections(artifact):
    """Name → (offset, size), of an ELF file."""
    (table,), (count, names) = struct.unpack_from("<Q", artifact, 0x28), struct.unpack_from("<HH", artifact, 0x3C)
    headers = [struct.unpack_from("<IIQQQQ", artifact, table + 64 * i) for i in range(count)]
    at = headers[names][4]
    return {artifact[at + h[0]:artifact.index(b"\0", at + h[0])].decode(): (h[4], h[5]) for h in headers}


class Damage(CliTest):
    def setUp(self):
        super().setUp()
        self.bytes = (self.dir / self.artifact()).read_bytes()

    def run_bytes(self, contents, *options):
        (self.dir / "damaged.aot").write_bytes(contents)
        return self.wasmc("run", *options, "--invoke", "add", "damaged.aot", "2", "40")

    def test_whole(self):
        self.ok(self.run_bytes(self.bytes), "42\n")

    def test_truncations(self):
        size = len(self.bytes)
        lengths = {*range(1, 300), *range(300, size, max(1, size // 200)), *range(size - 200, size)}
        for length in sorted(lengths):
            self.refused(self.run_bytes(self.bytes[:length]), "wasmc: damaged.aot: ")

    def test_more_than_whole(self):
        self.refused(self.run_bytes(self.bytes + b"\0"), "wasmc: damaged.aot: ")

    def test_byte_flips(self):
        wasm, wasm_size = sections(self.bytes)[".wasmc.wasm"]
        step = max(1, len(self.bytes) // 600)
        for at in [*range(0, 200), *range(200, len(self.bytes), step)]:
            flipped = bytearray(self.bytes)
            flipped[at] ^= 1 << at % 8
            done = self.run_bytes(flipped)
            if wasm <= at < wasm + wasm_size:  # not part of the hash, and not used to run
                self.ok(done, "42\n")
            else:
                self.refused(done, "wasmc: damaged.aot: ")

    def test_damage_is_never_compiled_again(self):
        code, size = sections(self.bytes)[".text"]
        flipped = bytearray(self.bytes)
        flipped[code + size // 2] ^= 1
        self.refused(self.run_bytes(flipped, "--fallback=jit"), "corrupt")

    def test_inspect_tells_of_damage(self):
        self.assertIn("intact", self.ok(self.wasmc("inspect", "app.aot")).out)
        flipped = bytearray(self.bytes)
        flipped[sections(self.bytes)[".text"][0]] ^= 1
        (self.dir / "damaged.aot").write_bytes(flipped)
        self.assertIn("DAMAGED", self.wasmc("inspect", "damaged.aot").out)

    def test_of_a_large_one_the_description_is_checked(self):
        (self.dir / "large.wat").write_text('(module (memory 40) (data (i32.const 0) "%s") (func (export "f") (result i32) (i32.const 42)))' % ("x" * (2 << 20)))
        self.ok(self.wasmc("compile", "--strip-wasm", "large.wat", "-o", "large.aot"))
        whole = (self.dir / "large.aot").read_bytes()
        self.assertGreater(len(whole), 1 << 20)

        def with_flip(section):
            at, size = sections(whole)[section]
            flipped = bytearray(whole)
            flipped[at + size // 2] ^= 1
            (self.dir / "damaged.aot").write_bytes(flipped)
            return self.wasmc("run", "--invoke", "f", "damaged.aot")

        self.refused(with_flip(".wasmc.module"), "wasmc: damaged.aot: ")
        self.ok(with_flip(".wasmc.image"), "42\n")
        self.assertIn("DAMAGED", self.wasmc("inspect", "damaged.aot").out)

    def test_inspect_bears_damage(self):
        for at in range(0, len(self.bytes), max(1, len(self.bytes) // 200)):
            flipped = bytearray(self.bytes)
            flipped[at] ^= 0xFF
            (self.dir / "damaged.aot").write_bytes(flipped)
            self.assertIn(self.wasmc("inspect", "--functions", "damaged.aot").code, (0, 1))

    def test_another_version(self):
        old = self.bytes.replace(b"wasmcAOT" + self.bytes[self.bytes.index(b"wasmcAOT") + 8:][:4], b"wasmcAOT" + struct.pack("<I", 999))
        self.refused(self.run_bytes(old), "version 999")


class OtherMachines(CliTest):
    def test_another_architecture(self):
        self.artifact(options=[f"--target={OTHER}"])
        done = self.wasmc("run", "app.aot")
        self.refused(done, "wasmc: app.aot: ", NAMES[OTHER], "--fallback=jit")
        self.assertIn(OTHER, self.ok(self.wasmc("inspect", "app.aot")).out)
        done = self.wasmc("run", "--fallback=jit", "--invoke", "add", "app.aot", "2", "40")
        self.assertEqual((done.code, done.out), (0, "42\n"))
        self.assertRegex(done.err, r"\Awasmc: warning: app\.aot: [^\n]+\n\Z")
        self.refused(self.wasmc("run", "--fallback=none", "app.aot"))

    def test_another_architecture_stripped(self):
        self.artifact(options=[f"--target={OTHER}", "--strip-wasm"])
        self.refused(self.wasmc("run", "--fallback=jit", "app.aot"), "stripped")

    def test_a_better_cpu(self):
        absent = absent_feature()
        if absent is None:
            self.skipTest("this CPU has every feature that wasmc knows")
        self.artifact(options=[f"--features=+{absent}"])
        self.refused(self.wasmc("run", "app.aot"), absent, "--fallback=jit")
        done = self.wasmc("run", "--fallback=jit", "--invoke", "add", "app.aot", "2", "40")
        self.assertEqual((done.code, done.out), (0, "42\n"))

    def test_segue_needs_fsgsbase(self):
        self.module()
        for options in (["--cpu=x86-64"], ["--target=aarch64"]) if platform.machine() == "x86_64" else ([],):
            self.refused(self.wasmc("compile", "--segue", *options, "app.wasm", "-o", "app.aot"), "--segue needs the CPU feature fsgsbase")

    @unittest.skipIf(platform.machine() != "x86_64" or " fsgsbase " not in pathlib.Path("/proc/cpuinfo").read_text(), "this CPU has no fsgsbase")
    def test_segue(self):
        self.artifact(options=["--segue"])
        self.assertEqual(self.ok(self.wasmc("run", "--invoke", "add", "app.aot", "2", "40")).out, "42\n")


def absent_feature():
    """A CPU feature, by LLVM's name, that this machine lacks."""
    if platform.machine() != "x86_64":
        return None
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    kernel_names = {"avx512vbmi": "avx512vbmi", "avx512vpopcntdq": "avx512_vpopcntdq", "avxvnni": "avx_vnni", "gfni": "gfni", "sha": "sha_ni", "avx512f": "avx512f"}
    return next((name for name, kernel in kernel_names.items() if f" {kernel} " not in flags), None)


class Bounds(CliTest):
    def test_no_room_for_guard_pages(self):
        limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))}
        self.artifact()
        done = self.wasmc("run", "--invoke", "load", "app.aot", "8", **limit)
        self.assertEqual((done.code, done.out), (0, "1819043176\n"), done)  # "hell"
        self.assertRegex(done.err, r"\Awasmc: warning: app\.aot: [^\n]*guard pages[^\n]*\n\Z")
        self.refused(self.wasmc("run", "--fallback=none", "app.aot", **limit), "guard pages")
        self.ok(self.wasmc("run", "--invoke", "load", "app.wasm", "8", **limit), "1819043176\n")
        done = self.wasmc("run", "--invoke", "load", "app.wasm", "65533", **limit)
        self.assertEqual(done.code, 134, done)
        self.artifact(name="explicit.aot", options=["--bounds=explicit"])
        self.ok(self.wasmc("run", "--invoke", "load", "explicit.aot", "8", **limit), "1819043176\n")
        self.artifact(name="stripped.aot", options=["--strip-wasm"])
        self.refused(self.wasmc("run", "stripped.aot", **limit), "guard pages", "stripped")

    def test_little_memory_is_an_error_not_a_crash(self):
        self.artifact(options=["--bounds=explicit"])
        for megabytes in (4, 8, 16, 32, 64):
            size = megabytes << 20
            done = self.wasmc("run", "--invoke", "load", "app.aot", "8", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)))
            self.assertIn(done.code, (0, 1, 127), done)  # 127: libc itself could not be loaded


class Universal(CliTest):
    def setUp(self):
        super().setUp()
        self.ok(self.wasmc("compile", self.module(), "-o", "fat.wasm", "--target=x86_64", "--target=aarch64"))

    def add(self, *options, name="fat.wasm"):
        return self.wasmc("run", *options, "--invoke", "add", name, "2", "40")

    def test_is_a_module_for_everybody(self):
        subprocess.run(["wasm-validate", self.dir / "fat.wasm"], check=True)
        self.ok(self.wasmc("validate", "fat.wasm"), "fat.wasm: valid\n")
        self.assertTrue((self.dir / "fat.wasm").read_bytes().startswith((self.dir / "app.wasm").read_bytes()))

    def test_runs(self):
        self.ok(self.add(), "42\n")
        self.ok(self.add("--allow-precompiled"), "42\n")

    def test_native_code_is_used_only_if_allowed(self):
        contents = bytearray((self.dir / "fat.wasm").read_bytes())
        at = 0
        while (at := contents.find(b"\x7fELF", at + 1)) > 0:
            contents[at + 64:at + 128] = bytes(64)  # program headers
        (self.dir / "fat.wasm").write_bytes(contents)
        self.ok(self.add(), "42\n")
        done = self.add("--allow-precompiled")
        self.assertEqual((done.code, done.out), (0, "42\n"))
        self.assertRegex(done.err, r"\Awasmc: warning: fat\.wasm: [^\n]+; compiling the module\n\Z")

    def test_made_again_from_itself(self):
        self.ok(self.wasmc("compile", "fat.wasm", "-o", "thin.wasm", "--target=x86_64"))
        self.ok(self.wasmc("compile", "app.wasm", "-o", "direct.wasm", "--target=x86_64"))
        self.assertEqual((self.dir / "thin.wasm").read_bytes(), (self.dir / "direct.wasm").read_bytes())

    def test_without_code_for_this_machine(self):
        self.ok(self.wasmc("compile", "app.wasm", "-o", "other.wasm", f"--target={OTHER}"))
        done = self.add("--allow-precompiled", name="other.wasm")
        self.assertEqual((done.code, done.out), (0, "42\n"))
        self.assertIn("no native code for this machine", done.err)

    def test_inspect(self):
        out = self.ok(self.wasmc("inspect", "fat.wasm")).out
        self.assertIn("x86_64", out)
        self.assertIn("aarch64", out)

    def test_several_targets_need_it(self):
        self.refused(self.wasmc("compile", "app.wasm", "-o", "app.aot", "--target=x86_64", "--target=aarch64"), "universal Wasm")


if __name__ == "__main__":
    main()
