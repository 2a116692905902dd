#!/usr/bin/env python3
"""Compiles a given module once and says what it took: seconds by phase, peak memory, megabytes of code section a second.

For the big modules that are not part of the project; README.md says where to get some. Seconds are wall time, all cores unless
the flags say -j1."""
import argparse
import pathlib
import shlex
import sys
import tempfile

from measure import Launcher, machine
from table import megabytes


def read_leb(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def code_section_size(data):
    """Bytes of section 10, the function bodies."""
    if data[:8] != b"\0asm\x01\0\0\0":
        sys.exit("not a WebAssembly module")
    at = 8
    while at < len(data):
        section = data[at]
        size, at = read_leb(data, at + 1)
        if section == 10:
            return size
        at += size
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wasm", type=pathlib.Path, nargs="+")
    parser.add_argument("--wasmc", default="wasmc")
    parser.add_argument("--wasmc-flags", default="-O2", help="for `wasmc compile`, as in --wasmc-flags=-O0 (default: %(default)s)")
    parser.add_argument("--clang", default="clang-22", help="builds the small launcher that weighs the compiler")
    parser.add_argument("-o", "--output", type=pathlib.Path, help="keep the artifact (of the last module)")
    options = parser.parse_args()
    print(f"machine: {machine()}")
    with tempfile.TemporaryDirectory() as scratch:
        launcher = Launcher(options.clang, pathlib.Path(scratch))
        artifact = options.output or pathlib.Path(scratch) / "big.aot"
        for wasm in options.wasm:
            code = code_section_size(wasm.read_bytes())
            command = [options.wasmc, "compile", "--time", *shlex.split(options.wasmc_flags), str(wasm), "-o", str(artifact)]
            print(f"\n{shlex.join(command)}", flush=True)
            used = launcher.run(command, show_errors=True)
            if used.code != 0:
                sys.exit(f"wasmc compile exits with {used.code}")
            print(f"{wasm.name}: {megabytes(wasm.stat().st_size)} MB, code section {megabytes(code)} MB, artifact {megabytes(artifact.stat().st_size)} MB")
            print(f"{used.wall:.1f} s wall, {used.cpu:.1f} s CPU, {code / 1e6 / used.wall:.3f} MB of code a second, "
                  f"{code / 1e6 / used.cpu:.3f} a CPU second, peak {used.peak / 2**30:.2f} GiB")


if __name__ == "__main__":
    main()
