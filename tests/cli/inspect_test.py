#!/usr/bin/env python3
"""What `inspect` shows."""
import json

from harness import CliTest, main

MODULE = """(module $shop
  (import "host" "log" (func $log (param i32 i64)))
  (import "host" "limit" (global i32))
  (memory (export "memory") 2 10)
  (table (export "table") 3 funcref)
  (global (export "count") (mut i64) (i64.const 1))
  (elem (i32.const 0) $sum)
  (data (i32.const 0) "abc") (data (i32.const 70000) "defg")
  (func $sum (export "sum") (param f32) (result f64) (f64.promote_f32 (local.get 0)))
  (func $main) (start $main))
"""
INTERFACE = ("host.log", "function 0: (i32 i64) -> ()", "host.limit", "memory 0: 2 to 10 pages of 64 KiB", "table 0: 3 or more funcref",
             "global 1: mutable i64", "function 1: (f32) -> (f64)")


class Inspect(CliTest):
    def test_module(self):
        out = self.ok(self.wasmc("inspect", self.module(MODULE))).out
        for fact in (*INTERFACE, "named shop", "2, together 7 bytes", "1, together 1 elements", 'custom "name"', 'function 2 "main"'):
            self.assertIn(fact, out)
        self.assertRegex(out, r"\nfunctions\n  imported +1\n  defined +2\n")

    def test_artifact(self):
        self.artifact(MODULE, options=["--target=x86_64-linux-gnu", "--cpu=x86-64-v3", "-O3"])
        out = self.ok(self.wasmc("inspect", "app.aot")).out
        for fact in (*INTERFACE, "x86_64", "x86-64-v3", "avx2", "guard pages", "-O3", "intact", ".wasmc.module"):
            self.assertIn(fact, out)
        self.artifact(MODULE, options=["--bounds=explicit", "--strip-wasm"])
        out = self.ok(self.wasmc("inspect", "app.aot")).out
        self.assertIn("explicit checks", out)
        self.assertIn("stripped", out)

    def test_functions(self):
        self.artifact(MODULE)
        for file in ("app.wasm", "app.aot"):
            out = self.ok(self.wasmc("inspect", "--functions", file)).out
            self.assertRegex(out, r"\n  0 log +\(i32 i64\) -> \(\), imported\n  1 sum +\(f32\) -> \(f64\), [^\n]*at 0x[0-9a-f]+[^\n]*\n  2 main ")

    def test_json(self):
        self.artifact(MODULE)
        for file in ("app.wasm", "app.aot"):
            listing = json.loads(self.ok(self.wasmc("inspect", "--json", file)).out)
            self.assertEqual(listing["file"], file)
            self.assertEqual([item["name"] for item in listing["exports"]], ["memory", "table", "count", "sum"])

    def test_names_cannot_drive_a_terminal(self):
        self.module('(module (func (export "a\\1b[31mred\\0a")))')
        out = self.ok(self.wasmc("inspect", "app.wasm")).out
        self.assertNotIn("\x1b", out)
        self.assertIn("a\\x1b[31mred\\x0a", out)

    def test_full_disk(self):
        with open("/dev/full", "w") as full:
            done = self.wasmc("inspect", self.module(), stdout=full)
        self.assertEqual((done.code, done.err), (1, "wasmc: cannot write to standard output: No space left on device\n"))


if __name__ == "__main__":
    main()
