#!/usr/bin/env python3
"""Runs the official WASI test suite (github.com/WebAssembly/wasi-testsuite, prebuilt) with `wasmc run`.

Each test is a .wasm with an optional .json beside it: args, env, dirs (granted under their own names) or root (granted as /), stdin,
stdout, stderr, exit_code. A test works on a copy of its directories, so the suite stays as it is. Prints every failure with its
reason, then the counts; exits with 1 if a test failed.
"""

import argparse
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SKIPPED_FOLDERS = {"threads": "the proposal wasi-threads is not part of WASI 0.1"}
TIMEOUT_SECONDS = 60


def command_of(run_command: list[str], test: Path, config: dict, scratch: Path) -> list[str]:
    """The command line, with the directories that it names copied below `scratch`."""
    granted = [(name, name) for name in config.get("dirs", [])]
    if "root" in config:
        granted.append((config["root"], "/"))
    command = list(run_command)
    for host, guest in granted:
        shutil.copytree(test.parent / host, scratch / host, symlinks=True)
        command += ["--dir", f"{scratch / host}::{guest}"]
    for name, value in config.get("env", {}).items():
        command += ["--env", f"{name}={value}"]
    return command + [str(test), "--"] + config.get("args", [])


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


def run(run_command: list[str], test: Path) -> str:
    description = test.with_suffix(".json")
    config = json.loads(description.read_text()) if description.exists() else {}
    with tempfile.TemporaryDirectory(prefix="wasmc-wasi-") as scratch:
        command = command_of(run_command, test, config, Path(scratch))
        try:
            done = subprocess.run(command, input=config.get("stdin", "").encode(), capture_output=True, timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            return f"did not end within {TIMEOUT_SECONDS} seconds"
    return check(config, done)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wasmc", default="wasmc", help="the program to test")
    parser.add_argument("--suite", type=Path, required=True, help="directory of the prebuilt suite")
    parser.add_argument("--only", default="*", help="pattern of test names, e.g. 'rust/path_*'")
    parser.add_argument("--options", default="-O0", help="for `wasmc run`; compiling well costs more here than it gains (%(default)s)")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count(), help="tests at a time")
    options = parser.parse_args()

    tests = {f"{path.parent.name}/{path.stem}": path for path in sorted(options.suite.glob("*/*.wasm"))}
    chosen = {name: path for name, path in tests.items() if fnmatch.fnmatch(name, options.only)}
    wanted = {name: path for name, path in chosen.items() if path.parent.name not in SKIPPED_FOLDERS}
    if not wanted:
        print(f"{options.suite}: no such tests there", file=sys.stderr)
        return 1
    run_command = [options.wasmc, "run"] + options.options.split()
    failed = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for name, reason in zip(wanted, pool.map(lambda test: run(run_command, test), wanted.values())):
            if reason:
                failed += 1
                print(f"FAILED {name}: {reason}", flush=True)
    for folder, reason in SKIPPED_FOLDERS.items():
        print(f"skipped {folder}/: {reason}")
    print(f"{len(wanted) - failed} passed, {failed} failed, {len(chosen) - len(wanted)} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
