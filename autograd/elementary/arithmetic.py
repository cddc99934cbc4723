"""Arithmetic that writes itself down: formulas on vectors of lanes as lines of LLVM text.

>>> lines = Lines(width=4)
>>> x = lines.named("%x")
>>> y = lines.fma(x, x, x) / x
>>> print(lines.text())
  %m1 = call <4 x double> @llvm.fma.v4f64(<4 x double> %x, <4 x double> %x, <4 x double> %x)
  %m2 = fdiv <4 x double> %m1, %x
"""

from __future__ import annotations

import struct

DOUBLE, INTEGER, CONDITION = "double", "i64", "i1"
MAGIC = 1.5 * 2.0**52  # plus a number below 2⁵¹: the sum's last bits are the nearest integer


def double_literal(x: float) -> str:
    """A float as LLVM writes it: its bits.

    >>> double_literal(1.0)
    '0x3FF0000000000000'
    """
    return f"0x{_bits(x):016X}"


def _bits(x: float) -> int:
    return int(struct.unpack(">Q", struct.pack(">d", x))[0])


class Vector:
    """A vector of lanes in the text: its name and what its lanes are."""

    __slots__ = ("kind", "lines", "name")

    def __init__(self, lines: Lines, name: str, kind: str):
        self.lines, self.name, self.kind = lines, name, kind

    def __add__(self, other: Operand) -> Vector:
        return self.lines.infix("fadd" if self.kind == DOUBLE else "add", self, other)

    def __sub__(self, other: Operand) -> Vector:
        return self.lines.infix("fsub" if self.kind == DOUBLE else "sub", self, other)

    def __rsub__(self, other: float) -> Vector:
        return self.lines.infix("fsub", self.lines.number(other), self)

    def __mul__(self, other: Operand) -> Vector:
        return self.lines.infix("fmul", self, other)

    def __truediv__(self, other: Operand) -> Vector:
        return self.lines.infix("fdiv", self, other)

    def __rtruediv__(self, other: float) -> Vector:
        return self.lines.infix("fdiv", self.lines.number(other), self)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Vector:
        return self.lines.line(f"fneg {self.lines.type(DOUBLE)} {self.name}", DOUBLE)

    def __lt__(self, other: Operand) -> Vector:
        return self.lines.compared("fcmp olt", self, other)

    def __gt__(self, other: Operand) -> Vector:
        return self.lines.compared("fcmp ogt", self, other)

    def __le__(self, other: Operand) -> Vector:
        return self.lines.compared("fcmp ole", self, other)

    def __ge__(self, other: Operand) -> Vector:
        return self.lines.compared("fcmp oge", self, other)

    def equals(self, other: Operand) -> Vector:
        """Where two numbers are equal; nan equals nothing."""
        return self.lines.compared("fcmp oeq", self, other)

    def __and__(self, other: Vector | int) -> Vector:
        return self.lines.infix("and", self, other)

    def __or__(self, other: Vector | int) -> Vector:
        return self.lines.infix("or", self, other)

    def __xor__(self, other: Vector | int) -> Vector:
        return self.lines.infix("xor", self, other)

    def __invert__(self) -> Vector:
        return self.lines.infix("xor", self, self.lines.number(True, CONDITION))

    def __lshift__(self, by: int) -> Vector:
        return self.lines.infix("shl", self, by)

    def __rshift__(self, by: int) -> Vector:
        """Shifted to the right, zeros coming in from the left."""
        return self.lines.infix("lshr", self, by)

    @property
    def bits(self) -> Vector:
        """A float's bits as an integer."""
        return self.lines.cast("bitcast", self, INTEGER)

    @property
    def as_float(self) -> Vector:
        """The float that an integer's bits are."""
        return self.lines.cast("bitcast", self, DOUBLE)


Operand = Vector | float


# A loop: written out it takes LLVM a millisecond longer, two for sixteen lanes.
BY_LANE = """entry:
  %all = alloca {kind}
  store {kind} %x, ptr %all
  br label %lane
lane:
  %i = phi i64 [ 0, %entry ], [ %next, %lane ]
  %at = getelementptr double, ptr %all, i64 %i
  %one = load double, ptr %at
  %y = call double @{function}(double %one)
  store double %y, ptr %at
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, {width}
  br i1 %more, label %lane, label %done
done:
  %result = load {kind}, ptr %all
  ret {kind} %result"""


class Lines:
    """Lines of LLVM text, each written once: what is computed again gets the name that it has."""

    def __init__(
        self, width: int, body: list[str] | None = None, declared: dict[str, str] | None = None, exponents: bool = False
    ):
        self.width = width
        self.body = [] if body is None else body
        self.declared: dict[str, str] = {} if declared is None else declared  # what the lines call
        self.native = exponents and width % 8 == 0  # AVX-512's instructions for exponents
        self.block = "entry"  # the label of the block that is written
        # By the line. Whoever leaves a block for one that it doesn't lead to forgets some.
        self.known: dict[str, Vector] = {}
        self.count = 0
        self.shifted: dict[str, Vector] = {}  # integers plus MAGIC, by the integers' names

    def text(self) -> str:
        """All lines so far."""
        return "\n".join(self.body)

    def type(self, kind: str) -> str:
        """What LLVM calls a vector of such lanes."""
        return f"<{self.width} x {kind}>" if self.width > 1 else kind

    def named(self, name: str) -> Vector:
        """The floats that have a name in the text already, or are a constant's text."""
        return Vector(self, name, DOUBLE)

    def line(self, text: str, kind: str) -> Vector:
        """What a line computes."""
        found = self.known.get(text)
        if found is None:
            self.count += 1
            found = self.known[text] = Vector(self, f"%m{self.count}", kind)
            self.body.append(f"  {found.name} = {text}")
        return found

    def number(self, x: Operand, kind: str = DOUBLE) -> Vector:
        """A constant in all lanes."""
        if isinstance(x, Vector):
            return x
        literal = double_literal(x) if kind == DOUBLE else str(x).lower()
        return Vector(self, f"splat ({kind} {literal})" if self.width > 1 else literal, kind)

    def infix(self, operation: str, a: Vector, b: Operand) -> Vector:
        return self.line(f"{operation} {self.type(a.kind)} {a.name}, {self.number(b, a.kind).name}", a.kind)

    def compared(self, predicate: str, a: Vector, b: Operand) -> Vector:
        return self.line(f"{predicate} {self.type(a.kind)} {a.name}, {self.number(b, a.kind).name}", CONDITION)

    def cast(self, operation: str, x: Vector, kind: str) -> Vector:
        return self.line(f"{operation} {self.type(x.kind)} {x.name} to {self.type(kind)}", kind)

    def call(self, intrinsic: str, *operands: Operand) -> Vector:
        """One of LLVM's functions on floats."""
        numbers = [self.number(x) for x in operands]
        kind = self.type(DOUBLE)
        name = f"llvm.{intrinsic}.{f'v{self.width}f64' if self.width > 1 else 'f64'}"
        self.declared[name] = f"declare {kind} @{name}({', '.join([kind] * len(numbers))})"
        return self.line(f"call {kind} @{name}({', '.join(f'{kind} {x.name}' for x in numbers)})", DOUBLE)

    # -- floats --------------------------------------------------------------------------------------

    def fma(self, a: Operand, b: Operand, c: Operand) -> Vector:
        """a·b + c, rounded once."""
        return self.call("fma", a, b, c)

    def abs(self, x: Vector) -> Vector:
        return self.call("fabs", x)

    def sqrt(self, x: Vector) -> Vector:
        return self.call("sqrt", x)

    def copysign(self, x: Operand, sign: Operand) -> Vector:
        return self.call("copysign", x, sign)

    def rounded(self, x: Vector) -> Vector:
        """The integer nearest to any number, of two the even one."""
        return self.call("roundeven", x)

    def is_negative(self, x: Vector) -> Vector:
        """Where the sign is −, of zeros and nan too."""
        return self.compared("icmp slt", x.bits, 0)

    def nearest(self, x: Vector, factor: float = 1.0) -> Vector:
        """The integer nearest to x·factor, of two the even one; for less than 2⁵¹."""
        shifted = x + MAGIC if factor == 1.0 else self.fma(x, factor, MAGIC)
        n = shifted - MAGIC
        self.shifted[n.name] = shifted
        return n

    def where(self, condition: Vector, a: Operand, b: Operand) -> Vector:
        """a in the lanes where the condition holds, b in the others."""
        x, y = self.number(a), self.number(b)
        kind = self.type(x.kind)
        return self.line(f"select {self.type(CONDITION)} {condition.name}, {kind} {x.name}, {kind} {y.name}", x.kind)

    def at_least(self, x: Vector, low: float) -> Vector:
        """The larger of two, nan where x is."""
        return self.where(x < low, low, x)

    def at_most(self, x: Vector, high: float) -> Vector:
        """The smaller of two, nan where x is."""
        return self.where(x > high, high, x)

    def polynomial(self, x: Vector, coefficients: tuple[Operand, ...]) -> Vector:
        """c₀ + c₁x + c₂x² + …: neighbours in pairs, and those by Horner's rule in x²; in fours and x⁴ where there are many.

        That is as many operations as Horner's rule has, and half the time, or a third, where a program waits for the result.
        Pairs throughout, Estrin's rule, take a multiplication more a level: exp over many lanes was a tenth slower.
        """
        pairs: list[Operand] = [self.fma(b, x, a) for a, b in zip(coefficients[::2], coefficients[1::2], strict=False)]
        terms = (*pairs, *coefficients[2 * len(pairs) :])
        if len(coefficients) > 14 and len(coefficients) > len(terms):
            return self.polynomial(x * x, terms) if len(terms) > 6 else self.horner(x * x, terms)
        return self.horner(x * x, terms)

    def horner(self, x: Vector, coefficients: tuple[Operand, ...]) -> Vector:
        """c₀ + x·(c₁ + x·(c₂ + …))."""
        result = self.number(coefficients[-1])
        for coefficient in coefficients[-2::-1]:
            result = self.fma(result, x, coefficient)
        return result

    def quotient(self, a: Vector, a_low: Vector, b: Vector, b_low: Vector) -> Vector:
        """(a + a_low)/(b + b_low), by 1/b and the remainder."""
        inverse = 1.0 / b
        q = a * inverse
        remainder = self.fma(-q, b, a) + self.fma(-q, b_low, a_low)
        return self.fma(remainder, inverse, q)

    def signed(self, x: Vector, sign: Vector) -> Vector:
        """x with its sign changed where the first bit of an integer is set."""
        return (x.bits ^ (sign & -(1 << 63))).as_float

    def rarely(self, condition: Vector, function: str, x: Vector, usual: Vector) -> Vector:
        """A number as it usually is; where the condition holds, C's function of x, called lane by lane.

        The call is in a block of its own: where the condition holds in no lane, it costs a jump.
        """
        label, mask, kind = f"rare{self.count}", self.type(CONDITION), self.type(DOUBLE)
        self._declare_by_lane(function)
        somewhere = condition.name
        if self.width > 1:
            reduction = f"llvm.vector.reduce.or.v{self.width}i1"
            self.declared[reduction] = f"declare i1 @{reduction}({mask})"
            somewhere = self.line(f"call i1 @{reduction}({mask} {somewhere})", CONDITION).name
        self.body += [f"  br label %{label}", f"{label}:", f"  br i1 {somewhere}, label %{label}.call, label %{label}.end"]
        self.body += [f"{label}.call:", f"  %{label}.all = call {kind} @each.{function}({kind} {x.name})"]
        chosen = f"select {mask} {condition.name}, {kind} %{label}.all, {kind} {usual.name}"
        self.body += [f"  %{label}.some = {chosen}", f"  br label %{label}.end", f"{label}.end:"]
        self.block = f"{label}.end"
        return self.line(f"phi {kind} [ {usual.name}, %{label} ], [ %{label}.some, %{label}.call ]", DOUBLE)

    def _declare_by_lane(self, function: str) -> None:
        """A function that calls one of C's for each lane."""
        self.declared[function] = f"declare double @{function}(double) memory(none) nounwind willreturn"
        kind = self.type(DOUBLE)
        head = f'define internal {kind} @each.{function}({kind} %x) noinline nounwind "stackrealign" {{'
        body = BY_LANE.format(kind=kind, function=function, width=self.width)
        self.declared[f"each.{function}.{self.width}"] = f"{head}\n{body}\n}}"

    # -- exponents -----------------------------------------------------------------------------------

    def is_odd(self, n: Vector) -> Vector:
        """Whether an integer's last bit is set."""
        return self.compared("icmp ne", n & 1, 0)

    def power_of_two(self, n: Vector) -> Vector:
        """2ⁿ for an integer n from −1022 to 1023, as a float."""
        if self.native:
            return self.scaled(self.number(1.0), n)
        return ((self.whole(n) << 52) + _bits(1.0)).as_float

    def whole(self, n: Vector) -> Vector:
        """An integer below 2⁵¹ in the last bits of an integer."""
        return self.shifted[n.name].bits if n.name in self.shifted else (n + MAGIC).bits

    def reciprocal_of_power(self, x: Vector) -> Vector:
        """1/x for a power of two, 0 for 2¹⁰²³."""
        return (self.number(2046 << 52, INTEGER) - x.bits).as_float

    def scaled(self, x: Vector, n: Vector) -> Vector:
        """x·2ⁿ, rounded once, for |x| from ½ to 4 and an integer n from −2000 to 2000, as a float."""
        if self.native:
            return self._native("scalef", "", x, n)
        both = self.whole(n) - (_bits(MAGIC) - 2 * 1023)  # n and twice what floats add to their exponents
        half = both >> 1
        return x * (half << 52).as_float * ((both - half) << 52).as_float  # 2 to the power of n/2, twice

    def inside(self, x: Vector, low: float, high: float) -> Vector:
        """x between bounds beyond which 2ⁿ is 0 or inf; as it is where ``scaled`` takes any n and ``remainder`` bounds r."""
        return x if self.native else self.at_most(self.at_least(x, low), high)

    def remainder(self, r: Vector) -> Vector:
        """What is left of x without n, at most 1 where n is inf, nan or so large that r is no remainder any more."""
        return self._native("range", "i32 2, ", r, self.number(1.0)) if self.native else r  # the smaller, with r's sign

    def exponent_and_mantissa(self, x: Vector) -> tuple[Vector, Vector]:
        """k and m with x = 2ᵏ·m, ¾ ≤ m < 1½; k is −inf for 0 and inf for inf, k or m is nan for x < 0 and nan."""
        if self.native:
            m, k = self._native("getmant", "i32 11, ", x), self._native("getexp", "", x)
            return self.where(m < 1.0, k + 1.0, k), m
        tiny = x < 2.0**-1022
        normal = self.where(tiny, x * 2.0**54, x)
        shifted = normal.bits + (_bits(1.0) - _bits(0.75))
        k = ((shifted >> 52) | _bits(2.0**52)).as_float - self.where(tiny, 2.0**52 + 1077.0, 2.0**52 + 1023.0)
        m = ((shifted & (1 << 52) - 1) + _bits(0.75)).as_float
        positive, infinity = x > 0.0, float("inf")
        special = self.where(positive, x, self.where(x.equals(0.0), -infinity, float("nan")))
        return self.where(positive & (x < infinity), k, special), m

    def _native(self, name: str, immediate: str, *operands: Vector) -> Vector:
        """An instruction of AVX-512, for eight lanes after eight."""
        kind, full = "<8 x double>", f"llvm.x86.avx512.mask.{name}.pd.512"
        numbers = ", ".join([kind] * len(operands))
        self.declared[full] = f"declare {kind} @{full}({numbers}, {'i32, ' if immediate else ''}{kind}, i8, i32)"
        result = self.number(0.0)  # of which nothing is left
        for start in range(0, self.width, 8):
            parts = ", ".join(f"{kind} {self._part(x, start).name}" for x in operands)
            result = self._with_part(
                result, start, self.line(f"call {kind} @{full}({parts}, {immediate}{kind} poison, i8 -1, i32 4)", DOUBLE)
            )
        return result

    def _part(self, x: Vector, start: int) -> Vector:
        """Eight lanes of a vector."""
        if self.width == 8:
            return x
        name, kind = f"llvm.vector.extract.v8f64.v{self.width}f64", self.type(DOUBLE)
        self.declared[name] = f"declare <8 x double> @{name}({kind}, i64)"
        return self.line(f"call <8 x double> @{name}({kind} {x.name}, i64 {start})", DOUBLE)

    def _with_part(self, x: Vector, start: int, part: Vector) -> Vector:
        """A vector with eight of its lanes replaced."""
        if self.width == 8:
            return part
        name, kind = f"llvm.vector.insert.v{self.width}f64.v8f64", self.type(DOUBLE)
        self.declared[name] = f"declare {kind} @{name}({kind}, <8 x double>, i64)"
        return self.line(f"call {kind} @{name}({kind} {x.name}, <8 x double> {part.name}, i64 {start})", DOUBLE)
