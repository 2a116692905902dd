"""What the runners share: building, running a command and weighing it, statistics, tables."""
import math
import os
import pathlib
import platform
import shlex
import statistics
import subprocess
import sys
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent
# The plainest CPU that clang's native code is made for when no -march is given; so native and Wasm have the same instructions.
BASELINE_CPU = {"x86_64": "x86-64"}.get(platform.machine(), "generic")


@dataclass
class Usage:
    """What one run of a command took, and what it said."""

    wall: float  # seconds
    cpu: float  # seconds, user and system
    peak: int  # bytes resident
    code: int
    output: bytes


class Launcher:
    """Runs commands by way of launch.c, which is built first."""

    def __init__(self, clang, scratch):
        self.program, self.report = scratch / "launch", scratch / "launch.report"
        build([clang, "-O2", "-static", str(HERE / "launch.c"), "-o", str(self.program)])

    def run(self, command, errors=None):
        done = subprocess.run([str(self.program), str(self.report), *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        if done.returncode != 0:
            sys.exit(f"cannot run: {shlex.join(command)}")
        wall, cpu, peak, code = self.report.read_text().split()
        return Usage(int(wall) / 1e9, int(cpu) / 1e6, int(peak) * 1024, int(code), done.stdout)

    def alternate(self, commands, runs):
        """Runs the commands A B C A B C …; gives a list of runs for each."""
        used = [[] for _ in commands]
        for _ in range(runs):
            for i, command in enumerate(commands):
                used[i].append(self.run(command))
        return used


def build(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(command)}\n{done.stdout.decode(errors='replace')}")


def compiler_for(source, clang):
    return clang.replace("clang", "clang++", 1) if source.suffix == ".cpp" else clang


def build_native(source, output, clang, flags):
    build([compiler_for(source, clang), "-O3", "-ffp-contract=off", *flags, str(source), "-o", str(output), "-lm"])


def build_wasm(source, output, clang, flags):
    exceptions = ["-fno-exceptions"] if source.suffix == ".cpp" else []
    build([compiler_for(source, clang), "--target=wasm32-wasi", "-Wno-deprecated", "-O3", "-ffp-contract=off", *exceptions,
           "-Wl,-z,stack-size=1048576", *flags, str(source), "-o", str(output)])


@dataclass
class Ratio:
    """A median of pairwise ratios, how far they spread, and the ratio of the two shortest runs, as a second opinion: what disturbs
    a run only ever adds time."""

    middle: float
    low: float
    high: float
    best: float

    def __str__(self):
        return f"{self.middle:.2f} ({self.low:.2f}–{self.high:.2f})"


def ratio(ours, theirs, field):
    pairs = [getattr(a, field) / max(getattr(b, field), 1e-9) for a, b in zip(ours, theirs)]
    return Ratio(statistics.median(pairs), min(pairs), max(pairs), best(ours, field) / max(best(theirs, field), 1e-9))


def best(used, field):
    return min(getattr(each, field) for each in used)


def middle(used, field):
    return statistics.median(getattr(each, field) for each in used)


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(value) for value in values)) if values else math.nan


def megabytes(size):
    return f"{size / 1e6:.1f}"


def machine():
    model = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{model}, {os.cpu_count()} cores, {platform.machine()}, Linux {platform.release()}"


def print_table(header, rows):
    """Left-aligned first column, right-aligned others."""
    widths = [max(len(str(row[i])) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, *rows]:
        print("  ".join(str(cell).ljust(width) if i == 0 else str(cell).rjust(width) for i, (cell, width) in enumerate(zip(row, widths))).rstrip())
