#!/usr/bin/env python3
"""Loops that search memory: what they return, and whether they trap, must be what a model of the memory says, at every level and on AArch64. See README.md.

run.py --wasmc PATH [--aarch64-wasmc PATH --emulator COMMAND] [--seed N] [--functions N] [--keep DIR]"""
import dataclasses
import pathlib
import random
import re
import struct
import sys

sys.dont_write_bytecode = True  # the sources stay as they are
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import engines
import searches

CALLS = 10
PAGE, WHOLE = 4096, 1 << 32
LENGTHS = (0, 1, 2, 3, 4, 5, 7, 8, 14, 15, 16, 17, 18, 31, 32, 33, 34, 47, 63, 64, 100, 300, 1100)
MODES = (["-O0"], ["-O2", "--cpu=x86-64"], ["-O2"], ["-O3"], ["-O2", "--bounds=explicit"])


@dataclasses.dataclass(frozen=True)
class Kind:
    """Where the memory of a module comes from."""
    name: str
    pages: int
    looks_ahead: float  # in so many of the functions at least: a test of others would be none
    is_64: bool = False
    is_imported: bool = False

    def length(self):
        return self.pages * 65536

    def text(self):
        type_ = f"{'i64 ' if self.is_64 else ''}{self.pages}"
        return f'(import "other" "memory" (memory {type_}))' if self.is_imported else f"(memory {type_})"


KINDS = (Kind("small", 2, 0.5), Kind("whole", 65536, 0.5), Kind("memory64", 2, 0.1, is_64=True), Kind("imported", 2, 0.2, is_imported=True))


def fill_text(kind):
    """A function that repeats an element of `size` bytes over `count` bytes."""
    at = "(local.get $at)" if not kind.is_64 else "(i64.extend_i32_u (local.get $at))"
    return f"""(func (export "fill") (param $at i32) (param $count i32) (param $value i64) (param $size i32) (local $i i32)
    (loop $next
      (i64.store8 {at} (i64.shr_u (local.get $value) (i64.extend_i32_u (i32.shl (i32.rem_u (local.get $i) (local.get $size)) (i32.const 3)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.ne (local.get $i) (local.get $count)))))"""


def constant(type_, value):
    if type_[0] == "f":
        text = {float("inf"): "inf"}.get(value, repr(value))
        return f"({type_}.const {text})"
    return f"({type_}.const {value})"


def place(rng, kind, search, count, offset):
    """An index at which an array of `count` elements lies somewhere worth looking at."""
    length, size = kind.length(), search.size * (count + 1)
    how = rng.choice(["page", "page", "page", "end", "start", "anywhere"] + ["wrap"] * (length == WHOLE))
    if how == "page":
        at = rng.randrange(0, min(length, 1 << 24), PAGE) + rng.randrange(-40, 40) * search.size + rng.choice([0, 0, 1, 3])
    elif how == "end":
        at = length - size + rng.choice([0, 0, 1, -1, search.size, 3 * search.size, 20 * search.size])
    elif how == "wrap":
        return (-rng.randrange(1, count + 40) * search.size + rng.choice([0, 0, 1])) % WHOLE
    else:
        at = rng.randrange(64) if how == "start" else rng.randrange(min(length, 1 << 24))
    return min(max(at - offset, 0), searches.MASK)


class Calls:
    """The calls of a module's functions, with what they must do, and what is written before each."""
    def __init__(self, kind):
        self.memory, self.lines, self.length, self.traps = searches.Memory(kind.length()), [], kind.length(), 0

    def fill(self, address, count, element):
        """Where it is inside the memory."""
        count = min(count, self.length - address)
        if count <= 0:
            return
        self.memory.write(address, (element * (count // len(element) + 1))[:count])
        self.lines.append(f'(invoke "fill" (i32.const {address}) (i32.const {count}) (i64.const {int.from_bytes(element, "little")}) (i32.const {len(element)}))')

    def array(self, search, start, offset, count, elements):
        """`count` times the first; some others between; at the end the last."""
        before_wrap = min(count, (WHOLE - start) // search.size)
        self.fill(start + offset, before_wrap * search.size, elements[0])
        self.fill((start + before_wrap * search.size) % WHOLE + offset, (count - before_wrap) * search.size, elements[0])
        for index, element in elements[1:]:
            self.fill((start + index * search.size) % WHOLE + offset, search.size, element)

    def add(self, rng, kind, search):
        c = search.constant(rng)
        stays, leaves = search.contents(rng, c)
        count = rng.choice(LENGTHS)
        n = rng.choice([0, 1, count, count, count + 1, max(count - 1, 0), count + 20, count + 3, rng.getrandbits(32)])
        ends = rng.random() < 0.8 and leaves
        pairs = [(rng.randrange(count), rng.choice(stays)) for _ in range(3)] if count and stays else []
        last = rng.choice(leaves) if ends else None
        starts = [place(rng, kind, search, count, offset) for offset in search.offsets]
        if stays:
            usual = rng.choice(stays)
            for number, (start, offset) in enumerate(zip(starts, search.offsets)):
                others = [(index, pair[number]) for index, pair in pairs] + ([(count, last[number])] if last else [])
                self.array(search, start, offset, count, [usual[number], *others])
        p, q = starts[0], starts[-1]
        try:
            result = search.run(self.memory, p, q, n, c)
        except searches.Trap:
            result = "trap"
        if result is None:
            return
        index = "i64" if kind.is_64 else "i32"
        call = f'(invoke "{search.name}" ({index}.const {p}) ({index}.const {q}) (i32.const {n}) {constant(search.value, c)})'
        self.traps += result == "trap"
        self.lines.append(f'(assert_trap {call} "out of bounds memory access")' if result == "trap" else f"(assert_return {call} (i64.const {result}))")


def looked_ahead(module, wasmc, directory):
    """How many functions of a module look at vectors ahead at -O2."""
    text, wasm, intermediate = directory / "module.wat", directory / "module.wasm", directory / "intermediate"
    text.write_text(module)
    intermediate.mkdir(exist_ok=True)
    engines.run(wasmc, "wat", text, "-o", wasm)
    engines.run(wasmc, "compile", "-O2", "--cpu=x86-64", wasm, "-o", directory / "module.aot", "--emit=llvm-opt", "--emit-dir", intermediate)
    functions = "".join(path.read_text() for path in intermediate.glob("part-*.opt.ll")).split("\ndefine ")
    return sum(bool(re.search(r"^search\.check", function, re.M)) for function in functions)


def check(kind, seed, count, scripts, options, directory):
    rng = random.Random(f"{seed} {kind.name}")
    functions = [searches.Search(rng, f"f{number}", kind.is_64) for number in range(count)]
    newline = "\n  "
    module = f"(module {kind.text()}\n  {fill_text(kind)}\n  {newline.join(search.text() for search in functions)})\n"
    calls = Calls(kind)
    for search in functions:
        for _ in range(CALLS):
            calls.add(rng, kind, search)
    other = f'(module $other (memory (export "memory") {kind.pages}))\n(register "other" $other)\n' if kind.is_imported else ""
    path = directory / f"{kind.name}.wast"
    path.write_text(other + module + "\n".join(calls.lines) + "\n")
    changed, failures = looked_ahead(module, options.wasmc, directory), 0
    if changed < kind.looks_ahead * count:
        print(f"{kind.name}: -O2 looks ahead in {changed} functions of {count} only")
        failures += 1
    for name, engine in scripts:
        done = engine(path)
        if done.returncode != 0:
            failures += 1
            print(f"{kind.name}, {name}: {(done.stdout + done.stderr).decode(errors='replace')[:3000]}")
    checked = sum(line.startswith("(assert") for line in calls.lines)
    print(f"{kind.name}: {count} functions, {changed} that look ahead, {checked} calls, {calls.traps} of them trap, {len(scripts)} engines "
          f"({', '.join(name for name, _ in scripts)}): {failures} failures", flush=True)
    return failures


def main():
    parser = engines.parser(__doc__)
    parser.add_argument("--seed", type=int, default=1, help="other searches")
    parser.add_argument("--functions", type=int, default=100, help="how many in each kind of memory")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.functions} functions in each memory")

    with engines.directory(options) as directory:
        scripts = engines.for_scripts(options, directory, MODES, ["-O2"])
        return 1 if sum(check(kind, options.seed, options.functions, scripts, options, directory) for kind in KINDS) else 0


if __name__ == "__main__":
    sys.exit(main())
