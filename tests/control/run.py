#!/usr/bin/env python3
"""Functions of nested control flow over locals and the stack: what they return must be what a model says, at every level, in tiers and on AArch64. See README.md.

run.py --wasmc PATH [--aarch64-wasmc PATH --emulator COMMAND] [--seed N] [--modules N] [--keep DIR]"""
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # the sources stay as they are
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import engines
import control

FUNCTIONS = 12  # of a module
CALLS = 6       # of each function
FUEL = (5, 40, 300)
ROUNDS = 20000  # of all calls, in the first tier and again when the second is there
PATIENCE = 120  # seconds for the second tier to arrive
EARLY_EXIT = pathlib.Path(__file__).with_name("early_exit.wast")
MODES = (["-O0"], ["-O1"], ["-O2", "--cpu=x86-64"], ["-O3"], ["-O2", "--strict-traps"], ["-O2", "--bounds=explicit"])


def definitions(functions):
    newline = "\n  "
    return f"""(memory (export "memory") 1)
  (global $fuel (mut i32) (i32.const 0)) (global $sum (mut i64) (i64.const 0)) (global $word (mut i32) (i32.const 0))
  (func $add (param i64) (global.set $sum (i64.add (i64.mul (global.get $sum) (i64.const 31)) (local.get 0))))
  (func $fill (export "fill") (param i32) (global.set $fuel (local.get 0)))
  (func $sum (export "sum") (result i64) (global.get $sum))
  {newline.join(function.text() for function in functions)}"""


def typed(types, values):
    return " ".join(f"({control.constant(type_, value)})" for type_, value in zip(types, values))


class Script:
    """For `wasmc wast`: calls, and what the model says to each, one after the other on one machine."""

    def __init__(self, functions):
        self.lines, self.machine, self.calls, self.traps = [f"(module {definitions(functions)})"], control.Machine(), 0, 0

    def call(self, function, fuel, arguments):
        self.machine.fuel = fuel
        invoke = f'(invoke "{function.name}" {typed(function.params, arguments)})'
        self.lines.append(f'(invoke "fill" (i32.const {fuel}))')
        self.calls += 1
        try:
            results = function.call(self.machine, arguments)
            self.lines.append(f"(assert_return {invoke} {typed(function.results, results)})")
        except control.Trap:
            self.traps += 1
            self.lines.append(f'(assert_trap {invoke} "unreachable")')
        self.lines.append(f'(assert_return (invoke "sum") (i64.const {self.machine.sum}))')


def program(functions, calls):
    """Makes the calls that return, many times over, reads a byte, and makes them again; traps where a sum is not the model's."""
    machine, body = control.Machine(), []
    for function, fuel, arguments in calls:
        before = machine.memory[:], machine.sum
        machine.fuel = fuel
        try:
            results = function.call(machine, arguments)
        except control.Trap:
            machine.memory[:], machine.sum = before
            continue
        for type_, result in reversed(list(zip(function.results, results))):
            machine.keep(type_, result)
        kept = " ".join(control.keep(type_) for type_ in reversed(function.results))
        body.append(f"(call $fill (i32.const {fuel})) (call ${function.name} {typed(function.params, arguments)}) {kept} "
                    f"(if (i64.ne (global.get $sum) (i64.const {machine.sum})) (then (unreachable)))")
    return f"""(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  {definitions(functions)}
  (data (i32.const {control.MEMORY}) "\\10\\01\\00\\00\\01")  ;; where the byte goes, and its size
  (func $rounds (local $round i32)
    (loop $next
      (memory.fill (i32.const 0) (i32.const 0) (i32.const {control.MEMORY}))
      (global.set $sum (i64.const 0))
      {chr(10).join(body)}
      (br_if $next (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const {ROUNDS})))))
  (func (export "_start")
    (call $rounds)
    (drop (call $fd_read (i32.const 0) (i32.const {control.MEMORY}) (i32.const 1) (i32.const {control.MEMORY + 8})))
    (call $rounds)))
"""


def run_in_tiers(wasmc, module, cache):
    """The second half of the calls waits for the second tier, which is there when it is the only one in the cache."""
    environment = {**os.environ, "WASMC_CACHE_DIR": str(cache)}
    guest = subprocess.Popen([wasmc, "run", "--tier-up=always", module], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = time.monotonic() + PATIENCE
    while guest.poll() is None and not has_best(wasmc, cache):
        if time.monotonic() > end:
            guest.kill()
            sys.exit(f"{module}: no second tier in {PATIENCE} s")
        time.sleep(0.02)
    time.sleep(0.1)  # the guest's process takes it over
    out, err = guest.communicate(b"!")
    return subprocess.CompletedProcess(guest.args, guest.returncode, out, err)


def has_best(wasmc, cache):
    entries = list(cache.glob("*.aot"))
    return len(entries) == 1 and b"first tier" not in engines.run(wasmc, "inspect", entries[0], check=False).stdout


def report(what, engine, done):
    """1 if it failed."""
    if done.returncode == 0:
        return 0
    print(f"{what}, {engine}: {(done.stdout + done.stderr).decode(errors='replace')[:3000]}", flush=True)
    return 1


def check(number, seed, sides, directory):
    rng = random.Random(f"{seed} {number}")
    functions, calls = [], []
    for index in range(FUNCTIONS):
        functions.append(control.Function(rng, f"f{index}", functions[:]))
    for function in functions:
        for _ in range(CALLS):
            arguments = [rng.choice((0, 1, 2, 3, rng.getrandbits(control.WIDTHS[type_]))) for type_ in function.params]
            calls.append((function, rng.choice(FUEL), arguments))
    script = Script(functions)
    for call in calls:
        script.call(*call)
    path = directory / f"control{number}"
    path.with_suffix(".wast").write_text("\n".join(script.lines) + "\n")
    path.with_suffix(".wat").write_text(program(functions, calls))
    failures = 0
    for name, engine in sides:
        failures += report(f"module {number}", name, engine(path))
    return script.calls, script.traps, failures


def main():
    parser = engines.parser(__doc__)
    parser.add_argument("--seed", type=int, default=1, help="other functions")
    parser.add_argument("--modules", type=int, default=30)
    options = parser.parse_args()

    with engines.directory(options) as directory:
        def tiers(path):
            # If the guest fails early, the compiler beside it may still write.
            with tempfile.TemporaryDirectory(dir=directory, ignore_cleanup_errors=True) as cache:
                return run_in_tiers(options.wasmc, path.with_suffix(".wat"), pathlib.Path(cache))

        scripts = engines.for_scripts(options, directory, MODES, ["-O0", "-O1", "-O2"])
        sides = [(name, lambda path, engine=engine: engine(path.with_suffix(".wast"))) for name, engine in scripts] + [("tiers", tiers)]
        early = sum(report(EARLY_EXIT.stem, name, engine(EARLY_EXIT)) for name, engine in scripts)
        totals = [sum(column) for column in zip(*(check(number, options.seed, sides, directory) for number in range(options.modules)))]
    print(f"seed {options.seed}: {options.modules} modules of {FUNCTIONS} functions, {totals[0]} calls, {totals[1]} of them trap, {len(sides)} engines "
          f"({', '.join(name for name, _ in sides)}): {totals[2] + early} failures")
    return 1 if totals[2] + early else 0


if __name__ == "__main__":
    sys.exit(main())
