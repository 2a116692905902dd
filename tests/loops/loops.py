"""Functions with loops over arrays, made at random from a seed: their text, and which addresses they touch for given arguments.

A function is a list of loops, one after another, maybe all in an outer loop. A loop has variables that step, accesses at sums of them, and an
exit. The text is written from that, and so is `run`, which steps the variables without the memory: no address depends on what is loaded."""
import dataclasses
import random

WHOLE = 1 << 32
MASK = WHOLE - 1
LONGEST = 20000  # iterations that `run` follows

# The arguments of every function: where the arrays are; iterations (or what else counts them); where a counter starts; where the exit is;
# iterations of the outer loop; whether to do what only some calls do; iterations of the second loop; a step that only the call knows.
PARAMS = ("p0", "p1", "p2", "n", "s", "e", "m", "g", "t", "d")
SIGNATURE = " ".join("(param i32)" for _ in PARAMS) + " (result i64)"

# Value type -> (bytes, load, store) that an array may have.
ELEMENTS = {
    "i32": [(1, "i32.load8_u", "i32.store8"), (1, "i32.load8_s", "i32.store8"), (2, "i32.load16_u", "i32.store16"), (2, "i32.load16_s", "i32.store16"),
            (4, "i32.load", "i32.store"), (4, "i32.load", "i32.store"), (4, "i32.load", "i32.store")],
    "i64": [(1, "i64.load8_u", "i64.store8"), (2, "i64.load16_s", "i64.store16"), (4, "i64.load32_s", "i64.store32"), (4, "i64.load32_u", "i64.store32"),
            (8, "i64.load", "i64.store"), (8, "i64.load", "i64.store")],
    "f32": [(4, "f32.load", "f32.store")],
    "f64": [(8, "f64.load", "f64.store")],
    "v128": [(16, "v128.load", "v128.store")],
}
# Plain copies of whole vectors, (value type, elements an iteration, what is used after the loop): the last element, or the one before the last
# iteration. LLVM 22's vectoriser takes them from behind the array (fixed after it by llvm-project#195729).
COPIES = [(value, unroll, left) for value, unroll in (("i32", 4), ("i64", 2), ("i64", 4), ("f32", 4), ("f64", 2), ("f64", 4)) for left in ("x", "y")]
# What SIMD functions do with two vectors, and with one. What floats are made from are integers, so that no NaN comes up; and both operands go into each half of a
# result, so that no load is one that does not matter.
SIMD_BINARY = ["i8x16.add", "i16x8.sub", "i32x4.mul", "i64x2.add", "v128.xor", "i8x16.add_sat_u", "i16x8.sub_sat_s", "i8x16.avgr_u", "i8x16.max_u", "i16x8.min_s", "i32x4.max_s",
               "i16x8.q15mulr_sat_s", "i32x4.dot_i16x8_s", "i16x8.extmul_low_i8x16_u", "i32x4.extmul_high_i16x8_s",
               "i8x16.shuffle 0 17 2 19 8 30 1 16 5 21 15 31 7 18 3 24", "i8x16.shuffle 31 14 29 12 27 10 25 8 23 6 21 4 19 2 17 0"]
SIMD_UNARY = ["i8x16.abs", "i8x16.popcnt", "i32x4.neg", "v128.not", "i16x8.extadd_pairwise_i8x16_u", "i32x4.extadd_pairwise_i16x8_s", "i16x8.extend_low_i8x16_u", "i32x4.extend_high_i16x8_s",
              "i64x2.extend_low_i32x4_u"]
SIMD_TEXTS = ["(i32x4.trunc_sat_f32x4_s (f32x4.add (f32x4.convert_i32x4_s {0}) (f32x4.convert_i32x4_u {1})))", "(f32x4.mul (f32x4.convert_i32x4_s {0}) (f32x4.convert_i32x4_s {1}))",
              "(f64x2.max (f64x2.convert_low_i32x4_s {0}) (f64x2.convert_low_i32x4_u {1}))", "(i8x16.narrow_i16x8_u (i16x8.add {0} {1}) (i16x8.sub {0} {1}))",
              "(i16x8.narrow_i32x4_s (i32x4.sub {0} {1}) (i32x4.add {0} {1}))", "(i16x8.shr_s (i16x8.add {0} {1}) (i32.const 3))", "(i32x4.add {0} (i32x4.splat (i32x4.extract_lane 1 {1})))",
              "(v128.bitselect {0} {1} (i16x8.gt_s {0} {1}))", "(i8x16.swizzle {0} (v128.and {1} (i8x16.splat (i32.const 15))))", "(i64x2.replace_lane 1 (v128.xor {0} {1}) (i64x2.extract_lane 0 {0}))"]
SIMD_SUMS = ["(i32x4.add {0} {1})", "(i8x16.sub {0} {1})", "(v128.xor {0} {1})", "(i64x2.add {0} {1})", "(i16x8.max_s {0} {1})", "(i8x16.max_u {0} {1})",
             "(i16x8.add_sat_s {0} {1})"]
FLOAT_SUM = "(f32x4.add {0} (f32x4.convert_i32x4_s {1}))"
SIMD_LOADS = [(8, "v128.load8x8_u"), (8, "v128.load16x4_s"), (8, "v128.load32x2_u"), (4, "v128.load32_zero"), (8, "v128.load64_zero"), (4, "v128.load32_splat")]
LARGE_STEPS = (0xC0000, 0xFFFFF, 0xABCDE, 0x80001)  # of a counter that wraps within a few thousand iterations


@dataclasses.dataclass(frozen=True)
class Memory:
    is_64: bool = False
    is_shared: bool = False

    def text(self, length, export=""):
        pages = length // 65536
        return f"(memory {export} {'i64 ' if self.is_64 else ''}{pages}{f' {pages} shared' if self.is_shared else ''})"


@dataclasses.dataclass
class Variable:
    name: str
    bits: int
    start: tuple      # ("p0", constant): parameter plus constant; None: as the loop before left it
    row: int          # more with each iteration of the outer loop
    step: object      # a number, or "d"
    mask: int = None  # of a counter that is kept narrow

    def initial(self, arguments, outer):
        name, constant = self.start
        return ((arguments[name] if name else 0) + constant + outer * self.row) & (1 << self.bits) - 1

    def next(self, value, arguments):
        value = (value + (arguments["d"] if self.step == "d" else self.step)) & (1 << self.bits) - 1
        return value & self.mask if self.mask else value


@dataclasses.dataclass
class Access:
    array: int
    base: str         # a local, or none
    variable: str
    scale: object     # a number, or "d"
    constant: int     # added to the sum, which wraps
    offset: int       # memarg's, which does not
    size: int
    guarded: bool


@dataclasses.dataclass
class Exit:
    variable: str
    relation: str     # goes on while it holds
    when: str         # "top", "after" or "before" the step
    end: tuple        # ("param", name, row), ("constant", value) or ("product", name, step): the start plus so many steps


def holds(relation, left, right, bits):
    def signed(value):
        return value - (1 << bits) if value >> (bits - 1) else value
    if relation == "ne":
        return left != right
    if relation == "and":
        return left & right != 0
    if relation == "lt_u":
        return left < right
    if relation == "gt_u":
        return left > right
    if relation == "lt_s":
        return signed(left) < signed(right)
    return signed(left) > signed(right)


@dataclasses.dataclass
class Loop:
    variables: list
    accesses: list
    exit: Exit
    body: list        # of statements


@dataclasses.dataclass
class Array:
    size: int
    load: str
    store: str
    step: int         # bytes from one iteration to the next
    row: int          # bytes from one iteration of the outer loop to the next
    memory: int
    offset: int       # least memarg
    has_own_step: bool = True  # else it steps by the argument "d"
    pointer: int = 0      # which of the pointers it begins at
    shift: int = 0        # bytes behind that one
    variable: str = None  # that its address is made from in the loop that is being made
    scale: int = 1
    first: tuple = None   # both, in the first loop


class Function:
    def __init__(self, rng, name, memories, copies=None, is_simd=False):
        """`copies`: one of COPIES; else anything. `is_simd`: as a producer leaves it that vectorises."""
        self.rng, self.name, self.memories, self.is_simd = rng, name, memories, is_simd
        self.value = "v128" if is_simd else rng.choice(["i32", "i32", "i64", "f32", "f64", "v128"])
        self.is_float = int(self.value in ("f32", "f64"))
        self.has_outer = rng.random() < 0.3
        self.unroll = rng.choice([1, 1, 2, 2, 3, 4, 5])
        self.is_alike = rng.random() < 0.6   # each element of an iteration is treated as the others are, as after unrolling
        self.is_pinned = rng.random() < 0.3  # each call has a function of its own, which has the arguments as constants
        self.style = rng.choice(["pointers", "pointers", "shared", "indexed", "indexed"])
        self.kind = rng.choice(["copy", "binary", "binary", "update", "reduce", "conditional", "fill", "stencil", "guarded", "total", "numbered", "numbered", "carried", "least", "least"])
        if is_simd:
            self.kind = rng.choice(["copy", "binary", "binary", "update", "update", "reduce", "reduce", "stencil", "total", "numbered", "carried"])
            self.sums_floats = self.kind == "reduce" and rng.random() < 0.2
        if self.kind in ("numbered", "least") and self.value not in ("i32", "i64") and not is_simd:
            self.kind = "update"
        self.keeps_last = rng.random() < 0.3
        self.uses_memargs = rng.choice([0, 0.5, 1])  # how often an element is reached by its memarg instead of an addition
        if copies:
            self.value, self.unroll, self.left = copies
            self.is_float = int(self.value in ("f32", "f64"))
            self.kind, self.style, self.keeps_last, self.has_outer = "copy", "shared", True, False
        elif self.kind == "total" and self.style == "shared":
            self.style = "pointers"
        self.is_plain = copies is not None
        self.locals = {}
        self.make_arrays()
        self.loops = [self.first_loop()]
        if not self.is_plain and rng.random() < 0.25:
            self.loops.append(self.second_loop())
        exits = ", ".join(f"{loop.exit.variable} {loop.exit.relation} {loop.exit.end[0]} {loop.exit.when}" for loop in self.loops)
        exits += ", by an argument" * any(not array.has_own_step for array in self.arrays)
        self.shape = f"{self.value} {self.kind} x{self.unroll}, {self.style}, {exits}{', nested' if self.has_outer else ''}"

    # What there is.

    def make_arrays(self):
        rng = self.rng
        count = {"copy": 2, "binary": rng.choice([2, 3]), "update": 2, "reduce": rng.choice([1, 2]), "conditional": 2, "fill": 1, "stencil": 1, "total": 2, "numbered": 2, "carried": 2, "least": 3,
                 "guarded": rng.choice([2, 3])}[self.kind]
        gap = rng.choice([0, 0, 0, 0, 1, 2])
        sign = rng.choice([1, 1, 1, -1])
        common = rng.choice(ELEMENTS[self.value])
        mixes = self.style != "shared" and rng.random() < 0.4
        if self.is_plain:
            gap, sign, common, mixes = 0, 1, ELEMENTS[self.value][-1], False
        self.arrays = []
        for i in range(count):
            size, load, store = rng.choice(ELEMENTS[self.value]) if mixes else common
            step = size * (self.unroll + gap) * (-sign if mixes and i and rng.random() < 0.4 else sign)
            row = rng.choice([0, size, 3 * size, 256, -256, 1024 + size])
            offset = rng.choice([0, 0, 0, 0, 0, 16, 1040, 0x7FFF0000, 0xFFFC0000] if not self.is_plain else [0, 16])
            self.arrays.append(Array(size, load, store, step, row, rng.randrange(len(self.memories)), offset, pointer=i))
        if self.is_simd and self.kind in ("copy", "binary", "update", "reduce", "carried") and self.style != "shared" and rng.random() < 0.3:
            array = self.arrays[0]
            array.step = array.step // 16
            array.size, array.load = rng.choice(SIMD_LOADS)
            array.step *= array.size
        if self.style != "shared" and not self.is_plain and rng.random() < (0.25 if not self.is_simd else 0.1):
            for array in self.arrays[rng.randrange(count):]:
                array.has_own_step = False
        if self.kind == "total":  # stays where it is
            self.arrays[1].step, self.arrays[1].has_own_step = 0, True
        for array in self.arrays[1:] if self.kind != "total" else []:
            if not self.is_plain and rng.random() < (0.25 if len(self.memories) == 1 else 0.6):  # LLVM knows how far it is from the first
                array.pointer, array.step, array.has_own_step = 0, self.arrays[0].step, self.arrays[0].has_own_step
                array.shift = rng.choice([16, -16, 48, -64, 4096, -4096, 1 << 20, -1 << 20, (1 << 20) + 16])
                # Not at the same place after all: what is compared with itself need not be loaded.
                array.offset = self.arrays[0].offset

    def local(self, name, type_):
        self.locals[name] = type_
        return name

    def first_loop(self):
        """Its variables and its exit; what it does is `body`'s."""
        rng, arrays = self.rng, self.arrays
        variables = []
        step = arrays[0].step
        triangular = self.has_outer and rng.random() < 0.5  # an iteration more each time
        when = rng.choice(["after", "after", "after", "before", "top"])
        for i in range(len(arrays)):
            self.local(f"q{i}", "i32")
        if self.style == "pointers":
            for i, array in enumerate(arrays):
                array.variable = f"q{array.pointer}"
                if array.pointer == i:
                    variables.append(Variable(array.variable, 32, (f"p{i}", 0), array.row, array.step if array.has_own_step else "d"))
        if self.style == "pointers" and arrays[0].has_own_step and rng.random() < 0.4:
            relation = rng.choice(["ne", "ne", "ne", "lt_u" if step > 0 else "gt_u"])
            if relation == "ne" and when == "after" and rng.random() < 0.4:
                end = ("product", "n", step)
            else:
                end = ("param", "e", arrays[0].row + (step if triangular else 0))
            exit_ = Exit("q0", relation, when, end)
        else:
            counter, exit_ = self.counter(when, triangular)
            variables.append(counter)
        for array in arrays:
            array.first = array.variable, array.scale
        loop = Loop(variables, [], exit_, [])
        self.body(loop)
        return loop

    def counter(self, when, triangular):
        """A counter that leaves the loop, and that addresses are made from unless pointers step."""
        rng, arrays = self.rng, self.arrays
        common = min(abs(array.step) for array in arrays if array.step)
        while any(array.step % common for array in arrays):
            common -= 1
        how = rng.choice(["ne", "ne", "ne", "less", "less", "down", "wide", "and", "narrow", "constant"])
        if self.is_plain:  # no other counter is left after the loop, or LLVM makes no whole vectors of it
            how = "ne"
        if self.style == "shared":
            steps = [arrays[0].step]
        elif self.style == "indexed":
            steps = sorted({1, -1, common, -common} | ({self.unroll} if common % self.unroll == 0 else set()))
        else:
            steps = [1, -1, self.unroll, 3, 7, 8, -8, 12, -24]
            if how == "ne" and rng.random() < 0.5:
                steps = LARGE_STEPS
        if how == "narrow" and self.style != "pointers":
            how = "ne"
        step = rng.choice(steps)
        bits = 64 if how in ("wide", "and") else 32
        for array in arrays if self.style != "pointers" else []:
            array.variable, array.scale = "i", array.step // step if array.has_own_step else "d"
        self.local("i", f"i{bits}")
        grows = step if triangular else 0
        ordered = ("lt" if step > 0 else "gt") + rng.choice(["_u", "_s"])
        if how == "ne":
            return Variable("i", 32, ("s", 0), 0, step), Exit("i", "ne", when, ("param", "e", grows))
        if how == "less":
            start = ("", 0) if step > 0 and rng.random() < 0.5 else ("s", 0)
            return Variable("i", 32, start, 0, step), Exit("i", ordered, when, ("param", "e", grows))
        if how == "down":
            if step > 0:
                step = -step
                for array in arrays if self.style != "pointers" else []:
                    array.scale = -array.scale if array.has_own_step else "d"
            return (Variable("i", 32, ("n", 0), -step if triangular else 0, step),
                    Exit("i", rng.choice(["ne", "gt_s"]), rng.choice(["after", "top"]), ("constant", 0)))
        if how == "wide":
            return Variable("i", 64, ("s", rng.choice([0, 1 << 40])), 0, step), Exit("i", rng.choice(["ne", ordered[:2] + "_u"]), when, ("param", "e", grows))
        if how == "and":  # meets 0, if not of all bits
            return (Variable("i", 64, ("s", 0), 0, step),
                    Exit("i", "and", rng.choice(["after", "top"]), ("constant", rng.choice([0xFFFFFFFF, 0xFFFFFFFC, 0xFFFFFFF0]))))
        if how == "narrow":
            return (Variable("i", 32, ("s", 0), 0, rng.choice([1, 3, 4, -1, -6]), rng.choice([0xFF, 0xFFFF])),
                    Exit("i", "ne", rng.choice(["after", "top"]), ("param", "e", 0)))
        return Variable("i", 32, ("", 0), 0, step), Exit("i", "ne", "after", ("constant", step * rng.choice([7, 8, 16, 33])))

    def second_loop(self):
        """Over the same arrays; pointers begin where the first loop has left them."""
        variables = []
        for i, array in enumerate(self.arrays):
            array.variable, array.scale = f"q{array.pointer}", 1
            if array.pointer == i:
                variables.append(Variable(array.variable, 32, None, 0, array.step if array.has_own_step else "d"))
        if self.arrays[0].has_own_step and self.rng.random() < 0.5:
            exit_ = Exit("q0", "ne", "after", ("product", "t", self.arrays[0].step))
        else:
            variables.append(Variable(self.local("j", "i32"), 32, ("t", 0), 0, -1))
            exit_ = Exit("j", "ne", "after", ("constant", 0))
        self.style = "pointers"
        loop = Loop(variables, [], exit_, [])
        self.body(loop)
        return loop

    # What a loop does.

    def body(self, loop):
        self.local("x", self.value)
        self.local("y", self.value)
        self.local("sum", self.value)
        if self.is_plain and self.left == "y":
            loop.body.append("(local.set $y (local.get $x))")
        seed, odd = self.rng.random(), self.rng.choice([None, None, None, *range(self.unroll)])
        for element in self.rng.choice([range(self.unroll), range(self.unroll), range(self.unroll - 1, -1, -1)]):
            self.choices, self.is_odd = random.Random(seed) if self.is_alike else self.rng, element == odd
            loop.body += self.element(loop, element)

    def address(self, loop, i, at, guarded=False):
        """The memarg and the address of array i, `at` bytes from the iteration's first element."""
        array = self.arrays[i]
        variable = next(variable for variable in loop.variables if variable.name == array.variable)
        at += array.shift
        constant, offset = at, array.offset
        if at > 0 and offset + at < WHOLE and self.rng.random() < self.uses_memargs:
            constant, offset = 0, offset + at
        text = f"(local.get ${variable.name})"
        if variable.bits == 64:
            text = f"(i32.wrap_i64 {text})"
        base = ""
        if not variable.name.startswith("q"):
            base = f"q{array.pointer}"
            scale = array.scale
            if scale == "d":
                text = f"(i32.mul {text} (local.get $d))"
            elif scale > 0 and scale & (scale - 1) == 0:
                text = f"(i32.shl {text} (i32.const {scale.bit_length() - 1}))" if scale > 1 else text
            else:
                text = f"(i32.mul {text} (i32.const {scale}))"
            text = f"(i32.add (local.get ${base}) {text})"
        if constant:
            text = f"(i32.add {text} (i32.const {constant}))"
        if self.memories[array.memory].is_64:
            text = f"(i64.extend_i32_u {text})"
        loop.accesses.append(Access(i, base, variable.name, array.scale if base else 1, constant, offset, array.size, guarded))
        return f"{array.memory} " * (array.memory > 0) + f"offset={offset} " * (offset > 0) + text

    def load(self, loop, i, at):
        return f"({self.arrays[i].load} {self.address(loop, i, at)})"

    def store(self, loop, i, at, value, guarded=False):
        return f"({self.arrays[i].store} {self.address(loop, i, at, guarded)} {value})"

    def operation(self, x, y, sums=False):
        """Of floats none that could give a NaN: all stay below 1. None of which LLVM finds that a load does not matter, as for 0 times what is loaded."""
        rng = self.choices
        if self.is_odd:
            x, y = y, x
        if self.value in ("f32", "f64"):
            type_ = self.value
            half = [f"({type_}.mul {value} ({type_}.const 0.5))" for value in (x, y)]
            return rng.choice([f"({type_}.add {half[0]} {half[1]})", f"({type_}.sub {half[0]} {half[1]})", f"({type_}.mul {x} {y})", f"({type_}.min {x} {y})"])
        if self.is_simd:
            if sums:
                return (FLOAT_SUM if self.sums_floats else rng.choice(SIMD_SUMS)).format(x, y)
            text = rng.choice(SIMD_TEXTS).format(x, y) if rng.random() < 0.4 else f"({rng.choice(SIMD_BINARY)} {x} {y})"
            return f"({rng.choice(SIMD_UNARY)} {text})" if rng.random() < 0.3 else text
        if self.value == "v128":
            return f"({rng.choice(['i32x4.add', 'i8x16.sub', 'v128.xor', 'i64x2.add'] + ['i16x8.mul', 'i16x8.max_s'] * (not sums))} {x} {y})"
        # The greater or lesser of two, unless one can be known to be it.
        if not sums and self.kind != "carried" and all(array.load == f"{self.value}.load" for array in self.arrays) and rng.random() < 0.4:
            relation, sign = rng.choice([("gt", "lt"), ("lt", "gt")])[self.is_odd], rng.choice("su")
            return f"(select {x} {y} ({self.value}.{relation}_{sign} {x} {y}))"
        return f"({self.value}.{rng.choice(['add', 'add', 'sub', 'xor'] + ['mul', 'or'] * (not sums))} {x} {y})"

    def constant(self):
        if self.value in ("f32", "f64"):
            return f"({self.value}.const {self.choices.choice([0.25, 0.5, 0.75])})"
        if self.value == "v128":
            return f"(v128.const i32x4 {' '.join(str(self.rng.randrange(1, WHOLE)) for _ in range(4))})"
        return f"({self.value}.const {self.choices.choice([1, 3, 5, 127, 0x40000001, -2])})"

    def less(self):
        if self.value == "v128":
            return "(v128.any_true (i32x4.lt_s (local.get $x) (local.get $y)))"
        return f"({self.value}.lt{'' if self.is_float else self.choices.choice(['_s', '_u'])} (local.get $x) (local.get $y))"

    def near_extremes(self, i, value):
        """A value that is often the least or the greatest that there is, if nothing else is known of it."""
        bits = 32 if self.value == "i32" else 64
        least, greatest = f"({self.value}.and {{}} ({self.value}.const {(1 << bits - 1) + 3}))", f"({self.value}.or {{}} ({self.value}.const {(1 << bits - 1) - 4}))"
        way = self.choices.choice(["{}", least, greatest, greatest])
        return way.format(value) if self.arrays[i].load == f"{self.value}.load" else value

    def next_least(self):
        """What dynamic programming carries from cell to cell."""
        relation, sign = self.choices.choice(["lt", "lt", "gt"]), self.choices.choice("su")
        step = self.choices.choice([1, 1, 1, 2]) * (-1 if relation == "gt" else 1)

        def least(one, other):
            self.local("one", self.value), self.local("other", self.value)
            return (f"(block (result {self.value}) {one} {other} (local.set $other) (local.set $one) "
                    f"(select (local.get $one) (local.get $other) ({self.value}.{relation}_{sign} (local.get $one) (local.get $other))))")

        x, y, carried = "(local.get $x)", "(local.get $y)", "(local.get $sum)"
        stepped = lambda value: f"({self.value}.add {value} ({self.value}.const {step}))"
        return self.choices.choice([least(stepped(least(carried, y)), x), least(x, stepped(least(y, carried))), least(least(stepped(carried), x), y), least(x, least(carried, stepped(y))),
                                    least(stepped(carried), x), least(stepped(least(stepped(carried), x)), y), least(stepped(least(stepped(least(carried, y)), x)), y)])

    def element(self, loop, number):
        x, y, last = "(local.get $x)", "(local.get $y)", len(self.arrays) - 1
        at = [number * array.size for array in self.arrays]
        if self.kind == "copy":
            return [f"(local.set $x {self.load(loop, 0, at[0])})", self.store(loop, 1, at[1], x)]
        if self.kind == "binary":
            return [f"(local.set $x {self.load(loop, 0, at[0])})", f"(local.set $y {self.load(loop, 1, at[1])})",
                    self.store(loop, last, at[last], self.operation(x, y))]
        if self.kind == "update":
            return [f"(local.set $x {self.load(loop, 0, at[0])})",
                    self.store(loop, 1, at[1], self.operation(self.operation(x, self.constant()), self.load(loop, 1, at[1])))]
        if self.kind == "reduce":
            value = self.operation(self.load(loop, 0, at[0]), self.load(loop, 1, at[1])) if last else self.load(loop, 0, at[0])
            return [f"(local.set $sum {self.operation('(local.get $sum)', value, sums=True)})"]
        if self.kind == "conditional":
            place = self.address(loop, 1, at[1])  # the same for both: whether it traps must not depend on the values
            return [f"(local.set $x {self.load(loop, 0, at[0])})", f"(local.set $y ({self.arrays[1].load} {place}))",
                    f"(if {self.less()} (then ({self.arrays[1].store} {place} {x})))"]
        if self.kind == "fill":
            return [self.store(loop, 0, at[0], self.constant())]
        if self.kind == "stencil":
            size = self.arrays[0].size * self.choices.choice([1, -1])
            return [f"(local.set $x {self.load(loop, 0, at[0] - size)})", f"(local.set $y {self.load(loop, 0, at[0] + size)})",
                    self.store(loop, 0, at[0], self.operation(x, y))]
        if self.kind == "carried":
            before, earlier = self.local("before", self.value), self.local("earlier", self.value)
            value = self.operation(x, self.operation(f"(local.get ${before})", f"(local.get ${earlier})"))
            return [f"(local.set $x {self.load(loop, 0, at[0])})", self.store(loop, 1, at[1], value),
                    f"(local.set ${earlier} (local.get ${before}))", f"(local.set ${before} {x})"]
        if self.kind == "least":
            return [f"(local.set $x {self.near_extremes(0, self.load(loop, 0, at[0]))})", f"(local.set $y {self.near_extremes(1, self.load(loop, 1, at[1]))})",
                    f"(local.set $sum {self.next_least()})", self.store(loop, 2, at[2], "(local.get $sum)")]
        if self.kind == "numbered":
            value = self.operation(self.load(loop, 0, at[0]), self.counted(loop, number))
            return [self.store(loop, 1, at[1], value)]
        if self.kind == "total":
            at = number % 2 * self.arrays[1].size
            return [self.store(loop, 1, at, self.operation(self.load(loop, 1, at), self.load(loop, 0, number * self.arrays[0].size), sums=True))]
        return [f"(local.set $x {self.load(loop, 0, at[0])})",
                f"(if (local.get $g) (then {self.store(loop, last, at[last], x, guarded=True)}))"]

    def counted(self, loop, number):
        """The variable of the exit, as it would be for this element if the loop stepped from one to the next."""
        variable = next(variable for variable in loop.variables if variable.name == loop.exit.variable)
        step = variable.step // self.unroll * number if variable.step != "d" else number
        value = f"(i{variable.bits}.add (local.get ${variable.name}) (i{variable.bits}.const {step}))"
        if self.is_simd:
            return f"(i{variable.bits}x{128 // variable.bits}.splat {value})"
        if f"i{variable.bits}" == self.value:
            return value
        return f"(i32.wrap_i64 {value})" if self.value == "i32" else f"(i64.extend_i32_{self.choices.choice('us')} {value})"

    # As text.

    def text(self, export=False, pinned=None):
        """`pinned`: a name and arguments, which are constants then."""
        name, arguments = pinned or (self.name, {})
        lines = []
        for loop in self.loops:
            lines += self.loop_text(loop)
        if self.has_outer:
            lines = ["(block $all (loop $outer", "(br_if $all (i32.ge_u (local.get $o) (local.get $m)))", *lines,
                     "(local.set $o (i32.add (local.get $o) (i32.const 1)))", "(br $outer)))"]
        lines = [f"(local.set ${parameter} (i32.const {value}))" for parameter, value in arguments.items()] + lines + self.result()
        params = " ".join(f"(param ${name} i32)" for name in PARAMS)
        own = " ".join(f"(local ${name} {type_})" for name, type_ in {"o": "i32", **self.locals}.items())
        head = f"(func ${name} {f'(export {chr(34)}{name}{chr(34)})' if export else ''} {params} (result i64) {own} (local $z i64) (local $r i64)"
        return "\n    ".join([f";; {self.shape}", head, *lines, "(local.get $r))"])

    def with_outer(self, text, row):
        return f"(i32.add {text} (i32.mul (local.get $o) (i32.const {row})))" if row and self.has_outer else text

    def start_text(self, variable):
        name, constant = variable.start
        text = self.with_outer(f"(local.get ${name})" if name else f"(i32.const {constant})", variable.row)
        if variable.bits == 64:
            return f"(i64.add (i64.extend_i32_u {text}) (i64.const {constant}))"
        return text

    def loop_text(self, loop):
        exit_ = loop.exit
        tested = next(variable for variable in loop.variables if variable.name == exit_.variable)
        type_ = f"i{tested.bits}"
        lines = []
        if loop is self.loops[0]:  # the bases that do not step
            for i, array in enumerate(self.arrays):
                if all(variable.name != f"q{i}" for variable in loop.variables):
                    lines.append(f"(local.set $q{i} {self.with_outer(f'(local.get $p{i})', array.row)})")
        lines += [f"(local.set ${variable.name} {self.start_text(variable)})" for variable in loop.variables if variable.start]
        how, *what = exit_.end
        if how == "constant":
            end = f"({type_}.const {what[0]})"
        elif how == "product":
            lines.append(f"(local.set $z (i64.extend_i32_u (i32.add (local.get ${tested.name}) (i32.mul (local.get ${what[0]}) (i32.const {what[1]})))))")
            end = "(i32.wrap_i64 (local.get $z))"
        else:
            end = self.with_outer(f"(local.get ${what[0]})", what[1])
            if tested.bits == 64:
                end = f"(i64.add (i64.extend_i32_u {end}) (i64.const {tested.start[1]}))"
        test = f"({type_}.{exit_.relation} (local.get ${tested.name}) {end})"
        if exit_.relation == "and":
            test = f"(i64.ne {test} (i64.const 0))"
        steps = []
        for variable in loop.variables:
            step = "(local.get $d)" if variable.step == "d" else f"(i{variable.bits}.const {variable.step})"
            text = f"(i{variable.bits}.add (local.get ${variable.name}) {step})"
            if variable.mask:
                text = f"(i32.and {text} (i32.const {variable.mask}))"
            steps.append(f"(local.set ${variable.name} {text})")
        name = f"$loop{self.loops.index(loop)}"
        if exit_.when == "top":
            return [*lines, f"(block {name}end (loop {name}", f"(br_if {name}end (i32.eqz {test}))", *loop.body, *steps, f"(br {name})))"]
        if exit_.when == "before":
            compared = self.local(f"was{tested.bits}", type_)
            test = f"({type_}.{exit_.relation} (local.get ${compared}) {end})"
            return [*lines, f"(loop {name}", *loop.body, f"(local.set ${compared} (local.get ${tested.name}))", *steps, f"(br_if {name} {test}))"]
        return [*lines, f"(loop {name}", *loop.body, *steps, f"(br_if {name} {test}))"]

    def result(self):
        """All that the loops leave behind goes into it."""
        bits = {"i32": ["(i64.extend_i32_u {})"], "i64": ["{}"], "f32": ["(i64.extend_i32_u (i32.reinterpret_f32 {}))"], "f64": ["(i64.reinterpret_f64 {})"],
                "v128": ["(i64x2.extract_lane 0 {})", "(i64x2.extract_lane 1 {})"]}
        kept = self.left if self.is_plain else ("x", "y") if self.keeps_last else ()
        names = [name for name in self.locals if name not in ("x", "y", "before", "earlier", "one", "other") or name in kept]
        return [f"(local.set $r (i64.add (i64.mul (local.get $r) (i64.const 0x9E3779B97F4A7C15)) {way.format(f'(local.get ${name})')}))"
                for name in names for way in bits[self.locals[name]]]

    # As addresses.

    def run(self, arguments, length, visit):
        """Calls visit(access, address) for each access. Returns what becomes of the call: "returns", "traps", "straddles" the end of the
        memory, which traps only if all of a value is needed, or "long"."""
        count = 0
        values = {}
        for outer in range(arguments["m"] if self.has_outer else 1):
            for i, array in enumerate(self.arrays):
                values[f"q{i}"] = (arguments[f"p{i}"] + (outer * array.row if self.has_outer else 0)) & MASK
            for loop in self.loops:
                for variable in loop.variables:
                    if variable.start:
                        values[variable.name] = variable.initial(arguments, outer)
                tested = next(variable for variable in loop.variables if variable.name == loop.exit.variable)
                end = self.end(loop, tested, values, arguments, outer)
                while True:
                    if loop.exit.when == "top" and not holds(loop.exit.relation, values[tested.name], end, tested.bits):
                        break
                    count += 1
                    if count > LONGEST:
                        return "long"
                    for access in loop.accesses:
                        if access.guarded and not arguments["g"]:
                            continue
                        scale = arguments["d"] if access.scale == "d" else access.scale
                        index = values[access.variable] * scale + access.constant + (values[access.base] if access.base else 0)
                        address = (index & MASK) + access.offset
                        if address + access.size > length:
                            return "traps" if address >= length else "straddles"
                        visit(access, address)
                    was = values[tested.name]
                    for variable in loop.variables:
                        values[variable.name] = variable.next(values[variable.name], arguments)
                    now = was if loop.exit.when == "before" else values[tested.name]
                    if loop.exit.when != "top" and not holds(loop.exit.relation, now, end, tested.bits):
                        break
        return "returns"

    def end(self, loop, tested, values, arguments, outer):
        how, *what = loop.exit.end
        mask = (1 << tested.bits) - 1
        if how == "constant":
            return what[0] & mask
        if how == "product":
            return values[tested.name] + arguments[what[0]] * what[1] & mask
        end = arguments[what[0]] + (outer * what[1] if self.has_outer else 0) & MASK
        return end + tested.start[1] & mask if tested.bits == 64 else end

    # Arguments.

    def stride(self):
        """An argument for "d"."""
        size = max(array.size for array in self.arrays)
        return self.rng.choice([size, size * self.unroll, size * self.unroll, -size * self.unroll, 0, 3 * size, 65536 + size, 0x10000000]) & MASK

    def step(self, array, stride):
        """Bytes from one iteration to the next."""
        if array.has_own_step:
            return array.step
        stride = stride - WHOLE if stride >> 31 else stride
        variable, _ = array.first
        return stride if variable != "i" else stride * next(variable for variable in self.loops[0].variables if variable.name == "i").step

    def arguments(self, iterations, stride, places, missed=0):
        """For about that many iterations, with the first element of array i at places[i]. `missed`: so far behind where it should be is the exit."""
        rng, loop = self.rng, self.loops[0]
        out = {name: 0 for name in PARAMS}
        out["d"] = stride
        out["n"], out["t"], out["m"], out["g"] = iterations, rng.choice([1, 5, 9, 21]), rng.choice([1, 2, 3]) if self.has_outer else 1, rng.randrange(2)
        exit_ = loop.exit
        counter = next((variable for variable in loop.variables if variable.name == "i"), None)
        steps = iterations - (exit_.when == "before")
        if counter:
            step = counter.step
            if counter.start[0] == "n":
                out["n"] = -step * iterations
            if counter.start[0] == "s":
                if exit_.relation == "and":
                    out["s"] = -iterations * step + rng.choice([0, 0, 0, 1, 4, -4]) & MASK
                elif counter.mask:
                    out["s"] = rng.randrange(counter.mask + 1)
                elif exit_.relation == "ne" and counter.bits == 32:
                    out["s"] = rng.choice([0, 5, rng.randrange(WHOLE), WHOLE - 1 - rng.randrange(64)])
                elif exit_.relation in ("lt_s", "gt_s"):
                    out["s"] = rng.randrange(-40, 40) & MASK
                else:
                    out["s"] = rng.choice([0, rng.randrange(99), 0x7FFFFFF0]) + (-step * iterations if step < 0 else 0)
            if self.is_float:
                out["s"] &= ~7  # a base plus a multiple of it is where floats are: elsewhere a value could be a NaN
            start = counter.initial(out, 0)
            out["e"] = start + steps * step - counter.start[1] & (counter.mask or MASK)
        for i, array in enumerate(self.arrays):
            place = places[i] - array.offset
            variable, scale = array.first
            if variable == "i":
                place -= counter.initial(out, 0) * (stride if scale == "d" else scale)
            out[f"p{i}"] = place & MASK
        if exit_.variable == "q0":
            out["e"] = out["p0"] + steps * self.arrays[0].step & MASK
        out["e"] = out["e"] + missed & MASK
        return out

    def extent(self, i, iterations, stride):
        """(least, end) of what array i takes, from its first element, without wrapping; for several iterations of the outer loop more."""
        array = self.arrays[i]
        way = self.step(array, stride) * (iterations - 1)
        around = array.size if self.kind == "stencil" else 0
        return min(0, way) - around, max(0, way) + array.size * self.unroll + around


class Pinned:
    """A function that has its arguments as constants; LLVM knows where its arrays are, then."""
    def __init__(self, function, arguments, number):
        self.function, self.arguments, self.name, self.is_float = function, arguments, f"{function.name}_{number}", function.is_float
        self.shape = f"{function.shape}, pinned"

    def text(self, export=False):
        return self.function.text(export, (self.name, self.arguments))


def beside_functions(function, calls):
    """The calls, each beside the function that is to be called: [(function, arguments, ...)]"""
    return [(Pinned(function, call[0], i) if function.is_pinned else function, *call) for i, call in enumerate(calls)]


def trapping_calls(function, length):
    """[(function, arguments)] that must trap. Where LLVM sees that a loop never ends, or that what it stores is there already, it leaves out the accesses."""
    calls = calls_that_trap(function, length)
    if not function.is_pinned:
        return [(function, arguments) for arguments, _ in calls]
    if function.kind in ("copy", "guarded") or function.has_outer:  # what is exclusive-ored twice is there already too
        return []
    pointers = [f"p{i}" for i, array in enumerate(function.arrays) if array.pointer == i]
    return beside_functions(function, [(arguments,) for arguments, missed in calls
                                       if not missed and len({arguments[pointer] for pointer in pointers}) == len(pointers)])


def simd_functions(seed, count, memories):
    rng = random.Random(seed)
    return [Function(rng, f"v{i}", memories, is_simd=True) for i in range(count)]


def functions(seed, count, memories):
    rng = random.Random(seed)
    copies = COPIES if len(memories) == 1 else []
    return [Function(rng, f"f{i}", memories, copies[i] if i < len(copies) else None) for i in range(count)]


COUNTS = (1, 2, 3, 7, 8, 9, 11, 15, 16, 17, 20, 23, 31, 32, 33, 39, 40)


def placed(function, iterations, stride, how, length):
    """Where the first elements are: in the middle, up to the end, from 0, over the edge between two iterations, over it within one, around 2^31; each
    array apart."""
    rng = function.rng
    distance = 1 << 19

    def place(i):
        low, high = function.extent(i, iterations, stride)
        array = function.arrays[i]
        step = function.step(array, stride)
        shifts = [0] + [other.shift for other in function.arrays if other.pointer == i]
        low += min(shifts)
        high += max(shifts)
        if how == "end":
            at = length - high - i * distance
        elif how == "zero":
            at = -low + i * distance // 4
        elif how == "over":
            at = (length if step > 0 else 0) - rng.randrange(1, iterations + 1) * step
        elif how == "edge":
            at = rng.choice([0, iterations - 1, rng.randrange(iterations)]) * -step - array.size * rng.randrange(-1, function.unroll + 1)
            at -= rng.choice(shifts)
        elif how == "sign":
            at = 0x80000000 - (high + low) // 2 // 16 * 16 + i * distance
        else:
            at = 0x20000000 + i * distance
        if how in ("middle", "sign", "zero") and at < array.offset:  # no index reaches that
            at = min(array.offset + 0x8000 + i * 0x4000, length - 0x4000 * (i + 1))
        return at
    return [place(i) & MASK for i in range(len(function.arrays))]


def aliasing(function, places):
    """All arrays at the first one's place, or so few bytes apart."""
    array = function.arrays[0]
    near = [0, array.size, -array.size, 8, -8, 2 * array.size, 16, -16, abs(array.step), 24]
    if function.is_float == 0:
        near += [1, 4, -4]
    elif array.size == 4:
        near += [4, -4]
    return [places[0]] + [places[0] + function.rng.choice(near) & MASK for _ in places[1:]]


def calls_that_return(function, length, count):
    """[(arguments, {memory: words of 8 bytes that are touched})]"""
    out = []
    for attempt in range(4 * count):
        rng = function.rng
        iterations, stride = rng.choice(COUNTS), function.stride()
        counter = next((variable for variable in function.loops[0].variables if variable.name == "i"), None)
        if counter and counter.step in LARGE_STEPS and rng.random() < 0.3:
            iterations = WHOLE // counter.step + rng.randrange(1, 900)  # around once: LLVM's distance is not the way that it goes
        how = rng.choice(["middle", "middle", "end", "zero", "over", "over", "edge", "edge", "sign"])
        places = placed(function, iterations, stride, how, length)
        if rng.random() < 0.5:
            places = aliasing(function, places)
        arguments = function.arguments(iterations, stride, places)
        touched = {}

        def visit(access, address):
            words = touched.setdefault(function.arrays[access.array].memory, set())
            words.update((address >> 3, address + access.size - 1 >> 3))
        if function.run(arguments, length, visit) == "returns" and touched:
            if all(not is_reserved(word * 8) for words in touched.values() for word in words):
                out.append((arguments, touched))
        if len(out) == count:
            break
    return out


def is_reserved(address):
    """Whether the program keeps its own things there."""
    return 0x7F0000 <= address < 0x1000000


def calls_that_trap(function, length):
    """[(arguments, missed)] with which the loop runs out of the memory; some because its exit is missed, if it could be."""
    out = []
    relation, step = function.loops[0].exit.relation, next(v for v in function.loops[0].variables if v.name == function.loops[0].exit.variable).step
    for missed in (0, 0, 1, step // 2):
        if missed and (relation != "ne" or abs(step) < 2 or function.loops[0].exit.end[0] != "param"):
            continue
        iterations, stride = function.rng.choice(COUNTS[3:]), function.stride()
        arguments = function.arguments(iterations, stride, placed(function, iterations, stride, "end" if missed else "over", length), missed)
        arguments["g"] = 1  # a load whose value is not needed need not trap
        if function.run(arguments, length, lambda access, address: None) == "traps":
            out.append((arguments, missed))
    return out
