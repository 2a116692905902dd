#!/usr/bin/env python3
"""Writes known_failures.txt anew: bless.py WASMC DIRECTORY. Reasons stay; new lines get the reason to skip, or the first failure."""
import json
import pathlib
import subprocess
import sys

LIST = pathlib.Path(__file__).with_name("known_failures.txt")


def reason(file):
    skipped = {text.split(" (")[0] for text in file["skipped"]}
    return ", ".join(sorted(skipped)) or f"line {file['failures'][0]['line']}: {file['failures'][0]['text']}"


def main():
    wasmc, directory = sys.argv[1:]
    run = subprocess.run([wasmc, "wast", "--json", "--mode=jit", "-O0", directory], stdout=subprocess.PIPE)
    files = json.loads(run.stdout)["files"]
    lines = LIST.read_text().splitlines() if LIST.exists() else []
    head = [line for line in lines if line.startswith("#")]
    known = dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))
    failing = {file["file"]: file for file in files if file["failures"] or file["skipped"]}
    body = [f"{name}: {reason(file) if file['skipped'] else known.get(name, reason(file))}" for name, file in sorted(failing.items())]
    LIST.write_text("\n".join(head + body) + "\n")


if __name__ == "__main__":
    main()
