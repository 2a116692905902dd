"""Functions of nested blocks, loops, ifs and branches over locals and values on the stack, made at random; and what they do. See README.md.

A function is written as text from the same instructions that `Function.call` runs. Values are integers, those of their bits."""
import dataclasses

WIDTHS = {"i32": 32, "i64": 64, "f64": 64, "v128": 128}
TYPES = tuple(WIDTHS)
OUTSIDE = ("i32", "i64", "v128")  # of parameters and results: whatever their bits are, a script can tell them apart
MEMORY = 256                      # bytes that are accessed
MOST_LABELS = 8


class Trap(Exception):
    """`unreachable`."""


class Machine:
    """What calls leave behind."""

    def __init__(self):
        self.memory, self.sum, self.fuel = bytearray(MEMORY), 0, 0

    def burn(self):
        self.fuel -= 1
        if self.fuel <= 0:
            raise Trap

    def add(self, value):
        self.sum = (self.sum * 31 + value) % (1 << 64)

    def keep(self, type_, value):
        self.add(value >> KEPT[type_][1])


BURN = "(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1))) (if (i32.le_s (global.get $fuel) (i32.const 0)) (then (unreachable)))"


def signed(value, bits):
    return value - (1 << bits) if value >> (bits - 1) else value


def constant(type_, value):
    if type_ == "v128":
        return f"v128.const i64x2 {value % (1 << 64)} {value >> 64}"
    return f"i64.const {value} f64.reinterpret_i64" if type_ == "f64" else f"{type_}.const {value}"


def block_type(params, results):
    return "".join(f" ({word} {' '.join(types)})" for word, types in (("param", params), ("result", results)) if types)


KEPT = {"i32": ("i64.extend_i32_u", 0), "i64": ("", 0), "f64": ("i64.reinterpret_f64", 0), "v128": ("i64x2.extract_lane 1", 64)}  # conversion to i64; from which bit


def keep(type_):
    """Adds the value on the stack to the sum, as `Machine.keep` does."""
    return f"{KEPT[type_][0]} call $add".strip()


# ---- Instructions: `run` returns how many labels further out a branch goes, or None ----------------------------------

@dataclasses.dataclass
class Plain:
    """Whatever goes on with the next instruction; `act(call)` is what it does."""
    text: str
    act: object

    def run(self, call):
        self.act(call)


@dataclasses.dataclass
class Branch:
    """To a label; if it has several, to that which the number on the stack says."""
    text: str
    targets: list

    def run(self, call):
        return self.targets[0 if len(self.targets) == 1 else min(call.pop(), len(self.targets) - 1)]


@dataclasses.dataclass
class BranchIf:
    label: int

    @property
    def text(self):
        return f"br_if {self.label}"

    def run(self, call):
        return self.label if call.pop() else None


@dataclasses.dataclass
class Block:
    kind: str
    params: list
    results: list
    body: list
    other: list | None = None  # of an if: its else

    @property
    def text(self):
        other = "" if self.other is None else f"\nelse\n{lines(self.other)}"
        return f"{self.kind}{block_type(self.params, self.results)}\n{lines(self.body)}{other}\nend"

    def run(self, call):
        body = self.body
        if self.kind == "if" and not call.pop():
            body = self.other or []
        base = len(call.stack) - len(self.params)
        while True:
            to = run(body, call)
            if to != 0:
                return to and to - 1
            values = self.params if self.kind == "loop" else self.results
            del call.stack[base:len(call.stack) - len(values)]
            if self.kind != "loop":
                return None


def run(body, call):
    for instruction in body:
        to = instruction.run(call)
        if to is not None:
            return to
    return None


def lines(body):
    return "\n".join(instruction.text for instruction in body)


class Call:
    """One call of a function that runs."""

    def __init__(self, machine, local_values):
        self.machine, self.locals, self.stack = machine, local_values, []

    def pop(self):
        return self.stack.pop()

    def push(self, value, type_):
        self.stack.append(value % (1 << WIDTHS[type_]))


# ---- Functions -------------------------------------------------------------------------------------------------------

BINARY = {"add": int.__add__, "sub": int.__sub__, "mul": int.__mul__, "xor": int.__xor__, "and": int.__and__, "or": int.__or__}
COMPARE = {"eq": lambda a, b, _: a == b, "ne": lambda a, b, _: a != b, "lt_u": lambda a, b, _: a < b, "ge_u": lambda a, b, _: a >= b,
           "lt_s": lambda a, b, bits: signed(a, bits) < signed(b, bits), "gt_s": lambda a, b, bits: signed(a, bits) > signed(b, bits)}
UNARY = {  # (operand, result): what it does
    "i32.eqz": ("i32", "i32", lambda a: a == 0), "i32.wrap_i64": ("i64", "i32", lambda a: a), "i64.extend_i32_u": ("i32", "i64", lambda a: a),
    "i64.extend_i32_s": ("i32", "i64", lambda a: signed(a, 32)), "f64.neg": ("f64", "f64", lambda a: a ^ 1 << 63),
    "i64.reinterpret_f64": ("f64", "i64", lambda a: a), "f64.reinterpret_i64": ("i64", "f64", lambda a: a),
    "i64x2.splat": ("i64", "v128", lambda a: a << 64 | a), "i64x2.extract_lane 1": ("v128", "i64", lambda a: a >> 64), "v128.not": ("v128", "v128", lambda a: ~a)}


class Function:
    def __init__(self, rng, name, earlier):
        self.name, self.rng, self.earlier = name, rng, earlier
        self.params = rng.choices(OUTSIDE, k=rng.randrange(5))
        self.results = rng.choices(OUTSIDE, k=rng.choice((0, 1, 1, 1, 2, 4)))
        self.locals = self.params + rng.choices(TYPES, (4, 2, 1, 1), k=rng.randrange(2, 10))
        self.labels = [self.results]  # what a branch there takes, the function's first
        self.body = [*self.start(), *self.sequence([], self.results, 0, rng.randrange(6, 18))]

    def text(self):
        return (f'(func ${self.name} (export "{self.name}"){block_type(self.params, self.results)} (local {" ".join(self.locals[len(self.params):])})\n'
                f"{BURN}\n{lines(self.body)})")

    def call(self, machine, arguments):
        machine.burn()
        call = Call(machine, list(arguments) + [0] * (len(self.locals) - len(arguments)))
        run(self.body, call)
        return call.stack[len(call.stack) - len(self.results):]

    def start(self):
        """Most locals differ from one another."""
        body = []
        for number in range(len(self.params), len(self.locals)):
            if self.rng.random() < 0.8:
                value = self.rng.getrandbits(WIDTHS[self.locals[number]])
                body += [Plain(constant(self.locals[number], value), lambda call, value=value: call.stack.append(value)), self.set_local(number)]
        return body

    # What follows writes a body; `stack` are the types of what is on the stack, from where the block begins.

    def sequence(self, params, results, depth, count):
        body, stack = [], list(params)
        for _ in range(count):
            if self.statement(body, stack, depth):
                if self.rng.random() < 0.6:
                    return body  # nothing comes here, so results need not either
                del stack[:]
        if depth == 0:
            self.keep_locals(body)
        self.finish(body, stack, results)
        return body

    def keep_locals(self, body):
        for number, type_ in enumerate(self.locals):
            body.append(Plain(f"local.get {number} {keep(type_)}", lambda call, number=number, type_=type_: call.machine.keep(type_, call.locals[number])))

    def finish(self, body, stack, results):
        alike = 0
        while stack[:alike + 1] == results[:alike + 1] and alike < min(len(stack), len(results)):
            alike += 1
        for _ in stack[alike:]:
            body.append(Plain("drop", Call.pop))
        for type_ in results[alike:]:
            self.value(body, type_)
        stack[:] = results

    def value(self, body, type_):
        """One more value on the stack, whatever `stack` says."""
        places = [number for number, of in enumerate(self.locals) if of == type_]
        if places and self.rng.random() < 0.75:
            number = self.rng.choice(places)
            body.append(Plain(f"local.get {number}", lambda call: call.stack.append(call.locals[number])))
            return
        if type_ == "i32" and self.rng.random() < 0.3:
            at = self.rng.randrange(MEMORY - 3)
            body.append(Plain(f"(i32.load (i32.const {at}))", lambda call: call.stack.append(int.from_bytes(call.machine.memory[at:at + 4], "little"))))
            return
        value = self.rng.choice((0, 1, 2, 7, self.rng.getrandbits(WIDTHS[type_])))
        body.append(Plain(constant(type_, value), lambda call: call.stack.append(value)))

    def operands(self, body, stack, types):
        """Takes what is there, if it is of these types, and mostly otherwise pushes it; off `stack` then."""
        if len(types) <= len(stack) and stack[len(stack) - len(types):] == types and self.rng.random() < 0.8:
            del stack[len(stack) - len(types):]
            return
        for type_ in types:
            self.value(body, type_)

    def condition(self, body, stack, types=()):
        """Operands and behind them a number that is often small."""
        self.operands(body, stack, list(types))
        self.value(body, "i32")
        if self.rng.random() < 0.6:
            mask = self.rng.choice((1, 1, 3, 7))
            body.append(Plain(f"i32.const {mask} i32.and", lambda call: call.push(call.pop() & mask, "i32")))

    def statement(self, body, stack, depth):
        """True if what follows is never reached."""
        kinds = {self.compute: 6, self.set: 10, self.tee: 2, self.keep: 3, self.block: 4 if depth < 5 else 0, self.branch_if: 3 if depth else 1, self.branch_table: 1,
                 self.branch: 3, self.call_other: 1}
        return self.rng.choices(list(kinds), list(kinds.values()))[0](body, stack, depth)

    def compute(self, body, stack, _depth):
        kind = self.rng.randrange(4)
        if kind == 0:
            text, (operand, result, act) = self.rng.choice(list(UNARY.items()))
            self.operands(body, stack, [operand])
            body.append(Plain(text, lambda call: call.push(int(act(call.pop())), result)))
        elif kind == 1:
            result = self.rng.choice(TYPES)
            self.condition(body, stack, [result] * 2)

            def select(call):
                chosen, second, first = call.pop(), call.pop(), call.pop()
                call.stack.append(first if chosen else second)
            body.append(Plain(f"select (result {result})", select))
        else:
            type_ = self.rng.choice(("i32", "i64"))
            self.operands(body, stack, [type_] * 2)
            name, act = self.rng.choice(list((BINARY if kind == 2 else COMPARE).items()))
            result, bits = (type_ if kind == 2 else "i32"), WIDTHS[type_]

            def binary(call):
                second, first = call.pop(), call.pop()
                call.push(int(act(first, second) if kind == 2 else act(first, second, bits)), result)
            body.append(Plain(f"{type_}.{name}", binary))
        stack.append(result)

    @staticmethod
    def set_local(number):
        def act(call):
            call.locals[number] = call.pop()
        return Plain(f"local.set {number}", act)

    def set(self, body, stack, depth):
        number = self.rng.randrange(len(self.locals))
        if self.rng.random() < 0.4:
            stack.append(self.locals[number])
            self.value(body, self.locals[number])
            self.compute(body, stack, depth)
        self.operands(body, stack, [self.locals[number]])
        body.append(self.set_local(number))

    def tee(self, body, stack, _depth):
        number = self.rng.randrange(len(self.locals))
        self.operands(body, stack, [self.locals[number]])

        def act(call):
            call.locals[number] = call.stack[-1]
        body.append(Plain(f"local.tee {number}", act))
        stack.append(self.locals[number])

    def keep(self, body, stack, _depth):
        """Where everybody sees it."""
        if self.rng.random() < 0.5:
            self.operands(body, stack, ["i64"])
            body.append(Plain("call $add", lambda call: call.machine.add(call.pop())))
            return
        at = self.rng.randrange(MEMORY - 3)
        self.operands(body, stack, ["i32"])

        def act(call):
            call.machine.memory[at:at + 4] = call.pop().to_bytes(4, "little")
        body.append(Plain(f"global.set $word (i32.store (i32.const {at}) (global.get $word))", act))

    def block(self, body, stack, depth):
        kind = self.rng.choice(("block", "loop", "if", "if"))
        if kind == "if":
            self.condition(body, stack)
        params = stack[len(stack) - self.rng.randrange(min(len(stack), 2) + 1):] if len(self.labels) < MOST_LABELS else []
        results = self.rng.choices(TYPES, k=self.rng.choice((0, 0, 1, 2)))
        without_else = kind == "if" and self.rng.random() < 0.4
        if without_else:
            results = list(params)
        del stack[len(stack) - len(params):]
        self.labels.append(params if kind == "loop" else results)
        inner = self.loop_body(params, results, depth + 1) if kind == "loop" else self.sequence(params, results, depth + 1, self.few())
        other = self.sequence(params, results, depth + 1, self.few()) if kind == "if" and not without_else else None
        self.labels.pop()
        body.append(Block(kind, params, results, inner, other))
        stack += results

    def few(self):
        """Statements in a block; of one or two often no instruction is left."""
        return self.rng.choice((0, 1, 1, 2, 2, 3, 4, 6))

    def loop_body(self, params, results, depth):
        burn = Plain(BURN, lambda call: call.machine.burn())
        if self.rng.random() < 0.2:
            return [burn, *self.sequence(params, results, depth, self.few())]
        body, stack = [burn], list(params)
        for _ in range(self.rng.randrange(8)):
            if self.statement(body, stack, depth):
                del stack[:]
        self.condition(body, stack, params)
        body.append(BranchIf(0))
        stack += params
        self.finish(body, stack, results)
        return body

    def label(self):
        """Rather one near by: branches out of the function leave nothing to run."""
        return min(self.rng.randrange(len(self.labels)) for _ in range(2))

    def branch_if(self, body, stack, _depth):
        label = self.label()
        types = self.labels[-1 - label]
        self.condition(body, stack, types)
        body.append(BranchIf(label))
        stack += types

    def branch(self, body, stack, depth):
        label = self.label() if depth else 0
        if label == len(self.labels) - 1 and self.rng.random() < 0.8:
            return False
        self.operands(body, stack, list(self.labels[-1 - label]))
        is_return = label == len(self.labels) - 1 and self.rng.random() < 0.5
        body.append(Branch("return" if is_return else f"br {label}", [label]))
        return True

    def branch_table(self, body, stack, depth):
        if depth == 0:
            return False
        types = self.labels[-1 - self.label()]
        alike = [label for label in range(len(self.labels)) if self.labels[-1 - label] == types]
        targets = self.rng.choices(alike, k=self.rng.randrange(2, 7))
        self.condition(body, stack, types)
        body.append(Branch(f"br_table {' '.join(map(str, targets))}", targets))
        return True

    def call_other(self, body, stack, _depth):
        if not self.earlier:
            return
        callee = self.rng.choice(self.earlier)
        self.operands(body, stack, callee.params)

        def act(call):
            arguments = call.stack[len(call.stack) - len(callee.params):]
            del call.stack[len(call.stack) - len(callee.params):]
            call.stack += callee.call(call.machine, arguments)
        body.append(Plain(f"call ${callee.name}", act))
        stack += callee.results
