#!/usr/bin/env python3
"""Loops of many shapes on addresses that wrap, meet and run out of memory: the results must be the same at every level, on AArch64 and
under Node, and what leaves the memory must trap. See README.md.

run.py --wasmc PATH [--aarch64-wasmc PATH --emulator COMMAND] [--node PATH] [--seed N] [--functions N] [--keep DIR]"""
import pathlib
import random
import shlex
import struct
import sys

sys.dont_write_bytecode = True  # the sources stay as they are
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import engines
import loops

LENGTH = loops.WHOLE       # of the memories of the programs: all that 32 bits reach
SMALL = 2 * 65536          # of those of the scripts
ROWS = 0x800000            # where the calls' table is, the table of regions follows
RESULTS = 0xC00000
MARGIN = 64                # bytes around what a call touches that must not change
ROW = struct.Struct("<14I")
REGION = struct.Struct("<QII")
CALLS = 10                 # of each function whose results are compared

NODE = """
const { WASI } = require('node:wasi');
const wasi = new WASI({ version: 'preview1' });
const guest = new WebAssembly.Module(require('node:fs').readFileSync(process.argv[2]));
wasi.start(new WebAssembly.Instance(guest, wasi.getImportObject()));
"""


# ---- The program -----------------------------------------------------------------------------------------------------

def regions(touched):
    """[(memory, start, length)] of what a call touches and some bytes around it, in words of 8 bytes."""
    out = []
    for memory, words in sorted(touched.items()):
        words = sorted(words)
        start = last = words[0]
        for word in words[1:] + [None]:
            if word is not None and word - last <= 2 * MARGIN // 8:
                last = word
                continue
            # Below 0 it goes on at the end of the memory, and the other way round.
            out.append((memory, (start * 8 - MARGIN) % LENGTH, (last - start + 1) * 8 + 2 * MARGIN))
            start = last = word
    return out


def for_each_word(memory, number, name, extra, statement):
    """A function over the words of a region; `statement` has its address in $at."""
    address = "(local.get $at)" if memory.is_64 else "(i32.wrap_i64 (local.get $at))"
    return f"""(func ${name}{number} (param $at i64) (param $end i64) {extra}
    (loop $next
      {statement.format(address=address, memory=number)}
      (local.set $at (i64.and (i64.add (local.get $at) (i64.const 8)) (i64.const {LENGTH - 1})))
      (br_if $next (i64.ne (local.get $at) (local.get $end))))
    {"(local.get $hash)" if name == "hash" else ""})"""


FILL = """(local.set $word (i64.mul (i64.add (local.get $at) (i64.const {{memory}})) (i64.const 0x9E3779B97F4A7C15)))
      (local.set $word (i64.xor (local.get $word) (i64.shr_u (local.get $word) (i64.const 29))))
      (local.set $word (i64.mul (local.get $word) (i64.const 0xBF58476D1CE4E5B9)))
      (local.set $word (i64.xor (local.get $word) (i64.shr_u (local.get $word) (i64.const 32))))
      (if (local.get $is_float) (then (local.set $word (i64.or (i64.and (local.get $word) (i64.const {mask})) (i64.const {ones})))))
      (i64.store {{memory}} {{address}} (local.get $word))""".format(mask=0x00FFFFFF00FFFFFF, ones=0x3E0000003E000000)
HASH = """(local.set $hash (i64.mul (i64.xor (local.get $hash) (i64.load {memory} {address})) (i64.const 0x100000001B3)))
      (local.set $hash (i64.xor (local.get $hash) (i64.shr_u (local.get $hash) (i64.const 31))))"""


def data(at, content):
    return f'(data (i32.const {at}) "{"".join(f"{chr(92)}{byte:02x}" for byte in content)}")'


def program(functions, calls, memories):
    """Makes each call on memory that is filled anew; writes its result and a hash of what it may have touched to standard output."""
    rows, table = bytearray(), bytearray()
    at = ROWS + ROW.size * len(calls)
    numbers = {function.name: i for i, function in enumerate(functions)}
    for function, arguments, touched in calls:
        found = regions(touched)
        rows += ROW.pack(numbers[function.name], *(arguments[name] for name in loops.PARAMS), function.is_float, at + len(table), len(found))
        for memory, start, length in found:
            table += REGION.pack(start, length, memory)
    size = 16 * len(calls)
    words = []
    for number, memory in enumerate(memories):
        words.append(for_each_word(memory, number, "fill", "(param $is_float i32) (local $word i64)", FILL))
        words.append(for_each_word(memory, number, "hash", "(param $hash i64) (result i64)", HASH))
    region = "(i64.load (local.get $region)) (i64.and (i64.add (i64.load (local.get $region)) (i64.load32_u offset=8 (local.get $region))) " \
             f"(i64.const {LENGTH - 1}))"
    fill = "".join(f"(if (i32.eq (local.get $memory) (i32.const {i})) (then (call $fill{i} {region} (i32.load offset={ROW.size - 12} (local.get $row)))))\n"
                   for i in range(len(memories)))
    hashes = "".join(f"(if (i32.eq (local.get $memory) (i32.const {i})) (then (local.set $hash (call $hash{i} {region} (local.get $hash)))))\n"
                     for i in range(len(memories)))

    def each_region(statements):
        return f"""(local.set $region (i32.load offset={ROW.size - 8} (local.get $row)))
      (local.set $left (i32.load offset={ROW.size - 4} (local.get $row)))
      (loop $next
        (local.set $memory (i32.load offset=12 (local.get $region)))
        {statements}
        (local.set $region (i32.add (local.get $region) (i32.const {REGION.size})))
        (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))"""

    arguments = " ".join(f"(i32.load offset={4 * i + 4} (local.get $row))" for i in range(len(loops.PARAMS)))
    newline = "\n  "
    return f"""(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  {newline.join(memory.text(LENGTH, f'(export "memory")' if i == 0 else "") for i, memory in enumerate(memories))}
  (type $loop (func {loops.SIGNATURE}))
  (table funcref (elem {" ".join(f"${function.name}" for function in functions)}))
  {data(ROWS, rows + table)}
  {newline.join(function.text() for function in functions)}
  {newline.join(words)}
  (func $call (param $row i32) (param $out i32) (local $region i32) (local $left i32) (local $memory i32) (local $hash i64)
      {each_region(fill)}
      (i64.store (local.get $out) (call_indirect (type $loop) {arguments} (i32.load (local.get $row))))
      {each_region(hashes)}
      (i64.store offset=8 (local.get $out) (local.get $hash)))
  (func (export "_start") (local $row i32) (local $out i32)
    (local.set $row (i32.const {ROWS}))
    (local.set $out (i32.const {RESULTS}))
    (loop $next
      (call $call (local.get $row) (local.get $out))
      (local.set $row (i32.add (local.get $row) (i32.const {ROW.size})))
      (local.set $out (i32.add (local.get $out) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $row) (i32.const {at}))))
    (i32.store (i32.const {ROWS}) (i32.const {RESULTS}))
    (i32.store (i32.const {ROWS + 4}) (i32.const {size}))
    (loop $again
      (drop (call $fd_write (i32.const 1) (i32.const {ROWS}) (i32.const 1) (i32.const {ROWS + 8})))
      (i32.store (i32.const {ROWS}) (i32.add (i32.load (i32.const {ROWS})) (i32.load (i32.const {ROWS + 8}))))
      (i32.store (i32.const {ROWS + 4}) (i32.sub (i32.load (i32.const {ROWS + 4})) (i32.load (i32.const {ROWS + 8}))))
      (br_if $again (i32.load (i32.const {ROWS + 4}))))))
"""


def script(memories, length, trapping):
    """Calls that must trap, for `wasmc wast`."""
    lines = ["(module", *(f"  {memory.text(length)}" for memory in memories)]
    lines += [f"  {function.text(export=True)}" for function in {function.name: function for function, _ in trapping}.values()]
    lines.append(")")
    for function, arguments in trapping:
        values = " ".join(f"(i32.const {arguments[name]})" for name in loops.PARAMS)
        lines.append(f'(assert_trap (invoke "{function.name}" {values}) "out of bounds memory access")')
    return "\n".join(lines) + "\n"


# ---- Running and comparing -------------------------------------------------------------------------------------------

def describe(function, arguments):
    return f"{function.name} ({function.shape}) with {' '.join(f'{name}={value:#x}' for name, value in arguments.items())}"


def compare(calls, outputs):
    """`outputs`: name -> bytes. Prints where they differ from the first; the number of differences."""
    (reference, expected), *others = outputs.items()
    for name, got in outputs.items():
        if len(got) != 16 * len(calls):
            sys.exit(f"{name}: {len(got)} bytes of results, expected {16 * len(calls)}")
    count = 0
    for name, got in others:
        for i, (function, arguments, _) in enumerate(calls):
            here, there = got[16 * i:16 * i + 16], expected[16 * i:16 * i + 16]
            if here == there:
                continue
            count += 1
            if count <= 40:
                which = " and ".join(what for what, part in (("result", slice(8)), ("memory", slice(8, 16))) if here[part] != there[part])
                print(f"{describe(function, arguments)}: {which} differ, {name} from {reference}")
    return count


def check_results(name, functions, memories, runs, directory, wasmc):
    calls = [call for function in functions for call in loops.beside_functions(function, loops.calls_that_return(function, LENGTH, CALLS))]
    called = list({function.name: function for function, *_ in calls}.values())
    text, wasm = directory / f"{name}.wat", directory / f"{name}.wasm"
    text.write_text(program(called, calls, memories))
    engines.run(wasmc, "wat", text, "-o", wasm)
    differences = compare(calls, {label: command(wasm) for label, command in runs})
    print(f"{name}: {len(called)} functions of {len(functions)} shapes, {len(calls)} calls, {len(runs)} engines ({', '.join(label for label, _ in runs)}): "
          f"{differences} differences", flush=True)
    return differences


def check_traps(name, functions, memories, length, modes, directory, wasmc):
    """Each call must trap in each mode; the number of modes in which one does not."""
    trapping = [call for function in functions for call in loops.trapping_calls(function, length)]
    path = directory / f"{name}.wast"
    path.write_text(script(memories, length, trapping))
    failures = 0
    for mode in modes:
        done = engines.run(wasmc, "wast", "-q", "--timeout", 60, *mode, path, check=False)
        if done.returncode != 0:
            failures += 1
            print(f"{name}, {' '.join(mode)}: {(done.stdout + done.stderr).decode(errors='replace')[:3000]}")
    print(f"{name}: {len(trapping)} calls that trap, {len(modes)} modes ({', '.join(' '.join(mode) for mode in modes)}): {failures} failures", flush=True)
    return failures


def counters(rng, name):
    """A function whose unrolled body numbers its elements by several counters."""
    copies, of = rng.randrange(2, 6), [(f"$c{i}", rng.choice([1, 3, 7, 9, 100, -5]), rng.choice(["rotl", "xor", "mul", "shr_u"])) for i in range(rng.randrange(2, 7))]
    lines = []
    for copy in range(copies):
        value = f"(i32.load offset={4 * copy} (local.get $p))"
        for counter, step, operation in of:
            value = f"(i32.{operation} {value} (i32.add (local.get {counter}) (i32.const {step * copy})))"
        lines.append(f"(i32.store offset={65536 + 4 * copy} (local.get $p) {value})")
    lines += [f"(local.set {counter} (i32.add (local.get {counter}) (i32.const {step * copies})))" for counter, step, _ in of]
    params = " ".join(f"(param {counter} i32)" for counter, *_ in of)
    return f"""(func (export "{name}") {params} (param $p i32) (param $n i32) (loop $next {" ".join(lines)}
      (local.set $p (i32.add (local.get $p) (i32.const {4 * copies})))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))"""


def check_reproduction(seed, directory, wasmc):
    """Whatever is found in a loop, it is found in the same order each time; the number of artifacts that differ from the first. Of 100 functions none would."""
    rng = random.Random(seed)
    text, wasm, artifact = (directory / f"counters.{suffix}" for suffix in ("wat", "wasm", "aot"))
    text.write_text("(module (memory 4)\n" + "\n".join(counters(rng, f"f{number}") for number in range(400)) + ")")
    engines.run(wasmc, "wat", text, "-o", wasm)
    artifacts = []
    for jobs in (1, 2):
        engines.run(wasmc, "compile", "-O2", "-j", jobs, wasm, "-o", artifact)
        artifacts.append(artifact.read_bytes())
    differing = sum(bytes_ != artifacts[0] for bytes_ in artifacts)
    print(f"counters: compiled {len(artifacts)} times, {differing} artifacts differ from the first", flush=True)
    return differing


def main():
    parser = engines.parser(__doc__)
    parser.add_argument("--node", help="Node.js")
    parser.add_argument("--seed", type=int, default=2, help="other loops")
    parser.add_argument("--functions", type=int, default=240, help="how many")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.functions} functions")

    with engines.directory(options) as directory:
        def native(*flags):
            def call(wasm):
                engines.run(options.wasmc, "compile", *flags, wasm, "-o", directory / "x.aot")
                return engines.run(options.wasmc, "run", directory / "x.aot").stdout
            return call

        def aarch64(wasm):
            engines.run(options.wasmc, "compile", "--target=aarch64-linux-gnu", "-O2", wasm, "-o", directory / "a.aot")
            return engines.run(*shlex.split(options.emulator), options.aarch64_wasmc, "run", directory / "a.aot").stdout

        def node(wasm):
            path = directory / "run.cjs"
            path.write_text(NODE)
            return engines.run(options.node, "--no-warnings", path, wasm).stdout

        runs = [("-O0", native("-O0")), ("-O2 --cpu=x86-64", native("-O2", "--cpu=x86-64")), ("-O3", native("-O3"))]
        # -O3 is for this CPU; its wider vectors are tried at half their width too.
        wider = [("-O2 without AVX-512", native("-O2", "--features=-avx512f")), ("-O2 --bounds=explicit", native("-O2", "--bounds=explicit"))]
        if options.aarch64_wasmc:
            runs.append(("aarch64 -O2", aarch64))
        known_to_node = [("node", node)] if options.node else []
        one = [loops.Memory()]
        several = [loops.Memory(), loops.Memory(), loops.Memory(is_64=True), loops.Memory(is_shared=True)]
        functions = loops.functions(options.seed, options.functions, one)
        others = loops.functions(options.seed + 1, options.functions // 6, several) + loops.simd_functions(options.seed + 3, options.functions // 6, several)
        failures = check_results("loops", functions, one, known_to_node + runs, directory, options.wasmc)
        vectors = loops.simd_functions(options.seed + 2, options.functions, one)
        failures += check_results("vectors", vectors, one, known_to_node + runs + wider, directory, options.wasmc)
        failures += check_traps("small-vectors", vectors, one, SMALL, [["-O0"], ["-O2"], ["-O2", "--bounds=explicit"]], directory, options.wasmc)
        failures += check_results("memories", others, several, runs, directory, options.wasmc)
        failures += check_traps("small", functions, one, SMALL, [["-O0"], ["-O2"], ["-O2", "--bounds=explicit"]], directory,
                                options.wasmc)
        failures += check_traps("whole", functions[::2], one, LENGTH, [["-O0"], ["-O2"]], directory, options.wasmc)
        failures += check_reproduction(options.seed, directory, options.wasmc)
        failures += check_traps("small-memories", others, several, SMALL, [["-O0"], ["-O2"]], directory, options.wasmc)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
