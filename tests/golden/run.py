#!/usr/bin/env python3
"""Golden tests: a module in, assembly, IR or error text out, compared with what stands beside it. See README.md.

run.py --wasmc PATH [--bless] [FILE…]    without files: all"""
import argparse
import difflib
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

# What a run's name begins with says what it emits.
KINDS = {
    "x86-64": ["--emit=asm", "--target=x86_64-linux-gnu", "--cpu=x86-64"],
    "aarch64": ["--emit=asm", "--target=aarch64-linux-gnu", "--cpu=generic"],
    "ir": ["--emit=llvm-opt", "--target=x86_64-linux-gnu", "--cpu=x86-64"],
    "error": [],
}


class Test:
    def __init__(self, path):
        self.path, self.runs, self.expects, self.converter_options = path, {}, [], []
        self.by_wasmc = False
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if match := re.match(r";; run ([\w.-]+)(?:: (.*))?$", line):
                self.runs[match[1]] = shlex.split(match[2] or "")
            elif match := re.match(r";; expect (\S+) (\S+) (\S+) /(.*)/$", line):
                self.expects.append((number, *match.groups()))
            elif line == ";; wasmc wat":
                self.by_wasmc = True
            elif match := re.match(r";; wat2wasm (.*)$", line):
                self.converter_options = shlex.split(match[1])
            elif re.match(r";; (run|expect)\b", line) and not line.endswith("."):
                sys.exit(f"{path}:{number}: cannot be read: {line}")
        if not self.runs:
            sys.exit(f"{path}: no ';; run'")

    def expectation(self, run):
        return self.path.with_suffix(f".{run}.expected")

    def convert(self, wasmc, output):
        """Makes the binary module."""
        if self.path.suffix == ".hex":
            digits = re.sub(r";;.*", "", self.path.read_text())
            output.write_bytes(bytes.fromhex("".join(digits.split())))
        elif self.by_wasmc:
            subprocess.run([wasmc, "wat", "--no-check", self.path, "-o", output], check=True)
        else:
            subprocess.run(["wat2wasm", "--debug-names", "--no-check", *self.converter_options, self.path, "-o", output], check=True)


def produce(wasmc, run, options, wasm):
    """What wasmc makes of the module, normalised."""
    kind = run.split(".")[0]
    defaults = [option for option in KINDS[kind] if not any(given.startswith(option.split("=")[0] + "=") for given in options)]
    level = [] if any(option.startswith("-O") for option in options) else ["-O2"]
    command = [wasmc, "compile", *level, "-j1", *defaults, *options, wasm.name, "-o", "out.aot"]
    done = subprocess.run(command, cwd=wasm.parent, capture_output=True, text=True)
    if kind == "error":
        if done.returncode != 1:
            sys.exit(f"{shlex.join(command)}: exit code {done.returncode}, expected 1")
        return done.stderr
    if done.returncode != 0:
        sys.exit(f"{shlex.join(command)}: exit code {done.returncode}\n{done.stderr}")
    suffix = ".ll" if kind == "ir" else ".s"
    text = "".join(path.read_text() for path in sorted(wasm.parent.glob(f"*{suffix}")))
    return normalise_ir(text) if kind == "ir" else normalise_assembly(text)


def normalise_assembly(text):
    """The module's functions only: no directives, comments or debug labels; branch targets numbered within each function."""
    out, labels, inside = [], {}, False
    for line in text.splitlines():
        line = re.sub(r"\s*(#|//|;).*$", "", line).rstrip()
        if match := re.match(r'"?([^".\s][^"\s]*)\.f\d+"?:$', line):
            inside, labels = True, {}
            out.append(f"{match[1]}:")
        elif line.startswith(".Lfunc_end"):
            if inside:
                out.append("")
            inside = False
        elif inside and line and not re.match(r"\s+\.|\.L(tmp|func_begin)", line):
            line = re.sub(r"\.L(BB|CPI|JTI)\w+", lambda m: labels.setdefault(m[0], f"{ {'BB': 'L', 'CPI': 'constant', 'JTI': 'table'}[m[1]] }{len(labels)}"), line)
            out.append(re.sub(r'"?([\w$]+)\.f\d+"?', r"\1", line))
    return "\n".join(out) + "\n"


def normalise_ir(text):
    """The module's functions only, without metadata and attribute numbers."""
    out, inside = [], False
    for line in text.splitlines():
        inside = inside or re.match(r"define .*\.f\d+\"?\(", line)
        if inside:
            line = re.sub(r"(, )?![\w.]+ ![\w.]+", "", line)
            line = re.sub(r" #\d+", "", line)
            line = re.sub(r'@"?([\w$]+)\.f\d+"?', r"@\1", line)
            out.append(re.sub(r"\s*;.*$", "", line))
        if line == "}":
            inside = False
    return "\n".join(out) + "\n"


def functions(text):
    """Name → lines of the body, of normalised assembly or IR."""
    out, name = {}, None
    begin = r"define .*@(\S+?)\(" if text.startswith("define") else r"(?!L\d+:)(\S+):$"
    for line in text.splitlines():
        if match := re.match(begin, line):
            name = match[1]
            out[name] = []
            continue
        if name:
            out[name].append(line)
    return out


def in_range(count, wanted):
    if wanted.startswith(">="):
        return count >= int(wanted[2:])
    low, _, high = wanted.partition("..")
    return int(low) <= count <= int(high or low)


def broken_expectations(test, run, text):
    bodies = functions(text)
    for number, wanted_run, function, wanted, pattern in test.expects:
        if wanted_run != run:
            continue
        if function != "*" and function not in bodies:
            yield f"{test.path.name}:{number}: {run} has no function {function}"
        for name, lines in bodies.items():
            count = sum(bool(re.search(pattern, line)) for line in lines)
            if function in ("*", name) and not in_range(count, wanted):
                yield f"{test.path.name}:{number}: {run}: {name} has {count} lines like /{pattern}/, expected {wanted}"


def check(test, run, text, bless):
    """Lines that say what is wrong. Blessing rewrites the text, never the rules."""
    yield from broken_expectations(test, run, text)
    path = test.expectation(run)
    expected = path.read_text() if path.exists() else ""
    if bless and expected != text:
        path.write_text(text)
        print(f"blessed {path.name}")
    elif not bless and expected != text:
        yield from difflib.unified_diff(expected.splitlines(), text.splitlines(), path.name, "now", lineterm="")


def run_test(test, options):
    wrong = []
    for run, run_options in test.runs.items():
        with tempfile.TemporaryDirectory() as scratch:
            wasm = pathlib.Path(scratch) / f"{test.path.stem}.wasm"
            test.convert(options.wasmc, wasm)
            wrong += check(test, run, produce(options.wasmc, run, run_options, wasm), options.bless)
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wasmc", required=True)
    parser.add_argument("--bless", action="store_true", help="rewrite the expectations (the `;; expect` rules are still checked)")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    options.wasmc = str(pathlib.Path(options.wasmc).resolve())
    failed = 0
    for path in options.files or sorted([*HERE.glob("*.wat"), *HERE.glob("*.hex")]):
        wrong = run_test(Test(path), options)
        failed += bool(wrong)
        print(f"{'FAIL' if wrong else 'ok  '} {path.name}", *wrong, sep="\n" if wrong else "")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
