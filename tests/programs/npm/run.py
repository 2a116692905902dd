#!/usr/bin/env python3
"""Runs real programs from npm by AOT and by JIT and compares what they write with the same module under Node's node:wasi.

run.py --wasmc PATH --build DIRECTORY [--level 2] [--jit-level 0] [esbuild] [yosys] [clang]    prints time and peak memory of each step

The packages are installed below DIRECTORY, in the versions named here."""
import argparse
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
NODE_HOST = HERE.parent / "node_host.mjs"


class Program:
    """A package, its module, and a job: directories to grant (host → guest), and the arguments of its runs, one after the other,
    which write below `out/`."""

    def __init__(self, package, version, module, name):
        self.package, self.version, self.module, self.name = package, version, module, name
        self.dirs, self.runs = {}, []

    def prepare(self, directory, job):
        """Unpacks what the program needs below `directory`, and its input into the fresh directory `job`."""


class Esbuild(Program):
    def __init__(self):
        super().__init__("@esbuild/wasi-preview1", "0.27.2", "esbuild.wasm", "esbuild")
        self.runs = [shlex.split("--bundle --minify --sourcemap --splitting --format=esm --jsx-factory=h --loader:.svg=dataurl "
                                 "--log-level=warning --metafile=out/meta.json --outdir=out src/main.ts src/pages/report.ts")]

    def prepare(self, directory, job):
        shutil.copytree(HERE / "esbuild-project", job, dirs_exist_ok=True)
        self.dirs = {job: "/"}


class Yosys(Program):
    def __init__(self):
        super().__init__("@yowasp/yosys", "0.55.944", "gen/yosys.core.wasm", "yosys")
        files = "/job/rtl/counter.v /job/rtl/display.v /job/board.v"
        self.runs = [["-q", "-p", f"read_verilog -I/job/include {files}; synth_ice40 -top board; write_json /job/out/board.json; "
                      "write_verilog /job/out/netlist.v"]]

    def prepare(self, directory, job):
        if not (directory / "share").exists():
            subprocess.run(["node", HERE / "unpack_yosys.mjs", directory / "node_modules" / self.package, directory], check=True)
        (directory / "tmp").mkdir(exist_ok=True)
        shutil.copytree(HERE / "verilog-project", job, dirs_exist_ok=True)
        self.dirs = {directory / "share": "/share", directory / "tmp": "/tmp", job: "/job"}


class Clang(Program):
    def __init__(self):
        # The module is many tools in one: called `llvm`, it takes the tool's name as the first argument.
        super().__init__("@yowasp/clang", "22.0.0-git20542-10", "gen/llvm.core.wasm", "llvm")
        # A process each, as a build would: in WASI, clang cannot start another.
        sources = ["main", "parser", "variables"]
        compiler = ["clang", "-O2", "-MMD", "-I/job/include", "-c"]
        self.runs = [[*compiler, f"/job/source/{name}.c", "-o", f"/job/out/{name}.o"] for name in sources]
        library = "/usr/lib/wasm32-wasip1"
        linked = [f"{library}/crt1-command.o", *(f"/job/out/{name}.o" for name in sources), "-lm", "-lc",
                  "/usr/lib/wasm32-unknown-wasip1/libclang_rt.builtins.a"]
        self.runs.append(["wasm-ld", f"-L{library}", *linked, "-o", "/job/out/calc.wasm"])

    def prepare(self, directory, job):
        sysroot = directory / "usr"
        if not sysroot.exists():
            sysroot.mkdir()
            subprocess.run(["tar", "xf", directory / "node_modules" / self.package / "gen/llvm-resources.tar", "-C", sysroot], check=True)
        shutil.copytree(HERE / "c-project", job, dirs_exist_ok=True)
        self.dirs = {sysroot: "/usr", job: "/job"}


PROGRAMS = {"esbuild": Esbuild, "yosys": Yosys, "clang": Clang}


def timed(what, command, **options):
    """Runs a command and prints its wall time and peak memory."""
    start = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], **options)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    print(f"  {what:<24} {time.monotonic() - start:8.2f} s  {usage.ru_maxrss / 1024:8.0f} MB", flush=True)
    if process.returncode != 0:
        sys.exit(f"exit code {process.returncode}: {shlex.join(str(word) for word in command)}")


def install(program, directory):
    installed = directory / "node_modules" / program.package
    stamp = directory / f"installed-{program.version}"
    if not stamp.exists():
        directory.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", directory,
                        f"{program.package}@{program.version}"], check=True)
        stamp.touch()
    # Under a name of its own, because programs see it as argument 0.
    module = directory / f"{program.name}.wasm"
    shutil.copyfile(installed / program.module, module)
    return module


def run_job(program, directory, how, command, file, runs):
    """The runs in a fresh directory; after each, what it wrote and what is below `out/`, by name."""
    job = directory / f"job-{how}"
    shutil.rmtree(job, ignore_errors=True)
    (job / "out").mkdir(parents=True)
    program.prepare(directory, job)
    grants = [f"--dir={host}::{guest}" for host, guest in program.dirs.items()]
    separator = [] if how == "node" else ["--"]
    for i, arguments in enumerate(runs, 1):
        with open(directory / f"stdout-{how}", "wb") as stdout:
            timed(f"run {i} of {len(runs)}, {how}", [*command, *grants, file, *separator, *arguments], stdout=stdout)
        files = {str(path.relative_to(job)): path.read_bytes() for path in sorted(job.glob("out/**/*")) if path.is_file()}
        yield {**files, "standard output": (directory / f"stdout-{how}").read_bytes()}


def differences(reference, got, how):
    for i, (expected, found) in enumerate(zip(reference, got), 1):
        for name in sorted({*expected, *found}):
            if expected.get(name) != found.get(name):
                sizes = [len(files[name]) if name in files else "no" for files in (found, expected)]
                yield f"{how}, run {i}: {name} differs from Node's ({sizes[0]} and {sizes[1]} bytes)"


def check(program, wasmc, level, jit_level, directory):
    print(f"{program.package} {program.version}")
    module = install(program, directory)
    artifact = module.with_suffix(".aot")
    reference = list(run_job(program, directory, "node", ["node", "--no-warnings", NODE_HOST], module, program.runs))
    timed(f"compile {level}", [wasmc, "compile", level, module, "-o", artifact], stderr=subprocess.DEVNULL)
    wrong = list(differences(reference, run_job(program, directory, "aot", [wasmc, "run"], artifact, program.runs), "AOT"))
    # Only the first: each such run compiles the module again.
    wrong += differences(reference, run_job(program, directory, "jit", [wasmc, "run", "--no-cache", jit_level], module, program.runs[:1]), "JIT")
    for line in wrong:
        print(f"  FAIL {line}")
    if not wrong:
        print(f"  ok: {', '.join(reference[-1])} as under Node")
    return not wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wasmc", required=True, type=pathlib.Path)
    parser.add_argument("--build", required=True, type=pathlib.Path, help="directory for packages and outputs")
    parser.add_argument("--level", default="2", help="of the artifact: 0, 1, 2, 3 or s (%(default)s)")
    parser.add_argument("--jit-level", default="0", help="of the run that compiles in memory (%(default)s)")
    parser.add_argument("programs", nargs="*", help=", ".join(PROGRAMS))
    options = parser.parse_args()
    unknown = set(options.programs) - set(PROGRAMS)
    if unknown:
        parser.error(f"no such program: {', '.join(sorted(unknown))}")
    wasmc, build, levels = options.wasmc.resolve(), options.build.resolve(), (f"-O{options.level}", f"-O{options.jit_level}")
    results = [check(PROGRAMS[name](), wasmc, *levels, build / name) for name in options.programs or PROGRAMS]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
