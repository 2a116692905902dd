#!/usr/bin/env python3
"""An installed tree runs from anywhere: moved, through PATH, through a link."""
import os
import pathlib
import subprocess

from harness import WASMC, CliTest, Done, main


class Install(CliTest):
    def setUp(self):
        super().setUp()
        build = pathlib.Path(WASMC).resolve().parent.parent
        subprocess.run(["cmake", "--install", build, "--prefix", self.dir / "first"], check=True, stdout=subprocess.DEVNULL)
        (self.dir / "first").rename(self.dir / "moved")
        self.module()

    def run_both(self, wasmc, **options):
        """Compiles, which needs the compiler's shared object, and runs."""
        for arguments in (["compile", "app.wasm", "-o", "app.aot"], ["run", "--invoke", "add", "app.aot", "2", "40"], ["run", "--invoke", "add", "app.wasm", "2", "40"]):
            done = Done(subprocess.run([wasmc, *arguments], cwd=self.dir, capture_output=True, timeout=120, **options))
            self.ok(done, "" if arguments[0] == "compile" else "42\n")

    def test_moved(self):
        self.run_both(self.dir / "moved" / "bin" / "wasmc")

    def test_through_path(self):
        self.run_both("wasmc", env={**os.environ, "PATH": f"{self.dir / 'moved' / 'bin'}:{os.environ['PATH']}"})

    def test_through_a_link(self):
        (self.dir / "link").symlink_to(self.dir / "moved" / "bin" / "wasmc")
        self.run_both(self.dir / "link")

    def test_without_the_compiler(self):
        self.artifact()
        for library in (self.dir / "moved" / "lib").rglob("*.so*"):
            library.unlink()
        wasmc = self.dir / "moved" / "bin" / "wasmc"
        done = Done(subprocess.run([wasmc, "run", "--invoke", "add", "app.aot", "2", "40"], cwd=self.dir, capture_output=True))
        self.ok(done, "42\n")
        self.refused(Done(subprocess.run([wasmc, "compile", "app.wasm"], cwd=self.dir, capture_output=True)), "compiler")


if __name__ == "__main__":
    main()
