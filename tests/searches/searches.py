"""Functions that search memory, made at random from a seed: their text, and what they return, by a model of the memory.

A search is one loop: it loads an element of one or two arrays, leaves if these say so or if its count is over, and steps."""
import random
import struct

MASK = 0xFFFFFFFF
LONGEST = 6000  # iterations that `run` follows
# Value type, bytes, load.
ELEMENTS = [("i32", 1, "i32.load8_u"), ("i32", 1, "i32.load8_u"), ("i32", 1, "i32.load8_s"), ("i32", 2, "i32.load16_u"), ("i32", 2, "i32.load16_s"), ("i32", 4, "i32.load"),
            ("i32", 4, "i32.load"), ("i64", 1, "i64.load8_u"), ("i64", 4, "i64.load32_u"), ("i64", 8, "i64.load"), ("f32", 4, "f32.load"), ("f64", 8, "f64.load")]
OFFSETS = (0, 0, 0, 0, 1, 8, 4095, 4096, 65536, 1 << 20)
COMPARISONS = {"eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "lt": lambda a, b: a < b, "gt": lambda a, b: a > b, "le": lambda a, b: a <= b, "ge": lambda a, b: a >= b}
ARITHMETIC = {"add": lambda a, b: a + b, "sub": lambda a, b: a - b, "and": lambda a, b: a & b, "or": lambda a, b: a | b, "xor": lambda a, b: a ^ b}


class Trap(Exception):
    pass


class Memory:
    """Bytes that have been written; the others are 0."""
    def __init__(self, length):
        self.length, self.bytes = length, {}

    def read(self, address, size):
        if address + size > self.length:
            raise Trap
        return bytes(self.bytes.get(address + i, 0) for i in range(size))

    def write(self, address, content):
        self.bytes.update((address + i, byte) for i, byte in enumerate(content))


def signed(value, bits):
    return value - (1 << bits) if value >> bits - 1 else value


class Test:
    """A condition on x, y and the argument c, as text and computed. It needs x, whatever c is, and the one that is `about_y` needs y too."""
    def __init__(self, rng, element, about_y):
        self.value, size, load = element
        self.bits, self.has_sign = 64 if self.value == "i64" else 32, load.endswith("_s")
        self.narrow = None if 8 * size == self.bits or self.value[0] == "f" else 8 * size
        self.left, self.right, self.signed = "x", "y" if about_y else "c", rng.random() < 0.3 and self.value[0] == "i"
        self.relation = rng.choice(["eq", "ne", "eq", "ne", "lt", "gt", "le", "ge"])
        if self.value[0] == "f":
            return
        if self.narrow and self.has_sign:
            self.relation = rng.choice(["eq", "ne"])
            return
        self.signed &= not self.narrow
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            self.left = (rng.choice(["add", "sub", "xor"]), self.left, rng.choice(["c", rng.choice([1, 0x20, 0x7F, 0x0101, 0xFFFFFFF6])]))
        if self.value == "i32" and not self.narrow and not about_y and rng.random() < 0.4:  # a byte of the word is 0
            self.left, self.right, self.relation = ("and", ("and", ("sub", self.left, 0x01010101), ("xor", self.left, 0xFFFFFFFF)), 0x80808080), 0, rng.choice(["eq", "ne"])
        if self.narrow:
            self.left = ("and", self.left, (1 << self.narrow) - 1)

    def text(self):
        suffix = "" if self.value[0] == "f" or self.relation in ("eq", "ne") else "_s" if self.signed else "_u"
        return f"({self.value}.{self.relation}{suffix} {self.term(self.left)} {self.term(self.right)})"

    def term(self, term):
        if isinstance(term, tuple):
            return f"({self.value}.{term[0]} {self.term(term[1])} {self.term(term[2])})"
        if term == "c" and self.narrow:
            if self.has_sign:
                return f"({self.value}.extend{self.narrow}_s (local.get $c))"
            return f"({self.value}.and (local.get $c) ({self.value}.const {(1 << self.narrow) - 1}))"
        return f"(local.get ${term})" if isinstance(term, str) else f"({self.value}.const {term})"

    def compute(self, term, values):
        if isinstance(term, tuple):
            return ARITHMETIC[term[0]](self.compute(term[1], values), self.compute(term[2], values)) & (1 << self.bits) - 1
        if term == "c" and self.narrow:
            low = values["c"] & (1 << self.narrow) - 1
            return signed(low, self.narrow) & (1 << self.bits) - 1 if self.has_sign else low
        return values[term] if isinstance(term, str) else term

    def holds(self, values):
        left, right = self.compute(self.left, values), self.compute(self.right, values)
        if self.signed:
            left, right = signed(left, self.bits), signed(right, self.bits)
        return COMPARISONS[self.relation](left, right)


class Choice:
    """A br_table on x: some of its labels leave."""
    def __init__(self, rng):
        self.first, self.leaves = rng.choice([0, 9, 32, 0x30]), [rng.random() < 0.5 for _ in range(rng.randrange(2, 9))]
        self.otherwise = rng.random() < 0.3

    def text(self):
        labels = " ".join("$out" if leaves else "$stay" for leaves in (*self.leaves, self.otherwise))
        return f"(block $stay (br_table {labels} (i32.sub (local.get $x) (i32.const {self.first}))))"

    def holds(self, values):
        index = (values["x"] - self.first) & MASK
        return self.leaves[index] if index < len(self.leaves) else self.otherwise


class Search:
    def __init__(self, rng, name, is_64):
        self.name, self.is_64 = name, is_64
        element = self.value, self.size, self.load = rng.choice(ELEMENTS)
        self.arrays = ["p", "q"][:rng.choice([1, 1, 2])]
        self.offsets = [rng.choice(OFFSETS) for _ in self.arrays]
        has_other = len(self.arrays) == 2
        self.tests = [Test(rng, element, has_other and number == 0) for number in range(rng.choice([1, 1, 2, 3]))]
        rng.shuffle(self.tests)
        if self.value == "i32" and rng.random() < 0.15:
            self.tests.append(Choice(rng))
        self.merged = len(self.tests) > 1 and all(isinstance(test, Test) for test in self.tests) and rng.choice([None, "or", "or"])
        self.is_indexed = rng.random() < 0.4      # base + i * size; else pointers step
        self.is_carried = rng.random() < 0.25     # what an iteration looks at was loaded by the one before
        self.bound = rng.choice([None, None, "i <", "i < signed", "p !=", "p <", "n --", "left", "narrow"])
        self.is_on_top = rng.random() < 0.5
        self.between = rng.random() < 0.3 and has_other and not self.is_carried  # the second load comes after the first test
        self.step = rng.choice([1, 1, 4]) if self.bound == "left" else 1

    # As text.

    def index_type(self):
        return "i64" if self.is_64 else "i32"

    def wide(self, text):
        return f"(i64.extend_i32_u {text})" if self.is_64 else text

    def loads(self, which):
        out = []
        for array, offset, local in list(zip(self.arrays, self.offsets, ("x", "y")))[which]:
            at = f"(local.get ${array})"
            if self.is_indexed:
                index = self.wide(f"(i32.shl (local.get $i) (i32.const {self.size.bit_length() - 1}))")
                at = f"({self.index_type()}.add {at} {index})"
            out.append(f"(local.set ${local} ({self.load} offset={offset} {at}))")
        return out

    def steps(self):
        out = ["(local.set $i (i32.add (local.get $i) (i32.const 1)))"]
        if not self.is_indexed:
            out += [f"(local.set ${array} ({self.index_type()}.add (local.get ${array}) ({self.index_type()}.const {self.size})))" for array in self.arrays]
        if self.bound in ("n --", "left"):
            out.append(f"(local.set $n (i32.sub (local.get $n) (i32.const {self.step})))")
        return out

    def goes_on(self):
        """The text of the condition under which the count is not over."""
        pointer = self.arrays[0]
        return {"i <": "(i32.lt_u (local.get $i) (local.get $n))", "i < signed": "(i32.lt_s (local.get $i) (local.get $n))",
                "p !=": f"({self.index_type()}.ne (local.get ${pointer}) (local.get $end))", "p <": f"({self.index_type()}.lt_u (local.get ${pointer}) (local.get $end))",
                "n --": "(i32.ne (local.get $n) (i32.const 0))", "left": "(i32.gt_u (local.get $n) (i32.const 3))",
                "narrow": "(i32.ne (i32.and (local.get $i) (i32.const 255)) (i32.and (local.get $n) (i32.const 255)))"}[self.bound]

    def leave_by_tests(self):
        if self.merged:
            text = self.tests[0].text()
            for test in self.tests[1:]:
                text = f"(i32.{self.merged} {text} {test.text()})"
            return [f"(br_if $out {text})"]
        return [test.text() if isinstance(test, Choice) else f"(br_if $out {test.text()})" for test in self.tests]

    def text(self):
        lines = ["(local.set $end ({0}.add (local.get $p) {1}))".format(self.index_type(), self.wide(f"(i32.mul (local.get $n) (i32.const {self.size}))")), "(block $out"]
        if self.is_carried:
            lines += self.loads(slice(None))
        lines.append("(loop $next")
        if self.bound and self.is_on_top:
            lines.append(f"(br_if $out (i32.eqz {self.goes_on()}))")
        tests = self.leave_by_tests()
        if self.is_carried:
            lines += tests + self.steps() + self.loads(slice(None))
        elif self.between:
            lines += self.loads(slice(1)) + ([] if self.looks_at_y(0) else tests[:1]) + self.loads(slice(1, 2)) + tests + self.steps()
        else:
            lines += self.loads(slice(None)) + tests + self.steps()
        lines.append(f"(br_if $next {self.goes_on()})" if self.bound and not self.is_on_top else "(br $next)")
        lines.append("))")
        types = {"i32": "(i64.extend_i32_u (local.get ${0}))", "i64": "(local.get ${0})", "f32": "(i64.extend_i32_u (i32.reinterpret_f32 (local.get ${0})))",
                 "f64": "(i64.reinterpret_f64 (local.get ${0}))"}
        pointer = "(local.get $p)" if self.is_64 else "(i64.extend_i32_u (local.get $p))"
        result = (f"(i64.xor (i64.add (i64.mul (i64.extend_i32_u (local.get $i)) (i64.const 0x9E3779B97F4A7C15)) {pointer})"
                  f" (i64.add (i64.mul {types[self.value].format('x')} (i64.const 0x100000001B3)) (i64.mul {types[self.value].format('y')} (i64.const 31))))")
        newline = "\n    "
        return f"""(func (export "{self.name}") (param $p {self.index_type()}) (param $q {self.index_type()}) (param $n i32) (param $c {self.value}) (result i64)
    (local $i i32) (local $x {self.value}) (local $y {self.value}) (local $end {self.index_type()})
    {newline.join(lines)}
    {result})"""

    # As it runs.

    def looks_at_y(self, number):
        return self.merged or isinstance(self.tests[number], Test) and "y" in str((self.tests[number].left, self.tests[number].right))

    def element(self, content):
        if self.value[0] == "f":
            return struct.unpack("<f" if self.size == 4 else "<d", content)[0]
        value = int.from_bytes(content, "little", signed=self.load.endswith("_s"))
        return value & (1 << (64 if self.value == "i64" else 32)) - 1

    def run(self, memory, p, q, n, c):
        """The result, or Trap; None if it takes too long."""
        mask = (1 << 64) - 1 if self.is_64 else MASK
        bits = {"x": 0, "y": 0}  # what a NaN is, Python's numbers forget
        values, at, i, end = {"x": 0, "y": 0, "c": c}, {"p": p, "q": q}, 0, (p + (n * self.size & MASK)) & mask

        def load(which):
            for array, offset, local in list(zip(self.arrays, self.offsets, ("x", "y")))[which]:
                address = (at[array] + (i * self.size & MASK if self.is_indexed else 0)) & mask
                content = memory.read(address + offset, self.size)
                values[local] = self.element(content)
                bits[local] = int.from_bytes(content, "little") if self.value[0] == "f" else values[local]

        def goes_on():
            return {None: lambda: True, "i <": lambda: i < n, "i < signed": lambda: i < signed(n, 32), "p !=": lambda: at["p"] != end, "p <": lambda: at["p"] < end,
                    "n --": lambda: n != 0, "left": lambda: n > 3, "narrow": lambda: i & 255 != n & 255}[self.bound]()

        if self.is_carried:
            load(slice(None))
        for _ in range(LONGEST):
            if self.bound and self.is_on_top and not goes_on():
                break
            if self.between:
                load(slice(1))
                if not self.looks_at_y(0) and self.tests[0].holds(values):
                    break
                load(slice(1, 2))
            elif not self.is_carried:
                load(slice(None))
            if any(test.holds(values) for test in self.tests):
                break
            i = i + 1 & MASK
            if not self.is_indexed:
                for array in self.arrays:
                    at[array] = at[array] + self.size & mask
            if self.bound in ("n --", "left"):
                n = n - self.step & MASK
            if self.is_carried:
                load(slice(None))
            if self.bound and not self.is_on_top and not goes_on():
                break
        else:
            return None
        whole = (1 << 64) - 1
        return ((i * 0x9E3779B97F4A7C15 + at["p"]) & whole) ^ ((bits["x"] * 0x100000001B3 + bits["y"] * 31) & whole)

    # What to call it with.

    def contents(self, rng, c):
        """(elements of x and y with which it stays, such with which it leaves)."""
        stays, leaves = [], []
        for _ in range(60):
            pair = [self.random_element(rng) for _ in range(2)]
            if rng.random() < 0.5:
                pair[1] = pair[0]
            values = {"x": self.element(pair[0]), "y": self.element(pair[1]), "c": c}
            if len(self.arrays) == 1:
                values["y"] = 0
            (leaves if any(test.holds(values) for test in self.tests) else stays).append(pair)
        return stays, leaves

    def random_element(self, rng):
        if self.value[0] == "f":
            return struct.pack("<f" if self.size == 4 else "<d", rng.choice([0.0, -0.0, 1.0, 2.5, -3.0, float("inf")]))
        if rng.random() < 0.3:
            return rng.choice([0, 1, 9, 0x20, 0x30, 0x7F, 0x80, 0xFF]).to_bytes(self.size, "little")
        return rng.randbytes(self.size)

    def constant(self, rng):
        if self.value[0] == "f":
            return rng.choice([0.0, 1.0, 2.5, -3.0])
        return rng.choice([0, 1, 0x20, 0x7F, 0xFF, rng.getrandbits(8), rng.getrandbits(8 * self.size)])
