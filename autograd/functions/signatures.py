"""How a public function is made of a rule: its signatures for the type checker, its docstring, its checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any, Protocol, SupportsFloat, TypeVar, overload

from autograd.interop.coerce import describe
from autograd.interop.stacked import Stacked
from autograd.rules.table import MEAN, SUM, Rule
from autograd.value import Value, apply, record

Function = TypeVar("Function", bound=Callable[..., Any])
Element = TypeVar("Element")


class Unary(Protocol):
    """f(x)."""

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: float) -> float: ...


class Binary(Protocol):
    """f(a, b)."""

    @overload
    def __call__(self, a: Value, b: Value | float) -> Value: ...
    @overload
    def __call__(self, a: float, b: Value) -> Value: ...
    @overload
    def __call__(self, a: float, b: float) -> float: ...


class Parametric(Protocol):
    """f(x, parameter), the parameter with a default; it may be a Value too."""

    @overload
    def __call__(self, x: Value, parameter: Value | float = ...) -> Value: ...
    @overload
    def __call__(self, x: float, parameter: Value) -> Value: ...
    @overload
    def __call__(self, x: float, parameter: float = ...) -> float: ...


class Many(Protocol):
    """f(values) or f(a, b, …). Of no Values at all it is a number, as for ``sum([])``; types can't say that."""

    @overload
    def __call__(self, values: Iterable[Value], /) -> Value: ...
    @overload
    def __call__(self, values: Iterable[float], /) -> float: ...
    @overload
    def __call__(self, values: Iterable[Value | float], /) -> Value | float: ...
    @overload
    def __call__(self, first: Value, /, *values: Value | float) -> Value: ...
    @overload
    def __call__(self, first: float, second: Value, /, *values: Value | float) -> Value: ...
    @overload
    def __call__(self, /, *values: float) -> float: ...
    @overload
    def __call__(self, /, *values: Value | float) -> Value | float: ...


class Each(Protocol):
    """f(values), with a result for each of them; all results are Values where one of the values is."""

    @overload
    def __call__(self, values: Iterable[Value]) -> list[Value]: ...
    @overload
    def __call__(self, values: Iterable[float]) -> list[float]: ...
    @overload
    def __call__(self, values: Iterable[Value | float]) -> list[Value] | list[float]: ...


def _documented(function: Function, rule: Rule, signature: str, about: str, at: tuple[float, ...]) -> Any:
    arguments, result = ", ".join(map(repr, at)), rule.value(*at)
    function.__name__ = function.__qualname__ = rule.name
    function.__module__ = __name__.rpartition(".")[0]  # the public module
    function.__doc__ = f"""{about}

    >>> {rule.name}({arguments})
    {result!r}

    {rule.name}({signature}): a number for numbers, a Value that records the operation where one is given.
    Raises TypeError for anything but real numbers and Values.
    """
    function.__annotations__ = {}  # not for help(): checkers see the protocols above
    document_method(rule, about, at, result)
    return function


def document_method(rule: Rule, about: str, at: tuple[float, ...], result: float) -> None:
    """Give the method of the operation, where ``Value`` has one, a docstring with an example."""
    method: Any = vars(Value).get(rule.name)
    if method:
        arguments = ", ".join(map(repr, at[1:]))
        method.__doc__ = f"""{about}

        >>> Value({at[0]!r}).{rule.name}({arguments})
        Value({result!r})

        The method of the function ``autograd.{rule.name}``.
        """


def unary(rule: Rule, about: str, at: float = 0.5) -> Unary:
    """The public function of an operation on one number, with its docstring."""
    value = rule.value

    def function(x: Any) -> Value | float:
        return record(rule, value(x._number), x) if x.__class__ is Value else apply(rule, x)

    result: Unary = _documented(function, rule, "x", about, (at,))
    return result


def binary(rule: Rule, about: str, *at: float) -> Binary:
    """The public function of an operation on two numbers, with its docstring."""

    def function(a: SupportsFloat, b: SupportsFloat) -> Value | float:
        return apply(rule, a, b)

    result: Binary = _documented(function, rule, "a, b", about, at or (3.0, 4.0))
    return result


def parametric(rule: Rule, about: str, default: float) -> Parametric:
    """The public function of an operation with one parameter, with its docstring."""

    def function(x: SupportsFloat, parameter: SupportsFloat = default) -> Value | float:
        return apply(rule, x, parameter)

    result: Parametric = _documented(function, rule, f"x, parameter={default}", about, (-0.5, default))
    return result


def as_list(values: Iterable[Element], where: str) -> list[Element]:
    """The numbers of a list, tuple, array or generator; TypeError for anything that isn't a sequence of them."""
    if type(values) is list:
        return values
    if not isinstance(values, Iterable) or isinstance(values, str | Mapping | Set):
        raise TypeError(f"{where} must be a list of numbers and Values, got {describe(values)}")
    return list(values)


def as_operands(values: tuple[Any, ...], rule: Rule, least: int = 0) -> list[SupportsFloat]:
    """The operands of an operation of many, given one by one or as one iterable."""
    single = len(values) == 1 and not isinstance(values[0], Value) and isinstance(values[0], Iterable)
    operands = as_list(values[0] if single else values, f"{rule.name}: values")
    if len(operands) < least:
        raise ValueError(f"{rule.name}: needs at least {least} value, got none")
    return operands


def many(rule: Rule, about: str, *at: float, least: int = 0) -> Many:
    """The public function of an operation of many numbers, with its docstring."""

    def function(*values: SupportsFloat | Iterable[SupportsFloat]) -> Value | float:
        only = values[0] if len(values) == 1 else None
        if isinstance(only, Stacked) and only.total and rule in (SUM, MEAN):  # of a scan's results, by another scan
            total: Value = only.total()
            return total / float(len(only)) if rule is MEAN else total
        return apply(rule, *as_operands(values, rule, least))

    result: Many = _documented(function, rule, "values", about, at or (1.0, 2.0, 3.0))
    return result


def each(rule: Rule, about: str) -> Each:
    """The public function of an operation that gives one result for each of its numbers, with its docstring."""

    def function(values: Iterable[SupportsFloat]) -> Any:
        xs = as_list(values, f"{rule.name}: values")
        results = [apply(rule, x, *xs[:i], *xs[i + 1 :]) for i, x in enumerate(xs)]
        for i, result in enumerate(results):
            if isinstance(result, Value):
                result._choice = i  # formulas show the numbers in the order they came in
        return results

    function.__name__ = function.__qualname__ = rule.name
    function.__module__ = __name__.rpartition(".")[0]  # the public module
    function.__doc__ = f"""{about}

    >>> [f"{{s:.4f}}" for s in {rule.name}([1.0, 2.0, 3.0])]
    {[f"{rule.value(*xs):.4f}" for xs in ((1.0, 2.0, 3.0), (2.0, 1.0, 3.0), (3.0, 1.0, 2.0))]}

    A list as long as ``values``; each result is one node of all of them. Raises TypeError for anything but
    real numbers and Values.
    """
    return function
