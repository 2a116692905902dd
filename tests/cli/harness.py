"""What every test of the executable needs: a directory and a cache of its own, modules from text, and checks of what wasmc says."""
import os
import pathlib
import subprocess
import tempfile
import unittest

WASMC = os.environ.get("WASMC", "wasmc")
TRAPPED = 134

# A module with most kinds of sections that imports nothing, small enough to be cut at every byte.
SMALL = """(module
  (type $binary (func (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 3))
  (table 2 funcref)
  (elem (i32.const 0) $add $add)
  (data (i32.const 8) "hello")
  (func $add (export "add") (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "_start") (global.set $count (call_indirect (type $binary) (i32.const 1) (i32.const 2) (i32.const 0)))))
"""


class Done:
    """How a command ended. `code` is negative if a signal ended it."""

    def __init__(self, process):
        self.code = process.returncode
        self.out = (process.stdout or b"").decode(errors="replace")
        self.err = process.stderr.decode(errors="replace")

    def __repr__(self):
        return f"exit code {self.code}\nstdout: {self.out!r}\nstderr: {self.err!r}"


class CliTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.dir = pathlib.Path(holder.name) / "work"
        self.dir.mkdir()
        # What one test compiles is not another's, and none touches the user's.
        self.cache = pathlib.Path(holder.name) / "cache"
        os.environ["WASMC_CACHE_DIR"] = str(self.cache)
        os.environ.pop("WASMC_CACHE_SIZE", None)

    def wasmc(self, *arguments, **options):
        """Runs wasmc in the test's directory."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 120, **options}
        return Done(subprocess.run([WASMC, *map(str, arguments)], cwd=self.dir, **options))

    def module(self, text=SMALL, name="app.wasm", options=()):
        """Makes a binary module; the name is relative to the test's directory."""
        subprocess.run(["wat2wasm", "--debug-names", *options, "-", "-o", self.dir / name], input=text.encode(), check=True)
        return name

    def artifact(self, text=SMALL, name="app.aot", options=()):
        self.ok(self.wasmc("compile", self.module(text), "-o", name, *options))
        return name

    def ok(self, done, out=None):
        self.assertEqual((done.code, done.err), (0, ""), done)
        if out is not None:
            self.assertEqual(done.out, out)
        return done

    def refused(self, done, *fragments):
        """An error of wasmc: one line that says what and where, exit code 1, nothing on standard output."""
        self.assertEqual(done.code, 1, done)
        self.assertEqual(done.out, "", done)
        self.assertRegex(done.err, r"\Awasmc: [^\n]+\n\Z", done)
        self.assertLess(len(done.err), 400, done)
        for fragment in fragments:
            self.assertIn(fragment, done.err)
        return done

    def files(self):
        return sorted(path.name for path in self.dir.iterdir())


def main():
    unittest.main(verbosity=2)
