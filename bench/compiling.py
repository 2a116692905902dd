"""The kind of session that measures `wasmc compile`: seconds by phase, CPU time, peak memory, size of the code."""
import json
import re
import subprocess
import sys

import table
from compare import show_against
from measure import MEASURED, programs
from outcome import Metric, Outcome

COMPARED = ("cpu", "peak", "text")


def phases(errors):
    """Phase → seconds of wall time, from the table that `--time` writes to standard error: name, seconds, seconds of all threads."""
    return {name: float(seconds) for name, seconds in re.findall(r"^(\w+) +(\d+\.\d+) +\d+\.\d+$", errors, re.MULTILINE)}


def text_size(inspected):
    """Bytes of machine code, from `wasmc inspect --json`."""
    return next(int(section["detail"].split()[0]) for section in json.loads(inspected)["sections"] if section["name"] == ".text")


def append(fields, run):
    for field, value in run.items():
        fields.setdefault(field, []).append(value)


class Compile:
    name = "compile"
    help = "what compiling the programs takes instead: seconds by phase, memory, size of the code"
    default_runs = 3

    def __init__(self, options):
        if options.peer:
            sys.exit("--compile measures wasmc only")
        self.against = bool(options.against)

    def sources(self):
        return programs()

    def metrics(self):
        return [Metric(f"compile, {field}", "wasmc", None, field) for field in COMPARED]

    def measure(self, session, source):
        wasm = session.build(source)["wasm"]
        sides = {name: {} for name in session.compilers}
        for _ in range(session.options.runs):
            for name, fields in sides.items():
                append(fields, self.compile(session, name, wasm))
        return Outcome(source.stem, sides)

    def compile(self, session, name, wasm):
        compiled = session.compile(name, wasm, "--time")
        inspected = subprocess.run([session.compilers[name][0], "inspect", "--json", compiled.artifact], stdout=subprocess.PIPE, check=True)
        return {**phases(compiled.usage.errors), **{field: getattr(compiled.usage, field) for field in MEASURED},
                "text": text_size(inspected.stdout), "artifact": compiled.artifact.stat().st_size}

    def row(self, outcome, steps):
        middle = {field: outcome.median("wasmc", field).middle for field in outcome.sides["wasmc"]}
        return [outcome.name, *(f"{middle[step]:.3f}" for step in (*steps, "wall", "cpu")), table.megabytes(middle["peak"]),
                f"{middle['text'] / 1000:.1f}", f"{middle['artifact'] / 1000:.0f}"]

    def show(self, outcomes):
        print(f"wasmc compile, medians of {outcomes[0].runs()} runs, seconds\n")
        steps = [field for field in outcomes[0].sides["wasmc"] if field not in (*MEASURED, "text", "artifact")]
        header = ["program", *steps, "wall", "CPU", "peak MB", "code kB", "artifact kB"]
        print(table.text(header, [self.row(each, steps) for each in outcomes]), end="")
        if self.against:
            show_against(outcomes, COMPARED)
