"""Power series: all derivatives up to an order in one walk over the graph, in n² steps an operation.

>>> taylor(lambda x: x**3, 2.0, 4)
[8.0, 12.0, 6.0, 1.0, 0.0]

Every operation y = g(a, b) gives y′ = ∂g/∂a·a′ + ∂g/∂b·b′, and the partials are formulas of the rule table, here evaluated
on series. Of y′ the coefficient of order k − 1 is k·yₖ, so

    yₖ = 1/k · Σ over operands Σⱼ j·aⱼ·pₖ₋ⱼ        with p the series of the partial, j from 1 to k.

It needs y itself up to k − 1 alone, where the partial is a formula in y, as of exp or tanh; so coefficients are computed
when they are asked for, and the same operation on the same series is one series: sin and cos ask each other.

Source: Griewank & Walther, *Evaluating Derivatives* (2008), chapter 13; McIlroy, *Power series, power serious* (1999).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias, overload

from autograd.graph import number_of
from autograd.interop.coerce import describe
from autograd.modes.anomaly import watching
from autograd.rules.operations import Operations
from autograd.rules.table import FLOATS, RULES, Digits, Rule
from autograd.transforms.call import Call, calling, checked
from autograd.transforms.types import Scalar, ScalarFunction
from autograd.value import VALUES, Value, as_operand

Term: TypeAlias = "Series | Value | float"  # what isn't a series is a constant


class Series:
    """A power series: its coefficients, of which the next is computed when it is asked for."""

    __slots__ = ("_known", "_next", "space")

    def __init__(self, space: Space, known: list[Scalar], following: Callable[[Series, int], Scalar]):
        self.space, self._known, self._next = space, known, following
        space.made.append(self)

    def __getitem__(self, k: int) -> Scalar:
        while len(self._known) <= k:
            self._known.append(self._next(self, len(self._known)))
        return self._known[k]

    def __add__(self, other: Term) -> Any:
        return self.space.add(self, other)

    def __sub__(self, other: Term) -> Any:
        return self.space.sub(self, other)

    def __rsub__(self, other: Term) -> Any:
        return self.space.sub(other, self)

    def __mul__(self, other: Term) -> Any:
        return self.space.mul(self, other)

    def __neg__(self) -> Any:
        return self.space.mul(-1.0, self)

    def __truediv__(self, other: Term) -> Any:
        return self.space.div(self, other)

    def __rtruediv__(self, other: Term) -> Any:
        return self.space.div(other, self)

    def __eq__(self, other: object) -> Any:
        return self[0] == first(other)

    def __lt__(self, other: Term) -> Any:
        return self[0] < first(other)

    def __le__(self, other: Term) -> Any:
        return self[0] <= first(other)

    def __gt__(self, other: Term) -> Any:
        return self[0] > first(other)

    def __ge__(self, other: Term) -> Any:
        return self[0] >= first(other)

    __radd__, __rmul__, __hash__ = __add__, __mul__, object.__hash__


def first(x: Any) -> Any:
    """The constant term."""
    return x[0] if isinstance(x, Series) else x


def coefficient(x: Term, k: int) -> Scalar:
    """That of order k; a constant has no other than the first."""
    return x[k] if isinstance(x, Series) else x if k == 0 else 0.0


def _each_first(component: Callable[..., Any], *xs: Term) -> list[Any]:
    """A component of a vector for each of its entries: the operation takes that entry first."""
    return [component(x, *xs[:i], *xs[i + 1 :]) for i, x in enumerate(xs)]


class Space(Operations[Any]):
    """The rule table's ``m`` on series with coefficients that are ``numbers``: floats, or Values."""

    def __init__(self, numbers: Operations[Any]):
        super().__init__(where=self._chosen)
        self.numbers = numbers
        self.made: list[Series] = []
        self._recorded: dict[object, Series] = {}
        self.directions = partial(_each_first, self.direction)
        self.softmaxes = partial(_each_first, self.softmax)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = partial(self.apply, RULES[name])
        setattr(self, name, function)
        return function

    def apply(self, rule: Rule, *operands: Term, value: Scalar | None = None) -> Any:
        """An operation on series and constants; ``value`` is its first coefficient, where that is known."""
        if not any(isinstance(x, Series) for x in operands):
            return getattr(self.numbers, rule.name)(*operands)
        key = rule, *[id(x) if isinstance(x, Series | Value) else x.hex() for x in operands]
        if key not in self._recorded:
            if value is None:
                value = getattr(self.numbers, rule.name)(*map(first, operands))
            series = DIRECT[rule.name](self, value, *operands) if rule.name in DIRECT else None
            self._recorded[key] = self._by_rule(rule, value, *operands) if series is None else series
        return self._recorded[key]

    def forget(self) -> None:
        """Let go of all series, which refer to each other as sin and cos do, so that nothing is left to the collector."""
        for series in self.made:
            del series._next, series.space
        self.__dict__.clear()

    def _by_rule(self, rule: Rule, value: Scalar, *operands: Term) -> Series:
        """An operation by its local derivatives, or from the second order on by its formula."""
        by_partials = self._by_partials(rule, value, *operands)
        if rule.form is None or rule.name not in BY_FORMULA:
            return by_partials
        formula = rule.form(self, *operands)
        return Series(self, [value], lambda _, k: by_partials[1] if k == 1 else coefficient(formula, k))

    def _by_partials(self, rule: Rule, value: Scalar, *operands: Term) -> Series:
        pairs: list[tuple[Series, Term]] = []

        def following(y: Series, k: int) -> Scalar:
            if not pairs:
                partials = rule.partials(self, y, *operands)
                pairs.extend([(x, p) for x, p in zip(operands, partials, strict=True) if isinstance(x, Series)])
            return _total(j * x[j] * coefficient(p, k - j) for x, p in pairs for j in _moving(x, k)) / k

        return Series(self, [value], following)

    def _chosen(self, condition: Any, a: Term, b: Term) -> Any:
        """One of two, or where a trace decides that, both."""
        if isinstance(condition, bool):
            return a if condition else b
        choose = self.numbers.where
        return Series(
            self,
            [choose(condition, first(a), first(b))],
            lambda _, k: choose(condition, coefficient(a, k), coefficient(b, k)),
        )


def _moving(x: Series, k: int) -> list[int]:
    """The orders from 1 to k in which a series has a coefficient other than 0: 0·∞ takes no part."""
    return [j for j in range(1, k + 1) if x[j].__class__ is not float or x[j] != 0.0]


def _total(terms: Iterable[Scalar]) -> Scalar:
    return sum(terms, 0.0)


# -- operations with a rule of their own: as much work as one of the sums above, and no partials ------------


def _sum_of(space: Space, value: Scalar, a: Term, b: Term, sign: float = 1.0) -> Series:
    return Series(space, [value], lambda _, k: coefficient(a, k) + sign * coefficient(b, k))


def _product(space: Space, value: Scalar, a: Term, b: Term) -> Series:
    """Σ aⱼ·bₖ₋ⱼ."""
    if not isinstance(a, Series):
        a, b = b, a
    assert isinstance(a, Series)
    if not isinstance(b, Series):
        return Series(space, [value], lambda _, k: a[k] * b)
    return Series(space, [value], lambda _, k: _total(a[j] * b[k - j] for j in range(k + 1)))


def _quotient(space: Space, value: Scalar, a: Term, b: Term) -> Series:
    """y·b = a, so yₖ = (aₖ − Σ bⱼ·yₖ₋ⱼ)/b₀, j from 1."""

    def following(y: Series, k: int) -> Scalar:
        known = _total(b[j] * y[k - j] for j in _moving(b, k)) if isinstance(b, Series) else 0.0
        divided: Scalar = space.numbers.div(coefficient(a, k) - known, first(b))
        return divided

    return Series(space, [value], following)


def _power(space: Space, value: Scalar, x: Term, p: Term) -> Series | None:
    """x·y′ = p·y·x′ for a constant p, so yₖ = Σ (p·j − (k − j))·xⱼ·yₖ₋ⱼ / (k·x₀); whole powers are products."""
    if not isinstance(x, Series) or not isinstance(p, float):
        return None
    if p.is_integer() and 1.0 <= p <= MOST_FACTORS:
        return _whole_power(x, int(p))
    if x[0].__class__ is float and x[0] == 0.0:
        return None

    def following(y: Series, k: int) -> Scalar:
        total = _total((p * j - (k - j)) * x[j] * y[k - j] for j in _moving(x, k))
        divided: Scalar = space.numbers.div(total, k * x[0])
        return divided

    return Series(space, [value], following)


def _whole_power(x: Series, p: int) -> Series:
    power = None
    while p:
        if p % 2:
            power = x if power is None else power * x
        x, p = x * x if p > 1 else x, p // 2
    assert power is not None
    return power


DIRECT: dict[str, Callable[..., Series | None]] = {
    "add": _sum_of,
    "sub": partial(_sum_of, sign=-1.0),
    "mul": _product,
    "div": _quotient,
    "pow": _power,
    "power": _power,
}
MOST_FACTORS = 1024.0
# The local derivatives of these are made for their zeros, with constants and a polynomial good for a few orders alone. Other
# formulas have |x| or a maximum in them, whose kinks cancel in the value and not in its series: softplus at 0, say.
BY_FORMULA = {"gelu", "mish"}
OF_SCANS = {"scan", "item", "stack"}  # nodes of many numbers


# -- of a function -----------------------------------------------------------------------------------------


@overload
def taylor(f: ScalarFunction, x: Value, n: int) -> list[Value]: ...
@overload
def taylor(f: ScalarFunction, x: float, n: int) -> list[float]: ...
def taylor(f: ScalarFunction, x: Scalar, n: int) -> Sequence[Scalar]:
    """The Taylor coefficients of a function of one number at x: f(x), f′(x), f″(x)/2!, … f⁽ⁿ⁾(x)/n!

    >>> from autograd import exp, sin
    >>> taylor(exp, 0.0, 3) == [1.0, 1.0, 1 / 2, 1 / 6]
    True
    >>> len(taylor(lambda x: exp(sin(x)), 0.5, 30))
    31

    f:  a function of one number that returns one.
    x:  where to expand it; of a Value the coefficients are Values, to be differentiated again.
    n:  the highest order.

    All orders come from one walk over the graph of f, in time n² for each operation; the n-th derivative is n! times the
    last of them, and ``derivative(f, x, n)`` is that. At a kink the first is the chain rule's, and the others are those of a
    piece beside it.

    Raises ValueError for n < 0, TypeError where f doesn't return a single number.
    Source: Griewank & Walther, *Evaluating Derivatives* (2008), chapter 13.
    """
    return expanded(f, x, order_of(n, "taylor"), "taylor")


def order_of(n: object, who: str) -> int:
    """The order that the user asked for."""
    if isinstance(n, bool) or not isinstance(n, int) or n < 0:
        raise ValueError(f"{who}: n must be an int ≥ 0, got {describe(n)}")
    return n


def expanded(f: ScalarFunction, x: Scalar, n: int, who: str) -> list[Scalar]:
    """The coefficients up to order n, for the function that the user has called."""
    argnum = checked(f, 0, who)
    with calling(f, argnum, (as_operand(x, f"{who}: x"),), {}, who) as call:
        y = call.single(call.run())
        if not isinstance(y, Value):
            return [call.result(coefficient(y, k)) for k in range(n + 1)]
        if not all(map(_has_series, call.nodes_behind(y))):
            return [call.result(each) for each in _one_by_one(call, y, n)]
        space = Space(VALUES if call.create_graph else FLOATS)
        found = _walked(space, call.leaves[0], call.nodes_behind(y))
        for k in range(n + 1):  # operands first, so that none asks for those before it, and these in turn for theirs
            for each in found.values():
                coefficient(each, k)
        coefficients = [coefficient(found.get(y, y), k) for k in range(n + 1)]
        space.forget()
        if watching() and not all(math.isfinite(number_of(each)) for each in coefficients):
            coefficients = list(_one_by_one(call, y, n))  # whose backward passes name the operation
        return [call.result(each) for each in coefficients]


def _has_series(node: Value) -> bool:
    """Whether an operation has formulas for derivatives: a user's primitive hasn't, nor a scan that is traced."""
    rule = node._rule
    return rule is None or (rule.name not in OF_SCANS and (rule.source is None or isinstance(rule.source, Digits)))


def _one_by_one(call: Call, y: Value, n: int) -> Iterator[Scalar]:
    """The coefficients by backward passes, each through the one before: 2ⁿ steps."""
    derivative: Scalar = y
    yield y
    for k in range(1, n + 1):
        (derivative,) = call.gradients(derivative, create_graph=True)
        yield derivative / math.factorial(k)


def _walked(space: Space, leaf: Value, nodes: Sequence[Value]) -> dict[Value, Term]:
    """The series of nodes, which come in reverse topological order, those that depend on the leaf."""
    number: Callable[[Any], Scalar] = number_of if space.numbers is FLOATS else lambda x: x
    found: dict[Value, Term] = {leaf: Series(space, [number(leaf), 1.0], lambda *_: 0.0)}
    for node in reversed(nodes):
        operands = [found.get(x, number(x)) if isinstance(x, Value) else x for x in node.operands]
        if node._rule is not None and any(isinstance(x, Series) for x in operands):
            found[node] = space.apply(node._rule, *operands, value=number(node))
    return found
