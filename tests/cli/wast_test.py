#!/usr/bin/env python3
"""Spec scripts: `wasmc wast`."""
import json
import re

from harness import CliTest, main

GOOD = r'''
(module $sums
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "nan") (result f32) (f32.div (f32.const 0) (f32.const 0)))
  (func (export "swap") (param f64 externref) (result externref f64) (local.get 1) (local.get 0))
  (func (export "trap") (unreachable))
  (func $deep (export "deep") (call $deep))
  (global (export "seven") i32 (i32.const 7)))
(register "sums" $sums)
(assert_return (invoke "add" (i32.const 1) (i32.const 0xffff_ffff)) (i32.const 0))
(assert_return (invoke $sums "add" (i32.const 40) (i32.const 2)) (either (i32.const 41) (i32.const 42)))
(assert_return (invoke "nan") (f32.const nan:arithmetic))
(assert_return (invoke "swap" (f64.const -0x1.8p3) (ref.extern 3)) (ref.extern 3) (f64.const -12))
(assert_return (invoke "swap" (f64.const nan) (ref.null extern)) (ref.null) (f64.const nan:canonical))
(assert_return (get "seven") (i32.const 7))
(assert_trap (invoke "trap") "unreachable")
(assert_exhaustion (invoke "deep") "call stack exhausted")
(module definition $twice (import "sums" "add" (func $add (param i32 i32) (result i32)))
  (func (export "twice") (param i32) (result i32) (call $add (local.get 0) (local.get 0))))
(module instance $first $twice)
(module instance $second $twice)
(assert_return (invoke $first "twice" (i32.const 4)) (i32.const 8))
(module binary "\00asm" "\01\00\00\00")
(module quote "(func" ")")
(assert_malformed (module quote "(func $f) (func $f)") "duplicate func")
(assert_malformed (module binary "\00asm") "unexpected end")
(assert_invalid (module (func (result i32))) "type mismatch")
(assert_unlinkable (module (import "sums" "mul" (func))) "unknown import")
(assert_trap (module (memory 0) (data (i32.const 0) "x")) "out of bounds memory access")
(assert_malformed_custom (module quote "(@custom)") "@custom annotation: missing section name")
'''
PASSING = 22  # commands

BAD = '''(module (func (export "one") (result i32) (i32.const 1)))
(assert_return (invoke "one") (i32.const 2))
(assert_return (invoke "one"))
(assert_trap (invoke "one") "unreachable")
(assert_invalid (module) "type mismatch")
(assert_return (invoke "none") (i32.const 1))
(frobnicate)
(invoke "one")
'''


class Wast(CliTest):
    def script(self, text=GOOD, name="a.wast"):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return name

    def failing(self, *arguments):
        done = self.wasmc("wast", *arguments)
        self.assertEqual((done.code, done.err), (1, ""), done)
        return done.out

    def test_commands(self):
        self.script()
        for options in (["--mode=jit"], ["--mode=aot"], ["-O0", "--bounds=explicit"]):
            done = self.ok(self.wasmc("wast", *options, "a.wast"))
            self.assertIn(f"a.wast: {PASSING} passed, 0 failed, 0 skipped\n", done.out)
            self.assertTrue(done.out.endswith("1 of 1 files pass as a whole\n"))

    def test_failures_are_told_with_their_lines(self):
        out = self.failing(self.script(BAD))
        self.assertIn("a.wast: 2 passed, 6 failed, 0 skipped\n", out)
        for line in ("2: failed: result i32 0x1, expected (i32.const 2)", "3: failed: results: 1, expected 0", "4: failed: no trap, expected 'unreachable'",
                     "5: failed: accepted, expected 'type mismatch'", '6: failed: no function "none"', "7: failed: no command of scripts: (frobnicate)"):
            self.assertIn(f"\na.wast:{line}\n", out)

    def test_other_words_are_told(self):
        self.script('(assert_invalid (module (func (result i32))) "bad type")')
        done = self.ok(self.wasmc("wast", "a.wast"))
        self.assertIn("1 passed, 0 failed, 0 skipped, 1 refused in other words", done.out)
        self.assertRegex(done.out, r"\na.wast:1: wording: 'type mismatch[^\n]*, expected 'bad type'\n")

    def test_places_in_the_text_are_shown(self):
        out = self.failing(self.script('(module\n  (func nope))\n(module\n  (func (result i32)\n    (i64.const 0)))\n(module quote "(fun)")'))
        for lines in ("1: failed: 2:9: unknown operator nope\n  2 |   (func nope))\n    |         ^\n",
                      "3: failed: 5:18: function 0: type mismatch: expected i32, found i64\n  5 |     (i64.const 0)))\n    |                  ^\n",
                      '6: failed: 6:15: in the quoted text: unknown operator fun\n  6 | (module quote "(fun)")\n    |               ^\n'):
            self.assertIn("\na.wast:" + lines, out)

    def test_text_that_is_no_script(self):
        for text, message in (("(module", "1:8: unexpected token: end of the text"), ("(module)\n)", "2:1: unexpected token )"),
                              ('(invoke "', "1:9: unclosed string"), ("(" * 200000, "1:65: lists nest too deeply"),
                              ("(invoke)", "no command of scripts: (invoke)"), ("(assert_return)", "no command of scripts"),
                              ("(register)", "no command of scripts"), ("(wait)", "no thread"), ("(module instance)", "no module definition")):
            self.assertIn(f"failed: {message}", self.failing(self.script(text)))

    def test_fields_alone_are_a_module(self):
        self.assertIn("1 passed", self.ok(self.wasmc("wast", self.script('(func) (memory 0)'))).out)

    def test_proposals_that_are_missing_are_skipped(self):
        self.script('(module (func (export "f") (drop (ref.i31 (i32.const 1)))))\n(assert_return (invoke "f"))\n(assert_malformed (module quote "(fun)") "unknown")')
        done = self.ok(self.wasmc("wast", "a.wast"))
        self.assertIn("a.wast: 1 passed, 0 failed, 2 skipped (proposal GC: 2)\n", done.out)
        self.assertIn("skipped 2: proposal GC\n", done.out)

    def test_a_script_that_hangs_fails_alone(self):
        self.script('(module (func (export "f") (loop (br 0))))\n(invoke "f")', "a.wast")
        self.script('(assert_malformed (module quote "(fun)") "unknown operator")', "b.wast")
        done = self.wasmc("wast", "--timeout=5", "a.wast", "b.wast")
        self.assertEqual(done.code, 1)
        self.assertIn("\na.wast:2: failed: takes too long\n", done.out)
        self.assertIn("b.wast: 1 passed, 0 failed", done.out)

    def test_threads(self):
        self.script('(module (func (export "f") (result i32) (i32.const 1)))\n'
                    '(thread $T (module (func (export "f") (result i32) (i32.const 2)))\n  (assert_return (invoke "f") (i32.const 2)))\n'
                    '(assert_return (invoke "f") (i32.const 1))\n(wait $T)\n')
        self.assertIn("a.wast: 6 passed, 0 failed", self.ok(self.wasmc("wast", "a.wast")).out)

    def test_threads_share_memories(self):
        self.script('(module $M (memory (export "mem") 1 1 shared) (memory (export "own") 1))\n'
                    '(thread $T (shared (module $M))\n  (register "m" $M)\n'
                    '  (module (memory (import "m" "mem") 1 1 shared) (func (export "f") (i32.atomic.store (i32.const 0) (i32.const 42))))\n'
                    '  (assert_unlinkable (module (memory (import "m" "own") 1)) "unknown import")\n  (invoke "f"))\n(wait $T)\n(register "m" $M)\n'
                    '(module (memory (import "m" "mem") 1 1 shared) (func (export "g") (result i32) (i32.atomic.load (i32.const 0))))\n'
                    '(assert_return (invoke "g") (i32.const 42))\n')
        self.assertIn("a.wast: 10 passed, 0 failed", self.ok(self.wasmc("wast", "a.wast")).out)

    def test_directories_and_only(self):
        for name in ("b.wast", "sub/a.wast", "sub/c.wast"):
            self.script("(module)", name)
        self.script("nonsense", "sub/readme.md")
        lines = self.ok(self.wasmc("wast", ".")).out.splitlines()
        self.assertEqual([line.split(":")[0] for line in lines[:3]], ["b.wast", "sub/a.wast", "sub/c.wast"])
        self.assertIn("1 of 1 files", self.ok(self.wasmc("wast", "-q", "--only=sub/a", ".")).out)
        self.refused(self.wasmc("wast", "--only=nothing", "."), "no scripts (*.wast) found")
        self.refused(self.wasmc("wast", "absent.wast"), "absent.wast: cannot open")

    def test_json(self):
        self.script(BAD)
        self.script(name="b.wast")
        report = json.loads(self.failing("--json", "a.wast", "b.wast"))
        self.assertEqual((report["mode"], report["passed"], report["failed"], report["skipped"]), ("jit -O2", 2 + PASSING, 6, 0))
        self.assertEqual([file["file"] for file in report["files"]], ["a.wast", "b.wast"])
        self.assertEqual(report["files"][0]["failures"][0], {"line": 2, "text": "result i32 0x1, expected (i32.const 2)"})

    def test_known_failures(self):
        self.script(BAD)
        self.script(name="b.wast")
        lines = re.findall(r"^a.wast:\d+(?=: failed)", self.failing("a.wast", "b.wast"), re.MULTILINE)
        (self.dir / "known").write_text("# what is missing\n" + "".join(f"{line}: it fails\n" for line in lines))
        self.ok(self.wasmc("wast", "--known=known", "a.wast", "b.wast"))
        (self.dir / "known").write_text("".join(f"{line}: it fails\n" for line in lines[1:] + ["a.wast:1000", "b.wast", "b.wast:1", "c.wast"]))
        out = self.failing("--known=known", "a.wast", "b.wast")
        for line in (f"{lines[0]}: fails, and is not listed in known", "a.wast:1000: passes, but is listed in known",
                     "b.wast: passes, but is listed in known", "b.wast:1: passes, but is listed in known",
                     "c.wast: is listed in known, but there is no such file"):
            self.assertIn(f"known failures: {line}\n", out)
        (self.dir / "known").write_text("nonsense\n")
        self.refused(self.wasmc("wast", "--known=known", "a.wast"), "known: no line `FILE: reason` or `FILE:LINE: reason`: nonsense")

    def test_artifacts(self):
        self.script()
        self.ok(self.wasmc("wast", "--compile-to=out", "a.wast"))
        self.assertIn(f"a.wast: {PASSING} passed, 0 failed", self.ok(self.wasmc("wast", "--artifacts=out", "a.wast")).out)
        self.refused(self.wasmc("wast", "--compile-to=out", "a.wast"), "out: is not an empty directory")
        self.script("(module (func (drop (i32.const 12345))))")
        self.assertIn("a.wast:1: failed: nothing about this module in the directory of artifacts", self.failing("--artifacts=out", "a.wast"))
        self.script('(assert_invalid (module (global i32 (i32.const 54321))) "type mismatch")')
        self.assertIn("a.wast:1: failed: valid, but nothing about this module", self.failing("--artifacts=out", "a.wast"))
        self.ok(self.wasmc("wast", "--compile-to=arm", "--target=aarch64", self.script()))
        self.assertIn("artifact is for AArch64", self.failing("--artifacts=arm", "a.wast"))

    def test_options_that_exclude_each_other(self):
        self.script()
        self.refused(self.wasmc("wast", "--compile-to=x", "--artifacts=y", "a.wast"), "excludes")
        self.refused(self.wasmc("wast", "--target=aarch64", "a.wast"), "--compile-to")


if __name__ == "__main__":
    main()
