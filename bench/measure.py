"""Building programs, and running a command and weighing it."""
import os
import pathlib
import platform
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent
# The plainest CPU that clang's native code is made for when no -march is given; so native and Wasm have the same instructions.
BASELINE_CPU = {"x86_64": "x86-64"}.get(platform.machine(), "generic")


MEASURED = ("wall", "cpu", "peak")


def programs():
    """The sources of programs/."""
    return sorted((HERE / "programs").glob("*.c*"))


@dataclass
class Usage:
    """What one run of a command took, and what it said."""

    wall: float  # seconds
    cpu: float  # seconds, user and system
    peak: int  # bytes resident
    code: int
    output: bytes
    errors: str


class Launcher:
    """Runs commands by way of launch.c, which is built first. wasmc gets a cache of its own, so that no session finds what another left."""

    def __init__(self, clang, scratch):
        self.program, self.report, self.errors = scratch / "launch", scratch / "launch.report", scratch / "launch.errors"
        self.environment = {**os.environ, "WASMC_CACHE_DIR": str(scratch / "cache"), "WASMC_CACHE_SIZE": "2G"}
        build([clang, "-O2", "-static", str(HERE / "launch.c"), "-o", str(self.program)])

    def run(self, command, show_errors=False):
        """With `show_errors`, standard error goes where that of the benchmark goes, for progress."""
        with self.errors.open("wb") as errors:
            done = subprocess.run([str(self.program), str(self.report), *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=None if show_errors else errors, env=self.environment)
        said = self.errors.read_text(errors="replace")
        if done.returncode != 0:
            sys.exit(f"cannot run: {shlex.join(command)}\n{said}".rstrip())
        wall, cpu, peak, code = self.report.read_text().split()
        return Usage(int(wall) / 1e9, int(cpu) / 1e6, int(peak) * 1024, int(code), done.stdout, said)

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


def own_wasm_flags(source):
    """What a program asks for in a comment of its own: `// wasm-flags: -msimd128`."""
    asked = re.search(r"^// wasm-flags: (.*)$", source.read_text(), re.MULTILINE)
    return shlex.split(asked[1]) if asked else []


def build_wasm(source, output, clang, flags):
    exceptions = ["-fno-exceptions"] if source.suffix == ".cpp" else []
    build([compiler_for(source, clang), "--target=wasm32-wasi", "-Wno-deprecated", "-O3", "-ffp-contract=off", *exceptions,
           "-Wl,-z,stack-size=1048576", *own_wasm_flags(source), *flags, str(source), "-o", str(output)])


def machine():
    model = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{model}, {os.cpu_count()} cores, {platform.machine()}, Linux {platform.release()}"
