#!/usr/bin/env python3
"""Modules in the text format: `wasmc wat`, and text wherever a module is taken."""
from harness import CliTest, main

ADD = '''(module $sums
  ;; two numbers
  (func $add (export "add") (param $a i32) (param $b i32) (result i32)
    (i32.add (local.get $a) (local.get $b))))
'''


class Text(CliTest):
    def text(self, text=ADD, name="app.wat"):
        (self.dir / name).write_text(text)
        return name

    def test_wat(self):
        self.ok(self.wasmc("wat", self.text()), "")
        self.assertEqual(self.files(), ["app.wasm", "app.wat"])
        self.assertEqual((self.dir / "app.wasm").read_bytes()[:4], b"\0asm")
        self.assertIn("add", self.ok(self.wasmc("inspect", "--functions", "app.wasm")).out)

    def test_every_command_takes_text(self):
        self.text()
        self.assertEqual(self.ok(self.wasmc("validate", "app.wat")).out, "app.wat: valid\n")
        self.assertEqual(self.ok(self.wasmc("run", "--invoke", "add", "app.wat", "2", "40")).out, "42\n")
        self.ok(self.wasmc("compile", "app.wat"))
        self.assertEqual(self.ok(self.wasmc("run", "--invoke", "add", "app.aot", "2", "40")).out, "42\n")
        self.assertIn("add", self.ok(self.wasmc("inspect", "app.wat")).out)

    def test_known_by_its_contents(self):
        self.assertEqual(self.ok(self.wasmc("validate", self.text("\n ;; a comment\n(module)", "app.txt"))).out, "app.txt: valid\n")

    def test_invalid_modules_show_the_place_in_the_text(self):
        self.text("(module\n  (func $f (result i32)\n    (i32.add (i32.const 1)\n      (f32.const 2))))")
        self.ok(self.wasmc("inspect", "app.wat"))  # it does not look at code
        for command in ("validate", "compile", "wat", "run"):
            done = self.wasmc(command, "app.wat")
            self.assertEqual(done.code, 1, done)
            self.assertIn('wasmc: app.wat:3:6: function 0 "f": type mismatch', done.err)
            self.assertTrue(done.err.endswith("\n  3 |     (i32.add (i32.const 1)\n    |      ^\n"), done.err)
        self.assertEqual(self.files(), ["app.wat"])

    def test_no_check(self):
        self.text("(func (result i32))")
        self.ok(self.wasmc("wat", "--no-check", "app.wat"))
        self.refused(self.wasmc("validate", "app.wasm"), "type mismatch")

    def test_terminals_are_not_driven_by_excerpts(self):
        done = self.wasmc("validate", self.text('(module \x1b[31m)'))
        self.assertEqual(done.code, 1)
        self.assertNotIn("\x1b", done.err)

    def test_output(self):
        self.assertEqual(self.wasmc("wat", self.text("(module)"), "-o", "-").out, "\0asm\1\0\0\0")
        self.refused(self.wasmc("wat", "app.wat", "-o", "/dev/full"), "/dev/full: cannot write: No space left on device")
        self.refused(self.wasmc("wat", "app.wat", "-o", "app.wat"), "is the input")
        self.refused(self.wasmc("wat", self.module()), "is not in the text format")


if __name__ == "__main__":
    main()
