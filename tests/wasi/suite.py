#!/usr/bin/env python3
"""Runs the official WASI test suite (github.com/WebAssembly/wasi-testsuite, prebuilt; threads/ from wasi-threads) with `wasmc run`.

Each test is a .wasm with an optional .json beside it: args, env, dirs (granted under their own names) or root (granted as /), stdin,
stdout, stderr, exit_code. A test works on a copy of its directories, so the suite stays as it is. Prints every failure with its
reason, then the counts; exits with 1 if a test failed.
"""

import argparse
import fnmatch
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TIMEOUT_SECONDS = 60


class Runtime:
    """How a test's module is run: compiled in memory, or beforehand and for another machine too."""

    def __init__(self, options):
        self.options = options

    def prepare(self, test: Path, scratch: Path) -> Path:
        if self.options.mode == "jit":
            return test
        artifact = scratch / "test.aot"
        target = ["--target", self.options.target] if self.options.target else []
        command = [self.options.wasmc, "compile", *self.options.level.split(), *target, str(test), "-o", str(artifact)]
        subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_SECONDS)
        return artifact

    def command(self, module: Path, test: Path, options: list[str]) -> list[str]:
        level = ["--no-cache", *self.options.level.split()] if self.options.mode == "jit" else []
        runner = self.options.run_wasmc or self.options.wasmc
        return [*shlex.split(self.options.launcher), runner, "run", *level, "--argv0", str(test), *options, str(module), "--"]


def granted(test: Path, config: dict, scratch: Path) -> list[str]:
    """Options for what a test is given, with the directories that it names copied below `scratch`."""
    options = []
    for host, guest in [(name, name) for name in config.get("dirs", [])] + ([(config["root"], "/")] if "root" in config else []):
        shutil.copytree(test.parent / host, scratch / host, symlinks=True)
        options += ["--dir", f"{scratch / host}::{guest}"]
    for name, value in config.get("env", {}).items():
        options += ["--env", f"{name}={value}"]
    return options


def check(config: dict, done: subprocess.CompletedProcess) -> str:
    """Why the test failed; empty if it passed."""
    expected = config.get("exit_code", 0)
    if done.returncode != expected:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        return f"exit code {done.returncode}, expected {expected}" + "".join(f"\n    {line}" for line in said[:8])
    for stream, got in (("stdout", done.stdout), ("stderr", done.stderr)):
        if stream in config and got != config[stream].encode():
            return f"{stream} is {got!r}, expected {config[stream].encode()!r}"
    return ""


def run_with_stdin(command: list[str], text: str | None) -> subprocess.CompletedProcess:
    """Without any text, standard input stays open and silent, so that a guest that reads it waits."""
    if text is not None:
        return subprocess.run(command, input=text.encode(), capture_output=True, timeout=TIMEOUT_SECONDS)
    silent, writer = os.pipe()
    try:
        return subprocess.run(command, stdin=silent, capture_output=True, timeout=TIMEOUT_SECONDS)
    finally:
        os.close(silent)
        os.close(writer)


def run(runtime: Runtime, test: Path) -> str:
    description = test.with_suffix(".json")
    config = json.loads(description.read_text()) if description.exists() else {}
    with tempfile.TemporaryDirectory(prefix="wasmc-wasi-") as scratch:
        try:
            module = runtime.prepare(test, Path(scratch))
            command = runtime.command(module, test, granted(test, config, Path(scratch))) + config.get("args", [])
            done = run_with_stdin(command, config.get("stdin"))
        except subprocess.TimeoutExpired:
            return f"did not end within {TIMEOUT_SECONDS} seconds"
        except subprocess.CalledProcessError as failed:
            return f"not compiled: {failed.stderr.decode(errors='replace').strip()}"
    return check(config, done)


def find_tests(suite: Path) -> dict[str, Path]:
    """By language and name: `rust/x.wasm`, or in a checkout `tests/rust/testsuite/wasm32-wasip1/x.wasm`."""
    found = {f"{path.parent.name}/{path.stem}": path for path in sorted(suite.glob("*/*.wasm"))}
    checkout = sorted(suite.glob("tests/*/testsuite/wasm32-wasip1/*.wasm"))
    return found or {f"{path.parents[2].name}/{path.stem}": path for path in checkout}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wasmc", default="wasmc", help="the program to test")
    parser.add_argument("--suite", type=Path, required=True, help="directory of the prebuilt suite, or a checkout of its branch prod/testsuite-base")
    parser.add_argument("--only", default="*", help="pattern of test names, e.g. 'rust/path_*'")
    parser.add_argument("--mode", choices=("jit", "aot"), default="jit", help="compile in memory or to an artifact (%(default)s)")
    parser.add_argument("--level", default="-O0", help="options of the compiler; compiling well costs more here than it gains (%(default)s)")
    parser.add_argument("--target", help="compile for this machine, with --mode=aot")
    parser.add_argument("--run-wasmc", help="the program that runs artifacts, if another than --wasmc")
    parser.add_argument("--launcher", default="", help="put before the program that runs: an emulator, without_openat2.py")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count(), help="tests at a time")
    options = parser.parse_args()

    tests = find_tests(options.suite)
    chosen = {name: path for name, path in tests.items() if fnmatch.fnmatch(name, options.only)}
    if not chosen:
        print(f"{options.suite}: no such tests there", file=sys.stderr)
        return 1
    # Those of threads wait half a second for each other, which is little on a busy machine: one at a time.
    alone = [name for name in chosen if name.startswith("threads/")]
    together = [name for name in chosen if name not in alone]
    failed = 0
    for names, jobs in ((together, options.jobs), (alone, 1)):
        with ThreadPoolExecutor(jobs) as pool:
            for name, reason in zip(names, pool.map(lambda name: run(Runtime(options), chosen[name]), names)):
                if reason:
                    failed += 1
                    print(f"FAILED {name}: {reason}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
