#!/usr/bin/env python3
"""An installed tree runs from anywhere: moved, through PATH, through a link. bin/wasmc starts all that there is, and does by itself what is
to start fast; that must not show."""
import os
import pathlib
import shutil
import subprocess

from harness import SMALL, WASMC, CliTest, Done, main


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

    def test_alone(self):
        """One file, without libraries, runs what is compiled; of all else it says what is missing."""
        self.artifact()
        wasmc = shutil.copy(self.dir / "moved" / "bin" / "wasmc", self.dir / "wasmc")
        options = ["--dir=.", "--env", "A=B", "-O2", "-j", "2", "--max-wasm-stack", "1M", "--invoke=add"]
        self.ok(Done(subprocess.run([wasmc, "run", *options, "app.aot", "2", "40"], cwd=self.dir, capture_output=True, env={})), "42\n")
        for arguments in (["run", "--no-cache", "app.wasm"], ["run", "--help"], ["compile", "app.wasm"], ["--version"], []):
            self.refused(Done(subprocess.run([wasmc, *arguments], cwd=self.dir, capture_output=True)), "needs ../lib/wasmc/wasmc")


class Start(CliTest):
    """The whole program reads options with CLI11, bin/wasmc without: both must do and say the same."""

    LINES = [
        "app.aot 2 40", "--invoke add app.aot 2 40", "--invoke=add app.aot 2 40", "--invoke=add app.aot -- 2 40", "--invoke=add -- app.aot 2 40",
        "--invoke=add app.aot -2 -40", "--invoke=add -O2 app.aot 2 40", "--invoke=add -O 2 app.aot 2 40", "-O=2 app.aot", "-O app.aot", "-O9 app.aot", "-Os app.aot",
        "-j2 app.aot", "-j 2 app.aot", "-j x app.aot", "-j-1 app.aot", "-j 99999999999 app.aot", "-j 0x2 app.aot", "-j +2 app.aot",
        "--max-wasm-stack=1M app.aot", "--max-wasm-stack 1048576 app.aot", "--max-wasm-stack=1X app.aot", "--max-wasm-stack=0 app.aot",
        "--max-wasm-stack=-1 app.aot", "--env= app.aot", "--env app.aot", "--env =x app.aot", "--env=[A=1,B=2] app.aot", "--env A=1 --env B=2 app.aot",
        "--invoke add --invoke load app.aot 2 40", "--no-cache --no-cache app.aot", "--no-cache=1 app.aot", "--no-cache=false app.aot", "--no-cach app.aot",
        "--unknown-imports=trap app.aot", "--unknown-imports trap app.aot", "--unknown-imports=no app.aot", "--fallback=jit app.aot", "--fallback=x app.aot",
        "--dir app.aot", "--dir=nowhere app.aot", "--dir=. --dir=.::x:ro app.aot", "--stdout -x app.aot", "--stdout=out app.aot", "--argv0 x app.aot",
        "--bounds=explicit app.aot", "--bounds=none app.aot", "--bounds= app.aot", "-x app.aot", "--", "", "-", "-- ", "nowhere.aot", ".", "/dev/null",
        "--preload=m=app.aot app.aot", "--preload=app.aot app.aot", "--preload=m= app.aot", "--preload=m=nowhere app.aot", "--tcp-listen=x app.aot",
        "--invoke=add app.wat 2 40", "--invoke=add app.wasm 2 40", "--invoke=nothing app.aot", "--invoke=load app.aot 65536", "broken.aot", "broken.wasm",
        "--invoke=add /dev/stdin 2 40", "--allow-precompiled app.wasm", "--help", "-h app.aot", "--time --invoke=add --no-cache -O0 missing.wasm",
    ]  # fmt: skip

    def test_says_and_does_what_the_whole_program_does(self):
        self.artifact()
        for name in ("app.aot", "app.wasm"):
            (self.dir / name.replace("app", "broken")).write_bytes((self.dir / name).read_bytes()[:-1])
        (self.dir / "app.wat").write_text(SMALL)
        whole = pathlib.Path(WASMC).resolve().parent.parent / "lib/wasmc/wasmc"
        for line in self.LINES:
            with self.subTest(line=line):
                ends = []
                for program in (WASMC, whole):
                    done = subprocess.run([program, "run", *line.split()], cwd=self.dir, capture_output=True, input=(self.dir / "app.aot").read_bytes())
                    ends.append(repr(Done(done)))
                self.assertEqual(*ends)


if __name__ == "__main__":
    main()
