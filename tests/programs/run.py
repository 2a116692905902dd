#!/usr/bin/env python3
"""Runs one test program in one mode and compares what it does with the reference.

The cases stand in the program's source, in comments that begin with `//:`; see README.md. The reference is the file
<name>.expected beside the source, or the same source built for this machine."""
import argparse
import contextlib
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

TRAPPED = 134  # exit code of `wasmc run` after a trap
NODE_HOST = pathlib.Path(__file__).with_name("node_host.mjs")


class Command:
    """One process. `native`: the program built for this machine, whatever the mode."""

    def __init__(self, args, native=False):
        self.args, self.native = shlex.split(args), native

    def name(self):
        return shlex.join(self.args) or "(no arguments)"


class Case:
    """One directory, and the steps that run in it one after the other: commands that run at the same time."""

    def __init__(self, args):
        self.steps = [[Command(args)]]
        self.env, self.stdin, self.input, self.exit, self.native_exit = {}, nothing, None, 0, None
        self.trap, self.frame, self.has_dir = None, None, True

    def name(self):
        return " && ".join(" & ".join(command.name() for command in step) for step in self.steps)


@contextlib.contextmanager
def nothing(_file):
    yield subprocess.DEVNULL


@contextlib.contextmanager
def from_file(file):
    with open(file, "rb") as stdin:
        yield stdin


@contextlib.contextmanager
def pipe(file):
    """A pipe that already holds all of the file. Without one it stays empty, and open."""
    reader, writer = os.pipe()
    with open(reader, "rb") as stdin:
        if not file:
            with open(writer, "wb"):
                yield stdin
            return
        with open(writer, "wb") as held:
            held.write(file.read_bytes())
        yield stdin


@contextlib.contextmanager
def terminal(_file):
    controller, follower = os.openpty()
    with open(controller, "rb"), open(follower, "rb") as stdin:
        yield stdin


STDIN = {"stdin": from_file, "stdin-pipe": pipe, "stdin-silent": pipe, "stdin-terminal": terminal}


def read_cases(source):
    cases = []
    for line in source.read_text().splitlines():
        if not line.startswith("//: "):
            continue
        word, _, rest = line[4:].partition(" ")
        if word == "run":
            cases.append(Case(rest))
            continue
        case = cases[-1]
        if word in ("then", "then-native"):
            case.steps.append([Command(rest, word == "then-native")])
        elif word in ("beside", "beside-native"):
            case.steps[-1].append(Command(rest, word == "beside-native"))
        elif word == "env":
            key, _, value = rest.partition("=")
            case.env[key] = value
        elif word in STDIN:
            case.stdin, case.input = STDIN[word], source.with_name(rest) if rest else None
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
    return cases or [Case("")]


class Outcome:
    def __init__(self):
        self.stdout, self.stderr, self.exits, self.files = b"", b"", [], {}


def run_together(commands, **options):
    """Starts all commands, then waits for each; what they wrote comes in their order."""
    with contextlib.ExitStack() as stack:
        running = []
        for command in commands:
            outputs = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(2)]
            process = stack.enter_context(subprocess.Popen(command, stdout=outputs[0], stderr=outputs[1], **options))
            stack.callback(process.kill)  # those that still run when one has timed out
            running.append((process, outputs))
        for process, outputs in running:
            code = process.wait(timeout=600)
            for output in outputs:
                output.seek(0)
            yield (code if code >= 0 else 128 - code, *(output.read() for output in outputs))


def content_of(path):
    if path.is_symlink():
        return f"link to {os.readlink(path)}"
    return "directory" if path.is_dir() else path.read_bytes()


def run_case(case, command_for, native_command):
    """Runs the steps in a fresh directory. The functions are those of commands() and natively()."""
    out = Outcome()
    env = {"PATH": os.environ["PATH"], **case.env}
    with tempfile.TemporaryDirectory() as directory:
        for step in case.steps:
            commands = [(native_command if command.native else command_for)(command.args, case, directory) for command in step]
            with case.stdin(case.input) as stdin:
                for code, stdout, stderr in run_together(commands, cwd=directory, env=env, stdin=stdin):
                    out.exits.append(code)
                    out.stdout += stdout
                    out.stderr += stderr
        for path in sorted(pathlib.Path(directory).rglob("*")):
            out.files[str(path.relative_to(directory))] = content_of(path)
    return out


def wasmc_options(case, directory):
    options = [f"--dir={directory}::."] if case.has_dir else []
    return options + [f"--env={key}={value}" for key, value in case.env.items()]


def run_command(options):
    return shlex.split(options.emulator) + [options.run_wasmc or options.wasmc, "run"]


def compile_artifact(options, artifact, compile_options, triple):
    compile_command = [options.wasmc, "compile", *compile_options, options.wasm, "-o", artifact]
    if triple:
        compile_command.append(f"--target={triple}")
    subprocess.run(compile_command, check=True, timeout=600)


def artifact_commands(options, artifact):
    return lambda args, case, directory: run_command(options) + wasmc_options(case, directory) + [artifact, "--", *args]


def commands(options, scratch):
    """The functions that give a command for (args, case, directory), in the mode asked for. A case is run with one after the other."""
    mode, _, triple = options.mode.partition("@")
    artifact = os.path.join(scratch, "program.aot")
    if options.mode == "node":
        yield lambda args, case, directory: ["node", "--no-warnings", str(NODE_HOST)] + wasmc_options(case, directory) + [options.wasm, *args]
    elif mode == "jit":  # each run compiles, whatever others left
        yield lambda args, case, directory: run_command(options) + ["--no-cache"] + wasmc_options(case, directory) + [options.wasm, "--", *args]
    elif mode == "tiers":  # better code comes while it runs, or does not: no cache keeps it for the next case
        yield lambda args, case, directory: ["env", "WASMC_CACHE_SIZE=0"] + run_command(options) + ["--tier-up=always"] + wasmc_options(case, directory) + [options.wasm, "--", *args]
    elif mode == "profile":
        if not os.path.exists(artifact):  # made of what the first case counts, for all
            profile = os.path.join(scratch, "program.profile")
            yield lambda args, case, directory: [options.wasmc, "run", f"--profile-out={profile}"] + wasmc_options(case, directory) + [options.wasm, "--", *args]
            compile_artifact(options, artifact, [f"--profile-use={profile}"], triple)
        yield artifact_commands(options, artifact)
    else:
        if not os.path.exists(artifact):  # the same for all cases
            compile_artifact(options, artifact, [mode.removeprefix("aot") or "-O2"], triple)
        yield artifact_commands(options, artifact)


def natively(options):
    """The same for the program built for this machine."""
    return lambda args, case, directory: [options.native, *args]


def expected_outcome(case, native_command, options):
    expectation = pathlib.Path(options.source).with_suffix(".expected")
    if not expectation.exists():
        return run_case(case, native_command, native_command)
    text = expectation.read_text()
    for i, argument in enumerate(case.steps[0][0].args, 1):
        text = text.replace(f"${i}", argument)
    out = Outcome()
    out.stdout = text.encode()
    out.exits = [case.exit for step in case.steps for _ in step]
    return out


def differences(case, expected, got, mode):
    """Lines that say how the outcome differs from what it should be; none if all is well."""
    own_reference = expected.files or expected.stderr
    if got.exits[-1] != case.exit:
        yield f"exit code {got.exits[-1]}, expected {case.exit}"
    if got.exits[:-1] != expected.exits[:-1]:
        yield f"the commands before exit with {got.exits[:-1]}, expected {expected.exits[:-1]}"
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
    parser.add_argument("--mode", required=True, help="aot-O0, aot-O2, aot-O2@TRIPLE, jit, tiers, profile, profile@TRIPLE, or node (to check the references)")
    options = parser.parse_args()
    for name in ("wasm", "native", "wasmc", "run_wasmc"):  # commands run in directories of their own
        path = getattr(options, name)
        setattr(options, name, path and os.path.abspath(path))
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        native_command = natively(options)
        for case in read_cases(pathlib.Path(options.source)):
            expected = expected_outcome(case, native_command, options)
            wrong = [line for command_for in commands(options, scratch)
                     for line in differences(case, expected, run_case(case, command_for, native_command), options.mode)]
            failed += bool(wrong)
            print(f"{'FAIL' if wrong else 'ok  '} {case.name()}", *wrong, sep="\n     " if wrong else "")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
