#!/usr/bin/env python3
"""Each command of the benchmarks once, on little: that it runs, and what it saves."""
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import unittest

from harness import BENCH, main

WASMC = os.environ.get("WASMC", "wasmc")
CHEAP = "-O0 --cpu x86-64" if os.uname().machine == "x86_64" else "-O0"
CACHED = f"cached={shlex.quote(WASMC)} run {{wasm}}"


class Commands(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.dir = pathlib.Path(holder.name)
        self.saved = self.dir / "saved.json"

    def start(self, command, *options):
        return subprocess.run([BENCH / command, "--wasmc", WASMC, f"--wasmc-flags={CHEAP}", *options], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=240)

    def succeeds(self, command, *options):
        done = self.start(command, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def queens(self, *options):
        return self.succeeds("run.py", "--filter=^queens$", "--runs=1", *options)

    def outcomes(self, kind):
        whole = json.loads(self.saved.read_text())
        self.assertEqual(whole["kind"], kind)
        return whole["outcomes"]

    def test_programs(self):
        out = self.queens("--json", self.saved, "--against", WASMC, "--peer", CACHED)
        self.assertIn("this wasmc / the other one", out)
        [sides] = self.outcomes("programs").values()
        self.assertEqual(list(sides), ["native", "wasmc", "against", "cached"])
        self.assertEqual({field: len(values) for field, values in sides["native"].items()}, {"wall": 1, "cpu": 1, "peak": 1})
        self.assertIn("wasmc / native, cpu", self.queens("--compare", self.saved))

    def test_startup(self):
        self.succeeds("run.py", "--startup", "--runs=2", "--prepare", f"{shlex.quote(WASMC)} run {{wasm}}", "--peer", CACHED, "--json", self.saved)
        self.assertEqual(list(self.outcomes("startup")["hello"]), ["native", "wasmc", "cached"])

    def test_cold(self):
        out = self.queens("--cold", "--peer", CACHED, "--json", self.saved)
        self.assertIn("tiers / waiting", out)
        self.assertEqual(list(self.outcomes("cold")["queens"]), ["waiting", "tiers", "cached"])

    def test_compile(self):
        self.queens("--compile", "--against", WASMC, "--json", self.saved)
        ours, other = (self.outcomes("compile")["queens"][side] for side in ("wasmc", "against"))
        self.assertLess({"decode", "optimise", "codegen", "cpu", "peak", "text"}, set(ours))
        self.assertEqual(ours["text"], other["text"])

    def test_profile(self):
        out = self.queens("--profile", "--against", WASMC, "--wasmc-flags=-O2", "--json", self.saved)
        self.assertIn("compile -O2 --profile-use\n", out)
        self.assertIn("compile -O2\n", out)
        self.assertEqual(list(self.outcomes("programs")["queens"]), ["native", "wasmc", "against"])

    @unittest.skipUnless(shutil.which("valgrind"), "valgrind is not installed")
    def test_instructions(self):
        self.succeeds("run.py", "--filter=^queens$", "--instructions", "--json", self.saved)
        for side in self.outcomes("instructions")["queens"].values():
            self.assertGreater(side["instructions"][0], 10**6)

    def test_refused_before_anything_runs(self):
        for options, reason in ((["--filter=nothing"], "no program matches"), (["--startup", "--compile"], "not allowed with"),
                                (["--compare", self.saved], "No such file"), (["--compile", "--peer", CACHED], "measures wasmc only"),
                                (["--cold", "--against", WASMC], "compares with waiting")):
            done = self.start("run.py", *options)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(reason, done.stderr)

    def test_sorter(self):
        out = self.succeeds("sorter.py", "--sizes=1K,8K", "--runs=1", "--without-node")
        self.assertIn("| 8 KB |", out)

    def test_a_peer_that_gives_up(self):
        weak = """weak=sh -c 'test $(stat -c %s "$1") -lt 5000 && exec "$0" quick "$1" "$2"' {native} {in} {out}"""
        out = self.succeeds("sorter.py", "--sizes=1K,8K", "--runs=1", "--without-node", "--peer", weak)
        self.assertIn("gave up: weak at 8 KB, exit code 1", out)
        self.assertRegex(out, r"\| 8 KB .*\| *gave up \|")

    @unittest.skipUnless(shutil.which("gnuplot"), "gnuplot is not installed")
    def test_what_the_sorter_leaves(self):
        self.succeeds("sorter.py", "--sizes=1K", "--runs=1", "--output", self.dir)
        self.assertEqual({path.name for path in self.dir.iterdir()}, {"sorter.json", "sorter.md", "sorter-time.svg", "sorter-memory.svg"})

    def test_a_peer_that_sorts_wrongly(self):
        done = self.start("sorter.py", "--sizes=1K", "--runs=1", "--without-node", "--peer", "liar=cp {in} {out}")
        self.assertIn("liar writes something else than native code", done.stderr)


if __name__ == "__main__":
    main()
