"""How a public function is made of a rule: its signatures for the type checker, its docstring, its checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any, Protocol, overload

from autograd.interop.coerce import described
from autograd.rules.table import Rule
from autograd.value import Value, apply, record


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


def _documented(function: Any, rule: Rule, signature: str, about: str, at: tuple[float, ...]) -> Any:
    arguments, result = ", ".join(map(repr, at)), rule.value(*at)
    function.__name__ = function.__qualname__ = rule.name
    function.__module__ = "autograd.functions"
    function.__doc__ = f"""{about}

    >>> {rule.name}({arguments})
    {result!r}

    {rule.name}({signature}): a number for numbers, a Value that records the operation where one is given.
    Raises TypeError for anything but real numbers and Values.
    """
    function.__annotations__ = {}  # Any says nothing; the protocols above are for type checkers
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

    def function(x: Any) -> Any:
        return record(rule, value(x._data), x) if x.__class__ is Value else apply(rule, x)

    result: Unary = _documented(function, rule, "x", about, (at,))
    return result


def binary(rule: Rule, about: str, *at: float) -> Binary:
    """The public function of an operation on two numbers, with its docstring."""

    def function(a: Any, b: Any) -> Any:
        return apply(rule, a, b)

    result: Binary = _documented(function, rule, "a, b", about, at or (3.0, 4.0))
    return result


def parametric(rule: Rule, about: str, default: float) -> Parametric:
    """The public function of an operation with one parameter, with its docstring."""

    def function(x: Any, parameter: Any = default) -> Any:
        return apply(rule, x, parameter)

    result: Parametric = _documented(function, rule, f"x, parameter={default}", about, (-0.5, default))
    return result


class Many(Protocol):
    """f(values) or f(a, b, …)."""

    def __call__(self, *values: Value | float | Iterable[Value | float]) -> Any: ...


def listed(values: Any, where: str) -> list[Any]:
    """The numbers of a list, tuple, array or generator; TypeError for anything that isn't one thing after another."""
    if values.__class__ is list:
        return values
    if not isinstance(values, Iterable) or isinstance(values, str | Mapping | Set):
        raise TypeError(f"{where} must be a list of numbers and Values, got {described(values)}")
    return list(values)


def spread(values: tuple[Any, ...], rule: Rule, least: int = 0) -> list[Any]:
    """The operands of an operation of many, given one by one or as one iterable."""
    single = len(values) == 1 and not isinstance(values[0], Value) and isinstance(values[0], Iterable)
    operands = listed(values[0], f"{rule.name}: values") if single else list(values)
    if len(operands) < least:
        raise ValueError(f"{rule.name}: needs at least {least} value, got none")
    return operands


def many(rule: Rule, about: str, *at: float, least: int = 0) -> Many:
    """The public function of an operation of many numbers, with its docstring."""

    def function(*values: Any) -> Any:
        return apply(rule, *spread(values, rule, least))

    result: Many = _documented(function, rule, "values", about, at or (1.0, 2.0, 3.0))
    return result


def each(rule: Rule, about: str) -> Callable[[Iterable[Any]], list[Any]]:
    """The public function of an operation that gives one result for each of its numbers, with its docstring."""

    def function(values: Iterable[Any]) -> list[Any]:
        xs = listed(values, f"{rule.name}: values")
        return [apply(rule, x, *xs[:i], *xs[i + 1 :]) for i, x in enumerate(xs)]

    function.__name__ = function.__qualname__ = rule.name
    function.__module__ = "autograd.functions"
    function.__doc__ = f"""{about}

    >>> [f"{{s:.4f}}" for s in {rule.name}([1.0, 2.0, 3.0])]
    {[f"{rule.value(*xs):.4f}" for xs in ((1.0, 2.0, 3.0), (2.0, 1.0, 3.0), (3.0, 1.0, 2.0))]}

    A list as long as ``values``; each result is one node of all of them. Raises TypeError for anything but
    real numbers and Values.
    """
    return function
