#!/usr/bin/env python3
"""Writes a script (.wast) in which every load and store of opcodes.def touches the last bytes of a memory, at every distance from
its end and with small and huge offsets: what begins inside and ends outside must trap, whatever is done with the value.

generate.py [--partial] > bounds.wast        --partial: loads of which a part is used, too"""
import pathlib
import re
import sys

OPCODES = pathlib.Path(__file__).resolve().parents[2] / "compiler" / "wasm" / "opcodes.def"
FAMILIES = {"load", "store", "v128_load", "v128_store", "v128_load_lane", "v128_store_lane"}
WIDTHS = {"S8": 1, "U8": 1, "S16": 2, "U16": 2, "S32": 4, "U32": 4, "U64": 8, "V128": 16, "Splat8": 1, "Splat16": 2, "Splat32": 4, "Zero32": 4}
CONSTANTS = {"i": "(i32.const -1)", "l": "(i64.const -1)", "f": "(f32.const 1)", "d": "(f64.const 1)", "v": "(v128.const i64x2 -1 -1)"}
LENGTH = 65536
OFFSETS = [0, 1, 7, LENGTH - 16, LENGTH - 1, LENGTH, 2**31, 2**32 - 1]

# What is done with a loaded value: all of it, nothing.
WHOLE = {
    "i": "(i32.store8 (i32.const 0) (i32.popcnt {}))",
    "l": "(i64.store8 (i32.const 0) (i64.popcnt {}))",
    "f": "(i32.store8 (i32.const 0) (i32.popcnt (i32.reinterpret_f32 {})))",
    "d": "(i64.store8 (i32.const 0) (i64.popcnt (i64.reinterpret_f64 {})))",
    "v": "(i32.store8 (i32.const 0) (i8x16.bitmask {}))",
}
# Little of it: LLVM makes the access narrower, or leaves it out.
PARTS = {
    "i": ["(i32.store8 (i32.const 0) {})"],
    "l": ["(i32.store8 (i32.const 0) (i32.wrap_i64 {}))", "(i64.store8 (i32.const 0) (i64.shr_u {} (i64.const 56)))"],
    "f": ["(i32.store8 (i32.const 0) (i32.reinterpret_f32 {}))"],
    "d": ["(i64.store8 (i32.const 0) (i64.reinterpret_f64 {}))"],
    "v": ["(i32.store8 (i32.const 0) (i32x4.extract_lane 0 {}))", "(i64.store (i32.const 0) (i64x2.extract_lane 1 {}))"],
}


def rows():
    pattern = re.compile(r'WASM_OP\(0x\w+,\s*\w+,\s*"([^"]+)",\s*"([^"]+)",\s*\w+,\s*(\w+),\s*(\w+)\)')
    for text, signature, family, argument in pattern.findall(OPCODES.read_text()):
        if family in FAMILIES:
            yield text, signature, family, WIDTHS.get(argument, 8)


def bodies(text, signature, family, offset):
    params, results = signature.split(":")
    lane = " 0" if family.endswith("_lane") else ""
    access = f"({text} offset={offset}{lane} (local.get 0){''.join(' ' + CONSTANTS[letter] for letter in params[1:])})"
    if not results:
        return [access]
    uses = [WHOLE[results], "(drop {})", *(PARTS[results] if "--partial" in sys.argv else [])]
    return [use.format(access) for use in uses]


def main():
    functions, assertions = [], []
    for text, signature, family, width in rows():
        for offset in OFFSETS:
            for body in bodies(text, signature, family, offset):
                name = f"{len(functions)}"
                functions.append(f'  (func (export "{name}") (param i32) {body})')
                last = LENGTH - width - offset  # the highest address that is inside
                addresses = {last + distance for distance in range(-1, width + 1)} | {0, LENGTH - 1, LENGTH, 2**31, 2**32 - 1}
                for address in sorted(address for address in addresses if 0 <= address < 2**32):
                    call = f'(invoke "{name}" (i32.const {address}))'
                    assertions.append(f"(assert_return {call})" if address <= last else f'(assert_trap {call} "out of bounds memory access")')
    print(f";; {len(functions)} functions, {len(assertions)} accesses.\n(module\n  (memory 1)")
    print("\n".join(functions), ")\n", "\n".join(assertions), sep="")


if __name__ == "__main__":
    main()
