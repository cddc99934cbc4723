"""From the rule table's operations to the machine's: what the back end has no instruction for is written out.

>>> from autograd.program.tape import Tape
>>> tape = Tape(["x", "y", "z"])
>>> print(lowered(tape.program([tape.apply("sum", *tape.inputs)], ["total"])))
program of 2 operations: 3 inputs, 1 output
  v3 = add x y
  v4 = add v3 z
  total = v4
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from functools import reduce

from autograd.program.instructions import Instructions
from autograd.program.operations import COMPARISONS, LOGIC
from autograd.program.tape import Namespace, Number, Symbol, Tape

INF, NAN = math.inf, math.nan
SMALL = 1e-290  # below, squares are scaled


def lowered(program: Instructions, long_dot: float = INF) -> Instructions:
    """The program in the operations of ``MACHINE`` and ``LIBRARY``; what neither has stays, to be called back in Python.

    A ``dot`` of at least ``long_dot`` products stays one too, for who writes it as a loop.
    """
    lowering = Lowering(program, long_dot)
    return program if lowering.stays_whole() else lowering.result()


class Lowering:
    """A program being rewritten: every operation as a place on a tape, and as a number where a rewriting has asked for it.

    Most operations stay as they are, and then only their operands' places change: half the time of making numbers of all.
    A program of such operations alone stays as it is, which is seen in a hundredth of that time.
    """

    def __init__(self, program: Instructions, long_dot: float):
        self.program, self.long_dot = program, long_dot
        self.rewritten = REWRITES.keys() | {"stack", "item"} | program.scans.keys() | program.tables.keys()
        self.tape = Tape(program.inputs, program.rules)
        self.places = list(range(len(program.inputs)))  # on the tape; −1 for what has become a float
        self.values: list[Number | None] = [*self.tape.inputs]

    def stays_whole(self) -> bool:
        """Whether no operation needs rewriting."""
        ops = {op for op, _ in self.program.nodes}
        return ops & self.rewritten <= {"dot"} and all(
            len(args) >= 2 * self.long_dot for op, args in self.program.nodes if op == "dot"
        )

    def result(self) -> Instructions:
        """The program in the machine's operations."""
        program, places, values = self.program, self.places, self.values
        own_place, constants = self.tape.place_of, program.constants
        for i, (op, args) in enumerate(program.nodes[len(values) :], len(values)):
            if op == "constant":
                values.append(constants[i])
                places.append(self.tape.constant(constants[i]))  # first, so that most instructions keep their indices
                continue
            operands = tuple([places[a] for a in args])
            if -1 not in operands and self._stays(op, operands):
                values.append(None)
                places.append(own_place(op, operands))
            else:
                value = self._rewritten(op, args)
                values.append(value)
                places.append(value.place if isinstance(value, Symbol) else -1)
        code = self.tape.program([self._value(place) for place in program.outputs], program.names)
        self.tape.forget()
        return code

    def _stays(self, op: str, operands: tuple[int, ...]) -> bool:
        """Whether an operation needs no rewriting."""
        return op not in self.rewritten or (op == "dot" and len(operands) >= 2 * self.long_dot)

    def _value(self, place: int) -> Number:
        found = self.values[place]
        if found is None:
            found = self.values[place] = Symbol(self.tape, self.places[place])
        return found

    def _rewritten(self, op: str, args: Sequence[int]) -> Number:
        program, tape, operands = self.program, self.tape, [self._value(a) for a in args]
        if op in program.scans:
            scan = program.scans[op]
            return tape.scan(scan._replace(body=lowered(scan.body, self.long_dot)), operands)
        if op == "stack" or op in program.tables:
            return tape.stack(operands or program.tables[op])
        if op == "item":
            return tape.item(operands[0], int(program.constants[args[1]]))
        rewrite = REWRITES.get(op)
        return tape.apply(op, *operands) if rewrite is None else rewrite(tape.m, *operands)


def _total(xs: Sequence[Number]) -> Number:
    return reduce(operator.add, xs) if xs else 0.0


def _power(m: Namespace, x: Number, n: Number) -> Number:
    """A few exponents without the library's pow."""
    if isinstance(n, Symbol) or not isinstance(x, Symbol):
        return m.pow(x, n)
    if n == 0.5 and x.tape.nodes[x.place].op == "abs":  # elsewhere √ has other zeros and infinities
        return m.sqrt(x)
    simple = SIMPLE_POWERS.get(n)
    return simple(x) if simple else m.pow(x, n)


SIMPLE_POWERS: dict[float, Callable[[Symbol], Number]] = {
    -1.0: lambda x: 1.0 / x,
    0.0: lambda _: 1.0,
    1.0: lambda x: x,
    2.0: lambda x: x * x,
    3.0: lambda x: x * x * x,
    4.0: lambda x: (x * x) * (x * x),
}


def _dot(_: Namespace, *xs: Number) -> Number:
    half = len(xs) // 2
    return _total([a * b for a, b in zip(xs[:half], xs[half:], strict=True)])


def _norm(m: Namespace, *xs: Number) -> Number:
    """√Σx², scaled by a power of two where squares over- or underflow; inf wins over nan."""
    if len(xs) == 2:
        return m.hypot(*xs)
    sizes = [m.abs(x) for x in xs]
    top = reduce(m.maximum, sizes)
    scale = m.where(top > 1e140, 2.0**-600, m.where(top < 1e-140, 2.0**600, 1.0))
    length = m.sqrt(_total([m.square(x * scale) for x in sizes])) / scale
    return _any(m, [x == INF for x in sizes], INF, length)


def _any(m: Namespace, conditions: Sequence[object], then: float, otherwise: Number) -> Number:
    for condition in conditions:
        otherwise = m.where(condition, then, otherwise)
    return otherwise


def _direction(m: Namespace, i: float, *xs: Number) -> Number:
    """One of xs over the length of all, 0 at the origin.

    With one infinite component that has ±1 and the others 0; with two, or one and a nan, all are nan.
    """
    x = xs[int(i)]
    top = reduce(m.maximum, [m.abs(v) for v in xs])
    scale = m.where(top > 1e300, 2.0**-60, m.where(top < SMALL, 2.0**600, 1.0))
    unit = m.div(x * scale, _norm(m, *(v * scale for v in xs)))
    infinite = _total([m.where(m.abs(v) == INF, 1.0, 0.0) for v in xs])
    missing = _total([m.where(v == v, 0.0, 1.0) for v in xs])
    lone = m.where(infinite + missing == 1.0, m.copysign(m.where(m.abs(x) == INF, 1.0, 0.0), x), NAN)
    return m.where(infinite > 0.0, lone, m.where(top == 0.0, 0.0, unit))


def _exp_difference(m: Namespace, x: Number, top: Number) -> Number:
    """exp(x − top), corrected to first order for the rounding error of the difference."""
    d = x - top
    back = x - d
    error = (x - (d + back)) + (back - top)
    return m.exp(d) * (1.0 + m.where(error == error, error, 0.0))


def _sum_without_top(m: Namespace, xs: Sequence[Number], top: Number) -> Number:
    """Σ exp(x − top) over all but the first of the largest."""
    total: Number = 0.0
    met: Number | None = None  # 1 after the first maximum: that one alone is left out
    for x in xs:
        is_top = x == top
        is_first = is_top if met is None else m.tape.apply("and", is_top, met == 0.0)
        count = m.where(is_top, 1.0, 0.0)
        total = total + m.where(is_first, 0.0, _exp_difference(m, x, top))
        met = count if met is None else m.maximum(met, count)
    return total


def _logsumexp(m: Namespace, *xs: Number) -> Number:
    top = _maximum(m, *xs)
    return m.where(m.abs(top) < INF, top + m.log1p(_sum_without_top(m, xs, top)), top)


def _log_softmax(m: Namespace, x: Number, *others: Number) -> Number:
    xs = (x, *others)
    top = _maximum(m, *xs)
    return -(m.log1p(_sum_without_top(m, xs, top)) + (top - x))


def _softmax(m: Namespace, i: float, *xs: Number) -> Number:
    top = _maximum(m, *xs)
    weights = [_exp_difference(m, v, top) for v in xs]
    return m.div(weights[int(i)], _total(weights))


def _maximum(m: Namespace, *xs: Number) -> Number:
    return reduce(m.maximum, xs) if xs else -INF


def _minimum(m: Namespace, *xs: Number) -> Number:
    return reduce(m.minimum, xs)


def _mod(m: Namespace, a: Number, b: Number) -> Number:
    """Python's a % b from C's fmod: the sign is b's."""
    r = m.fmod(a, b)
    apart = m.where(m.copysign(1.0, r) == m.copysign(1.0, b), r, r + b)
    return m.where(r == 0.0, m.where(r == r, m.copysign(0.0, b), r), apart)


def _floordiv(m: Namespace, a: Number, b: Number) -> Number:
    """Python's a // b: the quotient without C's remainder, one less where their signs differ, and rounded."""
    r = m.fmod(a, b)
    exact = m.div(a - r, b)
    apart = m.copysign(1.0, r) == m.copysign(1.0, b)
    quotient = m.where(r == 0.0, exact, m.where(apart, exact, exact - 1.0))
    below = m.floor(quotient)
    integer = m.where(quotient - below > 0.5, below + 1.0, below)
    signed = m.where(quotient == 0.0, m.copysign(0.0, m.div(a, b)), integer)
    return m.where(b == 0.0, m.div(a, b), signed)


def _floor_quotient(m: Namespace, a: Number, b: Number) -> Number:
    usual = m.where(m.abs(a) < INF, _floordiv(m, a, b), m.div(a, b))
    return m.where(b == 0.0, m.div(a, b), usual)


def _trunc_quotient(m: Namespace, a: Number, b: Number) -> Number:
    sign = m.copysign(1.0, a) * m.copysign(1.0, b)
    integer = m.copysign(m.round(m.div(a - m.fmod(a, b), b)), sign)
    return m.where(m.abs(a) < INF, m.where(b == 0.0, m.div(a, b), integer), m.div(a, b))


def _sinpi(m: Namespace, x: Number) -> Number:
    """sin(πr), r what x lacks of a whole number: exact, and before π comes in."""
    r = m.fmod(x, 2.0)
    folded = m.where(m.abs(r) > 1.5, r - m.copysign(2.0, r), m.where(m.abs(r) > 0.5, m.copysign(1.0, r) - r, r))
    return m.sin(math.pi * folded)


def _cospi(m: Namespace, x: Number) -> Number:
    r = m.abs(m.fmod(x, 2.0))
    r = m.where(r > 1.0, 2.0 - r, r)
    beside_zero = m.where(r > 0.25, m.where(r < 0.75, 1.0, 0.0), 0.0) == 1.0
    return m.where(beside_zero, m.sin(math.pi * (0.5 - r)), m.cos(math.pi * r))


REWRITES: dict[str, Callable[..., Number]] = {
    "identity": lambda _, x: x,
    "relu": lambda m, x: m.where(x <= 0.0, 0.0, x),
    "step": lambda m, x: m.where(x > 0.0, 1.0, m.where(x == x, 0.0, NAN)),
    "pow": _power,
    "power": _power,
    "sum": lambda _, *xs: _total(xs),
    "mean": lambda _, *xs: _total(xs) / float(len(xs)),
    "prod": lambda _, *xs: reduce(operator.mul, xs, 1.0),
    "dot": _dot,
    "norm": _norm,
    "hypot": _norm,
    "max": _maximum,
    "min": _minimum,
    "maximum": _maximum,
    "minimum": _minimum,
    "logsumexp": _logsumexp,
    "softmax": lambda m, x, *others: _softmax(m, 0.0, x, *others),
    "softmaxes": _softmax,
    "log_softmax": _log_softmax,
    "direction": lambda m, x, *others: _direction(m, 0.0, x, *others),
    "directions": _direction,
    "sinpi": _sinpi,
    "cospi": _cospi,
    "mod": _mod,
    "floordiv": _floordiv,
    "floor_quotient": _floor_quotient,
    "trunc_quotient": _trunc_quotient,
}

# What the back end has an instruction for, what C's library has a function for; all else is called in Python.
MACHINE = frozenset(
    ("add", "sub", "mul", "div", "neg", "abs", "sqrt", "floor", "ceil", "trunc", "round", "copysign", "maximum", "minimum")
) | {"where", *COMPARISONS, *LOGIC}
LIBRARY = {
    **{name: name for name in ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin")},
    **{name: name for name in ("acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "cbrt")},
    **{name: name for name in ("erf", "erfc", "hypot", "pow", "fmod")},
}


def callback(op: str, arity: int) -> str:
    """The name by which machine code calls Python: one of LLVM's, whatever a user's primitive is called.

    >>> callback("sinc", 1), callback('a"b#1', 2)
    ('python.sinc/1', 'python.a$22$b#1/2')
    """
    return f"python.{re.sub('[^A-Za-z0-9_#]', lambda found: f'${ord(found[0]):x}$', op)}/{arity}"
