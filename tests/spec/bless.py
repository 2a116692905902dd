#!/usr/bin/env python3
"""Writes known_failures.txt anew: bless.py WASMC DIRECTORY. The reasons of failures stay."""
import json
import pathlib
import subprocess
import sys

LIST = pathlib.Path(__file__).with_name("known_failures.txt")


def places(files):
    """What does not pass, and a reason for it: scripts of which commands are skipped, and commands that fail."""
    for file in files:
        if file["skipped"]:
            yield file["file"], ", ".join(sorted({text.split(" (")[0] for text in file["skipped"]}))
        for failure in file["failures"]:
            yield f"{file['file']}:{failure['line']}", failure["text"]


def main():
    wasmc, directory = sys.argv[1:]
    run = subprocess.run([wasmc, "wast", "--json", "--mode=jit", "-O0", directory], stdout=subprocess.PIPE)
    lines = LIST.read_text().splitlines() if LIST.exists() else []
    head = [line for line in lines if line.startswith("#")]
    known = dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))
    body = [f"{place}: {known.get(place, reason) if ':' in place else reason}" for place, reason in sorted(places(json.loads(run.stdout)["files"]))]
    LIST.write_text("\n".join(head + body) + "\n")


if __name__ == "__main__":
    main()
