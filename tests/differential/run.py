#!/usr/bin/env python3
"""Every numeric instruction of opcodes.def on edge values: the results must be the same at -O0 and -O3, on x86-64, on AArch64
and under Node. See README.md.

run.py --wasmc PATH [--aarch64-wasmc PATH --emulator COMMAND] [--node PATH] [--keep DIR]"""
import itertools
import math
import pathlib
import re
import shlex
import struct
import sys

sys.dont_write_bytecode = True  # the sources stay as they are
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import engines

HERE = pathlib.Path(__file__).resolve().parent
OPCODES = HERE.parent.parent / "compiler" / "wasm" / "opcodes.def"

# The families of instructions that compute; what else takes numbers reads memory, locals or control flow.
FAMILIES = {"test", "compare", "unary", "binary", "convert", "wide_add", "wide_multiply", "v128_splat", "v128_extract", "v128_replace",
            "v128_compare", "v128_test", "v128_unary", "v128_binary", "v128_ternary", "v128_shift", "v128_shuffle"}
OWN_SIGNATURES = {"wide_add": "llll:ll", "wide_multiply": "ll:ll"}  # of families that have a rule of their own
TYPES = {"i": "i32", "l": "i64", "f": "f32", "d": "f64", "v": "v128"}
SLOT = 16        # bytes of a value in memory
INPUTS = 1 << 20  # where the operands begin; results follow


def rows():
    """(mnemonic, signature, family, argument, feature) of the numeric instructions."""
    pattern = re.compile(r'WASM_OP\((0x\w+),\s*\w+,\s*"([^"]+)",\s*"([^"]+)",\s*(\w+),\s*(\w+),\s*(\w+)\)')
    for _, text, signature, feature, family, argument in pattern.findall(OPCODES.read_text()):
        if family in FAMILIES:
            yield text, OWN_SIGNATURES.get(family, signature), family, argument, feature


# ---- Edge values, as bits --------------------------------------------------------------------------------------------

def integers(bits):
    top = 1 << (bits - 1)
    mask = (1 << bits) - 1
    near = [0, 1, 2, 3, 7, 8, 31, 32, 33, 63, 64, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, top - 1, top, top + 1, mask, mask - 1,
            0x5555555555555555, 0x123456789ABCDEF0]
    return sorted({value & mask for value in near})


def float_bits(value, bits):
    return int.from_bytes(struct.pack("<f" if bits == 32 else "<d", value), "little")


def floats(bits):
    mantissa, exponent = (23, 0xFF) if bits == 32 else (52, 0x7FF)
    infinity = exponent << mantissa
    positive = [0, 1, 1 << (mantissa - 1), (1 << mantissa) - 1, 1 << mantissa, infinity - 1, infinity, infinity | 1 << (mantissa - 1),
                infinity | 1, infinity | (1 << mantissa) - 1]
    positive += [float_bits(value, bits) for value in (0.5, 0.49999997, 1.0, 1.5, 2.0, 2.5, 3.5, 8388609.0, 127.0, 32768.0, 2147483520.0, 2147483648.0,
                                                       4294967040.0, 4294967296.0, 2.0**52 + 0.5 * (bits == 64), 9223371487098961920.0, 2.0**63, 2.0**64)]
    return sorted({value | sign << (bits - 1) for value in positive for sign in (0, 1)})


def vectors():
    out = []
    for bits, values in [(8, integers(8)), (16, integers(16)), (32, integers(32)), (64, integers(64)), (32, floats(32)), (64, floats(64))]:
        lanes = 128 // bits
        for start in range(0, len(values), max(1, lanes // 2)):
            chosen = [values[(start + 3 * lane) % len(values)] for lane in range(lanes)]
            out.append(sum(value << bits * lane for lane, value in enumerate(chosen)))
    return out


VALUES = {"i": integers(32), "l": integers(64), "f": floats(32), "d": floats(64), "v": vectors()}


def is_defined(text, argument, operands):
    """Whether the instruction gives a value for the operands and does not trap."""
    bits = 32 if text.startswith("i32") else 64
    if argument in ("DivS", "DivU", "RemS", "RemU"):
        if operands[1] == 0:
            return False
        return not (argument == "DivS" and operands[0] == 1 << (bits - 1) and operands[1] == (1 << bits) - 1)
    if argument in ("TruncS", "TruncU") and "trunc_f" in text:
        wide = "f64" in text
        value = struct.unpack("<d" if wide else "<f", operands[0].to_bytes(8 if wide else 4, "little"))[0]
        if not math.isfinite(value):
            return False
        low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if argument == "TruncS" else (0, (1 << bits) - 1)
        return low <= math.trunc(value) <= high
    return True


def operand_lists(text, signature, argument):
    params = signature.split(":")[0]
    lists = [VALUES[letter] for letter in params]
    if len(params) >= 3 or params == "vv":  # a sample: each value meets a few others
        longest = max(len(values) for values in lists)
        combinations = [[values[(i * (k + 1) + shift) % len(values)] for k, values in enumerate(lists)]
                        for shift in (0, 1, 5, 11) for i in range(longest)]
    else:
        combinations = itertools.product(*lists)
    return [operands for operands in combinations if is_defined(text, argument, operands)]


# ---- The program -----------------------------------------------------------------------------------------------------

def immediates(text, family):
    if family in ("v128_extract", "v128_replace"):
        lanes = int(re.match(r"[if]\d+x(\d+)", text)[1])
        return [str(lane) for lane in (0, lanes - 1)]
    if family == "v128_shuffle":
        return ["0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31", "15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0"]
    return [""]


def canonical(text, letter, value):
    """The result with every NaN made the same: which one an instruction gives is not determined (spec 4.3.3)."""
    if letter in "fd":
        type_ = TYPES[letter]
        return f"(local.set ${letter} {value}) (select (local.get ${letter}) ({type_}.const nan) ({type_}.eq (local.get ${letter}) (local.get ${letter})))"
    if letter == "v" and re.match(r"f(32x4|64x2)\.(?!eq|ne|lt|gt|le|ge|p?(min|max)$|abs|neg|replace|splat)", text) or text.endswith(("x4.min", "x4.max", "x2.min", "x2.max")):
        shape = "f32x4" if text.startswith("f32x4") else "f64x2"
        nans = "nan nan nan nan" if shape == "f32x4" else "nan nan"
        return (f"(local.set $v {value}) (v128.bitselect (local.get $v) (v128.const {shape} {nans}) "
                f"({shape}.eq (local.get $v) (local.get $v)))")
    return value


class Program:
    def __init__(self, instructions):
        self.functions, self.calls, self.inputs, self.results = [], [], bytearray(), []
        for text, signature, family, argument, feature in instructions:
            for immediate in immediates(text, family):
                self.add(text, signature, argument, immediate)

    def add(self, text, signature, argument, immediate):
        params, results = signature.split(":")
        operands = operand_lists(text, signature, argument)
        loads = " ".join(f"({TYPES[letter]}.load offset={SLOT * i} (local.get $in))" for i, letter in enumerate(params))
        value = f"({text} {immediate} {loads})"
        if len(results) == 1:
            body = f"(local.get $out) {canonical(text, results, value)} {TYPES[results]}.store"
        else:  # two i64
            body = f"{value} (local.set $h) (local.set $l) (i64.store (local.get $out) (local.get $l)) (i64.store offset=8 (local.get $out) (local.get $h))"
        number = len(self.functions)
        self.functions.append(f"(func ${number} (param $in i32) (param $out i32) (local $f f32) (local $d f64) (local $v v128) (local $l i64) (local $h i64)"
                              f" {body})")
        self.calls.append(f"(call $repeat (ref.func ${number}) (i32.const {INPUTS + len(self.inputs)}) (i32.const {SLOT * len(params)}) (i32.const {len(operands)}))"
                          .replace("(ref.func ", "(i32.const ").replace(f"(i32.const ${number})", f"(i32.const {number})"))
        for values in operands:
            self.inputs += b"".join(value.to_bytes(SLOT, "little") for value in values)
            self.results.append((text + " " + immediate, values))

    def text(self):
        """Calls every function on each of its operands, then writes all results to standard output."""
        outputs = INPUTS + len(self.inputs)
        size = SLOT * len(self.results)
        pages = (outputs + size) // 65536 + 1
        data = "".join(f"\\{byte:02x}" for byte in self.inputs)
        newline = "\n  "
        return f"""(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") {pages})
  (table funcref (elem {" ".join(f"${i}" for i in range(len(self.functions)))}))
  (type $f (func (param i32 i32)))
  (global $out (mut i32) (i32.const {outputs}))
  (data (i32.const {INPUTS}) "{data}")
  {newline.join(self.functions)}
  (func $repeat (param $f i32) (param $in i32) (param $step i32) (param $count i32)
    (block $done (loop $next
      (br_if $done (i32.eqz (local.get $count)))
      (call_indirect (type $f) (local.get $in) (global.get $out) (local.get $f))
      (local.set $in (i32.add (local.get $in) (local.get $step)))
      (global.set $out (i32.add (global.get $out) (i32.const {SLOT})))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $next))))
  (func (export "_start")
    {newline.join(self.calls)}
    (i32.store (i32.const 0) (i32.const {outputs}))
    (i32.store (i32.const 4) (i32.const {size}))
    (loop $again
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 8))))
      (i32.store (i32.const 4) (i32.sub (i32.load (i32.const 4)) (i32.load (i32.const 8))))
      (br_if $again (i32.load (i32.const 4))))))
"""


# ---- Running and comparing -------------------------------------------------------------------------------------------

NODE = """
const { WASI } = require('node:wasi');
const wasi = new WASI({ version: 'preview1' });
const guest = new WebAssembly.Module(require('node:fs').readFileSync(process.argv[2]));
wasi.start(new WebAssembly.Instance(guest, wasi.getImportObject()));
"""


def compare(program, outputs):
    """`outputs`: name -> bytes. Prints where they differ from the first; the number of differences."""
    (reference, expected), *others = outputs.items()
    size = SLOT * len(program.results)
    if len(expected) != size:
        sys.exit(f"{reference}: {len(expected)} bytes of results, expected {size}")
    count = 0
    for name, got in others:
        for i, (text, operands) in enumerate(program.results):
            here, there = got[SLOT * i:SLOT * i + SLOT], expected[SLOT * i:SLOT * i + SLOT]
            if here == there:
                continue
            count += 1
            if count <= 40:
                print(f"{text}({', '.join(f'{value:#x}' for value in operands)}): {name} gives {here[::-1].hex()}, {reference} {there[::-1].hex()}")
        if len(got) != size:
            sys.exit(f"{name}: {len(got)} bytes of results, expected {size}")
    return count


def check(name, instructions, sides, directory):
    program = Program(instructions)
    text, wasm = directory / f"{name}.wat", directory / f"{name}.wasm"
    text.write_text(program.text())
    engines.run(sides["wasmc"], "wat", text, "-o", wasm)
    outputs = {}
    for label, command in sides["runs"]:
        outputs[label] = command(wasm)
    differences = compare(program, outputs)
    print(f"{name}: {len(program.functions)} functions, {len(program.results)} results, {len(outputs)} engines ({', '.join(outputs)}): {differences} differences")
    return differences


def main():
    parser = engines.parser(__doc__)
    parser.add_argument("--node", help="Node.js")
    options = parser.parse_args()

    with engines.directory(options) as directory:
        def native(*flags):
            def call(wasm):
                engines.run(options.wasmc, "compile", *flags, wasm, "-o", directory / "x.aot")
                return engines.run(options.wasmc, "run", directory / "x.aot").stdout
            return call

        def aarch64(*flags):
            def call(wasm):
                engines.run(options.wasmc, "compile", "--target=aarch64-linux-gnu", *flags, wasm, "-o", directory / "a.aot")
                return engines.run(*shlex.split(options.emulator), options.aarch64_wasmc, "run", directory / "a.aot").stdout
            return call

        def node(wasm):
            script = directory / "run.cjs"
            script.write_text(NODE)
            return engines.run(options.node, "--no-warnings", script, wasm).stdout

        everywhere = [("-O0", native("-O0")), ("-O3", native("-O3")), ("-O2 --cpu=x86-64", native("-O2", "--cpu=x86-64"))]
        others = [("aarch64 -O2", aarch64("-O2"))] if options.aarch64_wasmc else []
        if others:
            others.append(("aarch64 -O0", aarch64("-O0")))
        known_to_node = [("node", node)] if options.node else []
        relaxed = [row for row in rows() if row[4] == "RelaxedSimd"]
        wide = [row for row in rows() if row[4] == "WideArithmetic"]
        rest = [row for row in rows() if row[4] not in ("RelaxedSimd", "WideArithmetic")]
        plans = [("standard", rest, known_to_node + everywhere + others),
                 # Which behaviour a relaxed instruction has depends on the CPU, never on the level.
                 ("relaxed", relaxed, [("-O0", native("-O0")), ("-O3", native("-O3"))]),
                 ("deterministic", relaxed, [(f"{label} --deterministic", make("--deterministic", level)) for label, make, level in
                                             [("-O0", native, "-O0"), ("-O3", native, "-O3")] +
                                             ([("aarch64 -O2", aarch64, "-O2")] if options.aarch64_wasmc else [])]),
                 ("wide", wide, everywhere + others)]
        differences = sum(check(name, instructions, {"wasmc": options.wasmc, "runs": runs}, directory) for name, instructions, runs in plans)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
