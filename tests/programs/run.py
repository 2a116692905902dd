#!/usr/bin/env python3
"""Runs one test program in one mode and compares what it does with the reference.

The cases stand in the program's source, in comments that begin with `//:`; see README.md. The reference is the file
<name>.expected beside the source, or the same source built for this machine."""
import argparse
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

TRAPPED = 134  # exit code of `wasmc run` after a trap
NODE_HOST = pathlib.Path(__file__).with_name("node_host.mjs")


class Case:
    """One directory, and the commands that run in it one after the other."""

    def __init__(self, args):
        self.steps = [args]
        self.env, self.stdin, self.exit, self.native_exit = {}, None, 0, None
        self.trap, self.frame, self.has_dir = None, None, True

    def name(self):
        return " && ".join(shlex.join(step) or "(no arguments)" for step in self.steps)


def read_cases(source):
    cases = []
    for line in source.read_text().splitlines():
        if not line.startswith("//: "):
            continue
        word, _, rest = line[4:].partition(" ")
        if word == "run":
            cases.append(Case(shlex.split(rest)))
            continue
        case = cases[-1]
        if word == "then":
            case.steps.append(shlex.split(rest))
        elif word == "env":
            key, _, value = rest.partition("=")
            case.env[key] = value
        elif word == "stdin":
            case.stdin = source.with_name(rest)
        elif word == "exit":
            case.exit = int(rest)
        elif word == "native-exit":
            case.native_exit = int(rest)
        elif word == "trap":
            case.trap, case.exit = rest, TRAPPED
        elif word == "frame":
            case.frame = rest
        elif word == "no-dir":
            case.has_dir = False
        else:
            sys.exit(f"{source}: unknown directive '{word}'")
    return cases or [Case([])]


class Outcome:
    def __init__(self):
        self.stdout, self.stderr, self.exits, self.files = b"", b"", [], {}


def run_case(case, command_for):
    """Runs the steps in a fresh directory. command_for(args, case, directory) gives the command."""
    out = Outcome()
    with tempfile.TemporaryDirectory() as directory:
        for step in case.steps:
            stdin = open(case.stdin, "rb") if case.stdin else subprocess.DEVNULL
            env = {"PATH": os.environ["PATH"], **case.env}
            done = subprocess.run(command_for(step, case, directory), cwd=directory, env=env, stdin=stdin, capture_output=True, timeout=600)
            out.stdout += done.stdout
            out.stderr += done.stderr
            out.exits.append(done.returncode if done.returncode >= 0 else 128 - done.returncode)
        for path in sorted(pathlib.Path(directory).rglob("*")):
            if path.is_file() and not path.is_symlink():
                out.files[str(path.relative_to(directory))] = path.read_bytes()
    return out


def wasmc_options(case, directory):
    options = [f"--dir={directory}::."] if case.has_dir else []
    return options + [f"--env={key}={value}" for key, value in case.env.items()]


def commands(options, scratch):
    """The function that gives the command for a step, in the mode asked for."""
    run = shlex.split(options.emulator) + [options.run_wasmc or options.wasmc, "run"]
    if options.mode == "node":
        return lambda step, case, directory: ["node", "--no-warnings", str(NODE_HOST)] + wasmc_options(case, directory) + [options.wasm, *step]
    if options.mode == "jit":
        return lambda step, case, directory: run + wasmc_options(case, directory) + [options.wasm, "--", *step]
    level, _, triple = options.mode.removeprefix("aot").partition("@")
    artifact = os.path.join(scratch, "program.aot")
    compile_command = [options.wasmc, "compile", level or "-O2", options.wasm, "-o", artifact]
    if triple:
        compile_command.append(f"--target={triple}")
    subprocess.run(compile_command, check=True, timeout=600)
    return lambda step, case, directory: run + wasmc_options(case, directory) + [artifact, "--", *step]


def expected_outcome(case, options):
    expectation = pathlib.Path(options.source).with_suffix(".expected")
    if not expectation.exists():
        return run_case(case, lambda step, case, directory: [options.native, *step])
    text = expectation.read_text()
    for i, argument in enumerate(case.steps[0], 1):
        text = text.replace(f"${i}", argument)
    out = Outcome()
    out.stdout = text.encode()
    out.exits = [case.exit] * len(case.steps)
    return out


def differences(case, expected, got, mode):
    """Lines that say how the outcome differs from what it should be; none if all is well."""
    own_reference = expected.files or expected.stderr
    if got.exits[-1] != case.exit:
        yield f"exit code {got.exits[-1]}, expected {case.exit}"
    native_exit = case.exit if case.native_exit is None else case.native_exit
    if expected.exits[-1] != native_exit:
        yield f"the reference exits with {expected.exits[-1]}, the test says {native_exit}"
    if got.stdout != expected.stdout:
        yield "standard output differs:\n--- expected\n" + expected.stdout.decode(errors="replace") + "--- got\n" + got.stdout.decode(errors="replace") + "---"
    stderr = got.stderr.decode(errors="replace")
    if case.trap is None:
        if own_reference and got.stderr != expected.stderr:
            yield f"standard error differs: expected {expected.stderr!r}, got {got.stderr!r}"
        if own_reference and got.files != expected.files:
            names = [name for name in {*got.files, *expected.files} if got.files.get(name) != expected.files.get(name)]
            yield f"files differ: {', '.join(sorted(names))}"
    elif mode != "node":  # Node words traps in its own way
        if case.trap not in stderr:
            yield f"standard error does not tell of '{case.trap}': {stderr!r}"
        if case.frame and case.frame not in stderr:
            yield f"standard error does not name the function '{case.frame}': {stderr!r}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", required=True)
    parser.add_argument("--wasm", required=True)
    parser.add_argument("--native", help="the source built for this machine")
    parser.add_argument("--wasmc", help="the wasmc that compiles, and runs unless --run-wasmc says otherwise")
    parser.add_argument("--run-wasmc", help="another wasmc to run artifacts with")
    parser.add_argument("--emulator", default="", help="command in front of --run-wasmc")
    parser.add_argument("--mode", required=True, help="aot-O0, aot-O2, aot-O2@TRIPLE, jit, or node (to check the references)")
    options = parser.parse_args()
    for name in ("wasm", "native", "wasmc", "run_wasmc"):  # commands run in directories of their own
        path = getattr(options, name)
        setattr(options, name, path and os.path.abspath(path))
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        command_for = commands(options, scratch)
        for case in read_cases(pathlib.Path(options.source)):
            wrong = list(differences(case, expected_outcome(case, options), run_case(case, command_for), options.mode))
            failed += bool(wrong)
            print(f"{'FAIL' if wrong else 'ok  '} {case.name()}", *wrong, sep="\n     " if wrong else "")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
