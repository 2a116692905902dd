#!/usr/bin/env python3
"""What calls into the host cost beside native ones.

Builds host_calls.c for this machine and as Wasm and runs both in turn on the same files: reading a clock, writing one byte, reading
and writing 64 KiB blocks, reading a directory of 100,000 entries. Prints nanoseconds per call (per entry for the directory), the median
over the runs of both sides, the difference, and the ratio of each pair. See README.md."""
import argparse
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile

import sides
import table
from measure import BASELINE_CPU, HERE, Launcher, build_native, build_wasm, machine
from sides import Side

JOBS = ("clock", "write-1", "read-64K", "write-64K", "readdir")


def nanoseconds(launcher, command):
    done = launcher.run(command)
    if done.code != 0:
        sys.exit(f"{shlex.join(command)} exits with {done.code}\n{done.errors}".rstrip())
    return float(done.output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wasmc", default="wasmc", help="the wasmc to measure")
    parser.add_argument("--clang", default="clang-22", help="builds both sides")
    parser.add_argument("--runs", type=int, default=15, help="of each job and side (default: %(default)s)")
    sides.add_arguments(parser)
    parser.add_argument("--directory", type=pathlib.Path, help="where the files are made (default: the system's directory for such)")
    options = parser.parse_args()
    ways = [Side("native", ["{native}", "{args}"]), Side("wasmc", [options.wasmc, "run", "--dir", "{dir}", "{artifact}", "{args}"]), *options.peer]
    sides.check_names(ways)
    with tempfile.TemporaryDirectory(dir=options.directory) as scratch:
        scratch = pathlib.Path(scratch)
        native, wasm, artifact, files, entries = (scratch / name for name in ("native", "calls.wasm", "calls.aot", "files", "entries"))
        build_native(HERE / "host_calls.c", native, options.clang, [])
        build_wasm(HERE / "host_calls.c", wasm, options.clang, [])
        subprocess.run([options.wasmc, "compile", "-O2", "--cpu", BASELINE_CPU, wasm, "-o", artifact], check=True)
        places = {"native": native, "wasm": wasm, "artifact": artifact}
        launcher = Launcher(options.clang, scratch)
        sides.prepare(options.prepare, {**places, "dir": scratch}, launcher)
        files.mkdir()
        entries.mkdir()
        subprocess.run([native, "write-64K", files], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([native, "make-entries", entries], check=True, stdout=subprocess.DEVNULL)
        rows = []
        for job in JOBS:
            directory = "/dev" if job == "write-1" else entries if job == "readdir" else files
            commands = [way.command({**places, "dir": directory}, [job, str(directory)]) for way in ways]
            turns = [[nanoseconds(launcher, command) for command in commands] for _ in range(options.runs)]
            of = [statistics.median(column) for column in zip(*turns)]
            row = [job, f"{of[0]:.1f}"]
            for i in range(1, len(ways)):
                ratio = statistics.median(turn[i] / turn[0] for turn in turns)
                row += [f"{of[i]:.1f}", f"{of[i] - of[0]:+.1f}", f"{ratio:.3f}"]
            rows.append(row)
    print(f"machine: {machine()}")
    header = ["job", "native ns"]
    for way in ways[1:]:
        header += [f"{way.name} ns", "more ns", "ratio"]
    print(table.text(header, rows), end="")


if __name__ == "__main__":
    main()
