"""``Value``: a number that remembers how it was computed. Read ``autograd.graph``, ``autograd.backward``, then this.

A node records its operands, in order, and the rule that computed it. The rule's ``partials`` gives the local
derivatives; it is one function for all nodes of an operation, called with their operands.
``backward()`` sends upstream × local derivative along every edge: ``backward.pull_back`` is that sentence as code.

>>> x = Value(3.0, name="x")
>>> y = x * x + 2
>>> y.backward()
>>> y.data, x.grad
(11.0, 6.0)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, SupportsFloat, TypeAlias, TypeVar, cast, overload

from autograd import pickling
from autograd.backward import accumulate_grads, gradients
from autograd.graph import Node, next_order, packed
from autograd.interop.coerce import Array, as_bool, as_number, is_array, out_of_array
from autograd.interop.comparisons import claim, settle
from autograd.interop.numpy import array_ufunc
from autograd.interop.statistics import ExactRatio
from autograd.micrograd.closures import made_by_hand
from autograd.micrograd.names import MicrogradNames, one_name
from autograd.modes import context
from autograd.modes.graph_cut import grads_leave_graph
from autograd.modes.recording import current_scope, on_record
from autograd.number import Number, Operator
from autograd.rules import table as rules
from autograd.rules.operations import Operations
from autograd.rules.table import RULES, Rule

Method = TypeVar("Method", bound=Callable[..., Any])
Operands: TypeAlias = "tuple[Value | float, ...] | list[Value | float]"
_new = object.__new__


class MethodWithDefault(Protocol):
    """``v.elu()`` or ``v.elu(0.5)``."""

    def __call__(self, parameter: SupportsFloat = ...) -> Value: ...


def record(rule: Rule, data: float, a: Value | float | tuple[Value | float, ...], b: Value | float | None = None) -> Value:
    """A node for ``data`` = rule(a, b), or rule(*a) for a tuple of any other number of operands."""
    node = _new(Value)
    node._number = data
    node._order = next_order()
    node._grad = node.name = node.scope = None
    node._a = a
    node._b = b
    node._rule = rule
    if context.active:
        on_record(node)
    return node


def leaf(number: float, name: str) -> Value:
    """A leaf that stands for an argument of a function: in a third of the time of ``Value(number, name)``."""
    node = _new(Value)
    node._number, node.name, node._order = number, name, next_order()
    node._a = node._b = node._rule = node._grad = node.scope = None
    return node


def operators(rule: Rule) -> tuple[Operator[Value], Operator[Value]]:
    """The methods ``a ∘ b`` and, reflected, ``b ∘ a`` of an operation on two."""
    value = rule.value

    def forward(self: Value, other: Any) -> Any:
        if isinstance(other, Value):
            return record(rule, value(self._number, other._number), self, other)
        if other.__class__ is not float:
            if is_array(other):
                return NotImplemented
            other = as_number(other, f"{rule.symbol}: the right operand")
        return record(rule, value(self._number, other), self, other)

    def reflected(self: Value, other: Any) -> Value:
        if other.__class__ is not float:
            other = as_number(other, f"{rule.symbol}: the left operand")
        return record(rule, value(other, self._number), other, self)

    return cast("tuple[Operator[Value], Operator[Value]]", (forward, reflected))  # as they are when bound to a Value


def method(rule: Rule) -> Callable[[Value], Value]:
    """The method of an operation on one number."""
    value = rule.value

    def unary(self: Value) -> Value:
        return record(rule, value(self._number), self)

    return _named(unary, rule)


def method_of_two(rule: Rule) -> Callable[[Value, SupportsFloat], Value]:
    """The method of an operation on a number and another."""

    def binary(self: Value, other: SupportsFloat) -> Value:
        return apply(rule, self, other)

    return _named(binary, rule)


def method_with(rule: Rule, default: float) -> MethodWithDefault:
    """The method of an operation on a number and a parameter, which may be a Value too."""

    def parametric(self: Value, parameter: SupportsFloat = default) -> Value:
        return apply(rule, self, parameter)

    return cast("MethodWithDefault", _named(parametric, rule))


def _named(method: Method, rule: Rule) -> Method:
    method.__name__ = method.__qualname__ = rule.name
    return method


class Value(Number, ExactRatio, MicrogradNames, Node):
    """A real number with a history, the node of a computation graph.

    >>> a = Value(2.0, name="a"); b = Value(-3.0, name="b")
    >>> c = a * b
    >>> c.data, c.op, c.parents == (a, b)
    (-6.0, '×', True)

    ``data`` is a float; ``grad`` is 0.0 until a backward pass reaches the node; ``name``, or ``label``, is for drawing
    and for messages. Arithmetic follows IEEE 754 and never raises. Comparisons compare numbers, ``hash`` is identity.

    ``Value(data, (a, b), "op")``, as in micrograd, is the node of an operation whose derivative is a closure: see
    ``autograd.micrograd.closures``. An operation that can be differentiated again and compiled is made by ``primitive``.

    Raises TypeError where ``data`` isn't a real number (bool, str, complex, None and arrays aren't).
    """

    __slots__ = ()

    def __init__(
        self,
        data: SupportsFloat,
        name: str | Operands | None = None,
        _op: str = "",
        label: str | None = None,
        *,
        _children: Operands = (),
    ):
        if isinstance(data, Value):
            raise TypeError("Value: data is a Value already; use it as it is, or .data for its number alone")
        if isinstance(name, tuple | list):
            _children, name = name, label
        self.name = one_name(name, label)
        self._number = as_number(data, "Value: data")
        self._a = self._b = self._rule = self._grad = None
        self._order = next_order()
        self.scope = current_scope() if context.active else None
        if _op or _children:
            made_by_hand(self, _op, [as_operand(x, "Value: an operand") for x in _children])
            if context.active:
                on_record(self)

    # -- what a node knows -----------------------------------------------------------------------

    @property
    def data(self) -> float:
        """The number. A leaf's may be set, and then the graphs built on its old value are stale."""
        if context.active and (tracer := context.tracer()):
            raise tracer.refuse("v.data", "compute with the Value itself")
        return self._number

    @data.setter
    def data(self, number: SupportsFloat) -> None:
        if self._rule is not None:
            raise AttributeError(
                f"the data of a {self.op!r} node can't be set: it follows from its parents; set a leaf and compute again"
            )
        self._number = as_number(number, "Value.data")
        self._age()

    # -- the chain rule --------------------------------------------------------------------------

    def backward(self, seed: SupportsFloat = 1.0, create_graph: bool = False) -> None:
        """Set ``grad`` of every node behind this one to d self / d node, times ``seed``.

        >>> x = Value(2.0); y = x ** 3
        >>> y.backward(); x.grad
        12.0
        >>> y.backward(); x.grad  # leaves accumulate until you set grad = 0
        24.0

        With ``create_graph`` the gradients are Values themselves, ready to be differentiated again. Nothing
        is written if anything fails. Raises StaleGraphError where a leaf was set after the graph was built.
        """
        start = as_operand(seed, "backward: seed")
        if create_graph:
            accumulate_grads(gradients(self, start if isinstance(start, Value) else Value(start)))
        else:
            grads_leave_graph(self)
            accumulate_grads(gradients(self, start._number if isinstance(start, Value) else start))

    def __repr__(self) -> str:
        named = f", name={self.name!r}" if self.name else ""
        grad = "" if self._grad is None else f", grad={self.grad_or_none!r}"
        return f"Value({self._number!r}{named}{grad})"

    def _repr_html_(self) -> str:
        """What Jupyter shows: name, value, gradient and operation, – for what there isn't."""
        from autograd.interop.html import table  # 1 ms of the import, and only notebooks need it

        return table(["name", "value", "gradient", "operation"], [[self.name, self._number, self.grad_or_none, self.op]])

    # -- copies and pickles ------------------------------------------------------------------------

    __copy__, __deepcopy__, __reduce__ = pickling.shallow, pickling.deepcopy, pickling.reduce

    def __setstate__(self, state: pickling.State) -> None:
        self._grad, self.scope = state

    # -- operators -------------------------------------------------------------------------------

    __array_ufunc__: Callable[..., object]  # set below: it needs VALUES

    __add__, _add_to = operators(rules.ADD)
    __sub__, __rsub__ = operators(rules.SUB)
    __mul__, __rmul__ = operators(rules.MUL)
    __truediv__, __rtruediv__ = operators(rules.DIV)
    __floordiv__, __rfloordiv__ = operators(rules.FLOORDIV)
    __mod__, __rmod__ = operators(rules.MOD)
    _variable_power, __rpow__ = operators(rules.POW)
    _constant_power, _ = operators(rules.POWER)

    def __radd__(self, other: SupportsFloat) -> Value:
        return self if other.__class__ is int and other == 0 else self._add_to(other)  # where Python's sum() starts

    @overload
    def __pow__(self, exponent: Array) -> Any: ...
    @overload
    def __pow__(self, exponent: SupportsFloat) -> Value: ...
    def __pow__(self, exponent: SupportsFloat | Array) -> Any:
        if isinstance(exponent, bool):  # Python's own numbers take True for 1 here
            exponent = float(exponent)
        return self._variable_power(exponent) if isinstance(exponent, Value) else self._constant_power(exponent)

    def __round__(self, ndigits: int | None = None) -> Value:
        if not ndigits:
            return self.round()
        if context.active and (tracer := context.tracer()):
            raise tracer.refuse("round(v, digits)", "round v·10ⁿ and divide")
        return apply(rules.Digits(ndigits).rule, self)

    def __divmod__(self, other: SupportsFloat) -> tuple[Value, Value]:
        return self // other, self % other

    def __rdivmod__(self, other: SupportsFloat) -> tuple[Value, Value]:
        return other // self, other % self

    __neg__ = neg = method(rules.NEG)
    __abs__ = abs = absolute = fabs = method(rules.ABS)
    __floor__ = floor = method(rules.FLOOR)
    __ceil__ = ceil = method(rules.CEIL)
    __trunc__ = trunc = method(rules.TRUNC)

    # -- a method for every operation on one number, and for those NumPy looks up on its elements; second names are NumPy's

    reciprocal = method(rules.RECIPROCAL)
    square = method(rules.SQUARE)
    sqrt = method(rules.SQRT)
    rsqrt = method(rules.RSQRT)
    cbrt = method(rules.CBRT)
    exp = method(rules.EXP)
    exp2 = method(rules.EXP2)
    expm1 = method(rules.EXPM1)
    log = method(rules.LOG)
    log2 = method(rules.LOG2)
    log10 = method(rules.LOG10)
    log1p, log1mexp = method(rules.LOG1P), method(rules.LOG1MEXP)
    logit, entr = method(rules.LOGIT), method(rules.ENTR)
    sin = method(rules.SIN)
    cos = method(rules.COS)
    sinpi, cospi = method(rules.SINPI), method(rules.COSPI)
    tan = method(rules.TAN)
    asin = arcsin = method(rules.ASIN)
    acos = arccos = method(rules.ACOS)
    atan = arctan = method(rules.ATAN)
    sinc = method(rules.SINC)
    sinh = method(rules.SINH)
    cosh = method(rules.COSH)
    tanh = method(rules.TANH)
    sech = method(rules.SECH)
    asinh = arcsinh = method(rules.ASINH)
    acosh = arccosh = method(rules.ACOSH)
    atanh = arctanh = method(rules.ATANH)
    sign = method(rules.SIGN)
    round = rint = method(rules.ROUND)
    relu, selu = method(rules.RELU), method(rules.SELU)
    gelu = method(rules.GELU)
    silu, mish = method(rules.SILU), method(rules.MISH)
    softplus = method(rules.SOFTPLUS)
    softsign = method(rules.SOFTSIGN)
    sigmoid = method(rules.SIGMOID)
    log_sigmoid = method(rules.LOG_SIGMOID)
    hard_tanh, hard_swish = method(rules.HARD_TANH), method(rules.HARD_SWISH)
    hard_sigmoid = method(rules.HARD_SIGMOID)
    erf, erfc = method(rules.ERF), method(rules.ERFC)
    erfinv, erfcinv = method(rules.ERFINV), method(rules.ERFCINV)
    erfcx, gamma = method(rules.ERFCX), method(rules.GAMMA)
    lgamma, digamma = method(rules.LGAMMA), method(rules.DIGAMMA)
    ndtri, log_ndtr = method(rules.NDTRI), method(rules.LOG_NDTR)
    norm_cdf, norm_pdf = method(rules.NORM_CDF), method(rules.NORM_PDF)
    leaky_relu = method_with(rules.LEAKY_RELU, 0.01)
    elu = method_with(rules.ELU, 1.0)
    celu = method_with(rules.CELU, 1.0)
    hypot = method_of_two(rules.HYPOT)
    atan2 = arctan2 = method_of_two(rules.ATAN2)
    fmod = method_of_two(rules.FMOD)

    def clip(self, low: SupportsFloat, high: SupportsFloat, out: None = None) -> Value:  # noqa: ARG002 - np.clip(v, …) names it
        return apply(rules.CLIP, self, low, high)


@overload
def apply(rule: Rule, first: Value, /, *others: SupportsFloat) -> Value: ...
@overload
def apply(rule: Rule, /, *operands: float) -> float: ...
@overload
def apply(rule: Rule, /, *operands: SupportsFloat) -> Value | float: ...
def apply(rule: Rule, *operands: Any) -> Value | float:
    """The operation on Values and numbers: a Value that records it, or a float where all are numbers.

    >>> apply(RULES["add"], Value(1.0), 2.0)
    Value(3.0)
    >>> apply(RULES["add"], 1.0, 2.0)
    3.0
    """
    kinds = set(map(type, operands))
    if not kinds <= _READY:
        operands = tuple(as_operand(x, f"{rule.name}: argument {i}") for i, x in enumerate(operands, 1))
        kinds = set(map(type, operands))
    data = rule.value(*[x if x.__class__ is float else x._number for x in operands])
    if kinds <= _NUMBERS:
        return data
    return record(rule, data, *operands) if len(operands) == 2 else record(rule, data, packed(operands))


# Sets of types are compared in C: a step of a net, whose nodes have many operands, is 1.5 times as fast.
_READY, _NUMBERS = {Value, float}, {float}


def as_operand(x: object, where: str) -> Value | float:
    """A Value as it is, also one in a 0-d array, anything else as a float; see ``as_number``."""
    x = x if isinstance(x, Value) else out_of_array(x)
    return x if isinstance(x, Value) else as_number(x, where)


@overload
def where(condition: object, a: Value, b: SupportsFloat) -> Value: ...
@overload
def where(condition: object, a: float, b: Value) -> Value: ...
@overload
def where(condition: object, a: float, b: float) -> float: ...
@overload
def where(condition: object, a: SupportsFloat, b: SupportsFloat) -> Value | float: ...
def where(condition: object, a: SupportsFloat, b: SupportsFloat) -> Value | float:
    """``a`` where the condition holds, else ``b``; only that side is recorded, so a nan in the other can't reach gradients.

    >>> x = Value(0.0)
    >>> y = where(x > 0, x.log(), 0.0)
    >>> y.data, y.parents
    (0.0, ())
    """
    if context.active and (tracer := context.tracer()) and tracer.owns(condition):
        traced: Value | float = tracer.choose(condition, a, b)
        return traced
    holds = as_bool(condition, "where: the condition")
    chosen = as_operand(a if holds else b, "where: the chosen side")
    known = condition.__class__ is bool
    if isinstance(chosen, Value):
        node = record(rules.WHERE, chosen._number, chosen)
    elif isinstance(a, Value) or isinstance(b, Value):
        node = record(rules.WHERE, chosen, (chosen,))
    else:
        if known:
            settle(holds)
        return chosen
    node._choice = claim(holds, b if holds else a) if known and node._rule else None
    return node


# The operations on Values: with this for ``m``, rules give local derivatives that can be differentiated again.
VALUES: Operations[Value | float] = Operations(**{name: partial(apply, rule) for name, rule in RULES.items()})
VALUES.where = where
VALUES.directions = lambda *xs: [VALUES.direction(x, *xs[:i], *xs[i + 1 :]) for i, x in enumerate(xs)]
VALUES.softmaxes = lambda *xs: [VALUES.softmax(x, *xs[:i], *xs[i + 1 :]) for i, x in enumerate(xs)]
Value._operations = VALUES
Value.__array_ufunc__ = array_ufunc(VALUES)
