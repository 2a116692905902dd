#!/usr/bin/env python3
"""--invoke: arguments by the function's type, results one per line."""
from harness import CliTest, main

ECHO = """(module
  (func (export "i32") (param i32) (result i32) (local.get 0))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "f32") (param f32) (result f32) (local.get 0))
  (func (export "f64") (param f64) (result f64) (local.get 0))
  (func (export "bits32") (param f32) (result i32) (i32.reinterpret_f32 (local.get 0)))
  (func (export "bits64") (param f64) (result i64) (i64.reinterpret_f64 (local.get 0)))
  (func (export "float32") (param i32) (result f32) (f32.reinterpret_i32 (local.get 0)))
  (func (export "swap") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
  (func (export "five") (result i32 i64 f32 f64 i32) (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4) (i32.const 5))
  (func (export "nothing"))
  (func (export "extern") (param externref) (result externref) (local.get 0))
  (func (export "self") (result funcref) (ref.func 0))
  (memory (export "memory") 1))
"""


class Invoke(CliTest):
    def setUp(self):
        super().setUp()
        self.artifact(ECHO)

    def call(self, function, *arguments):
        return self.wasmc("run", "--invoke", function, "app.aot", *arguments)

    def gives(self, function, argument, result):
        self.ok(self.call(function, argument), result + "\n")

    def test_integers(self):
        for argument, result in (("0", "0"), ("-1", "-1"), ("0xff", "255"), ("-0x80000000", "-2147483648"), ("4294967295", "-1"), ("+7", "7")):
            self.gives("i32", argument, result)
        for argument, result in (("0x7fffffffffffffff", "9223372036854775807"), ("18446744073709551615", "-1"), ("-9223372036854775808",) * 2):
            self.gives("i64", argument, result)

    def test_floats(self):
        for argument, result in (("1.5", "1.5"), ("-0", "-0"), ("0x1p-3", "0.125"), ("inf", "inf"), ("-inf", "-inf"), ("nan", "nan"),
                                 ("-nan", "-nan"), ("nan:0x200000", "nan:0x200000"), ("0.1", "0.1"), ("1e10", "1e+10")):
            self.gives("f32", argument, result)
        for argument, result in (("0.1", "0.1"), ("0x1.8p1", "3"), ("nan:0x1", "nan:0x1"), ("1e308", "1e+308"), ("5e-324", "5e-324")):
            self.gives("f64", argument, result)

    def test_float_bits(self):
        self.gives("bits32", "nan", str(0x7FC00000))
        self.gives("bits32", "-0", str(-0x80000000))
        self.gives("bits32", "0x1.fffffep127", str(0x7F7FFFFF))
        self.gives("bits64", "nan", str(0x7FF8000000000000))
        self.gives("float32", "0x7fa00000", "nan:0x200000")

    def test_several_values(self):
        self.ok(self.call("swap", "1", "-2"), "-2\n1\n")
        self.ok(self.call("five"), "1\n2\n3\n4\n5\n")
        self.ok(self.call("nothing"), "")

    def test_references(self):
        self.gives("extern", "null", "null")
        self.ok(self.call("self"), "funcref\n")
        self.refused(self.call("extern", "5"), "'5' is no externref")

    def test_wrong_values(self):
        for bad in ("", "x", "1x", "0x", "1.5", " 1", "--1", "4294967296", "-2147483649", "1_000"):
            self.refused(self.call("i32", bad), f"argument 1 of 'i32': '{bad}' is no i32")
        for bad in ("", "x", "nan:0x0", "nan:0x800000", "1e", "1.5 ", "infinit", "0x", "--1", "-+1"):
            self.refused(self.call("f32", bad), f"'{bad}' is no f32")
        self.refused(self.call("i64", "18446744073709551616"), "is no i64")

    def test_wrong_counts(self):
        self.refused(self.call("swap"), "'swap' has the type (i32 i64) -> (i64 i32) and takes 2 arguments, 0 given")
        self.refused(self.call("nothing", "1"), "'nothing' has the type () -> () and takes 0 arguments, 1 given")

    def test_wrong_names(self):
        for name in ("absent", "memory", ""):
            self.refused(self.call(name, "1"), *(["no exported function", "i32, i64"] if name else []))

    def test_by_jit(self):
        self.ok(self.wasmc("run", "--invoke", "swap", self.module(ECHO), "1", "-2"), "-2\n1\n")


if __name__ == "__main__":
    main()
