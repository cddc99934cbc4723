"""``primitive``: a user's own operation, a citizen like those of the rule table."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, NoReturn

from autograd.interop.coerce import as_number, describe
from autograd.modes.recording import track_float_escapes
from autograd.rules.ieee import INF
from autograd.rules.table import Rule
from autograd.value import Value, apply, as_operand


class Primitive:
    """An operation made of a value and its local derivatives; what ``primitive`` returns. Call it like a function."""

    rule: Rule

    def __init__(self, value: Callable[..., float], derivatives: Callable[..., Any], name: str):
        self._arity = _arity(value)
        _check_arity(derivatives, self._arity, name)
        self._home = (getattr(value, "__module__", None) or "", getattr(value, "__qualname__", name))
        self.rule = Rule(name, self._value(value, name), self._partials(derivatives, name), name, source=self)
        update_wrapper(self, value, updated=())  # not its attributes: those of another primitive are its rule
        self.__name__ = name

    def __call__(self, *operands: Any) -> Any:
        least, most = self._arity
        if not least <= len(operands) <= most:
            raise TypeError(f"{self.rule.name}: takes {_between(least, most)} arguments, got {len(operands)}")
        return apply(self.rule, *operands)

    def __repr__(self) -> str:
        return f"<primitive {self.rule.name}>"

    def __reduce__(self) -> Any:
        try:
            found = _named(*self._home)
        except (AttributeError, ImportError):
            found = None
        if found is not self:
            from pickle import PicklingError

            raise PicklingError(
                f"primitive {self.rule.name}: pickle finds no such primitive at {self._home[0]}.{self._home[1]}; "
                "define it at the top of a module, under its function's name"
            )
        return _named, self._home

    def __copy__(self) -> Primitive:
        return self

    def __deepcopy__(self, _: dict[int, Any]) -> Primitive:
        return self

    @staticmethod
    def _value(value: Callable[..., float], name: str) -> Callable[..., float]:
        return lambda *operands: as_number(value(*operands), f"{name}: the value it computes")

    @staticmethod
    def _partials(derivatives: Callable[..., Any], name: str) -> Callable[..., Any]:
        def partials(_: Any, y: Any, *operands: Any) -> tuple[Any, ...]:
            floats: list[Value] = []
            with track_float_escapes(floats):
                slopes = derivatives(y, *operands)
            slopes = tuple(slopes) if isinstance(slopes, tuple | list) else (slopes,)
            if len(slopes) != len(operands):
                raise ValueError(
                    f"{name}: derivatives(y, *operands) gave {len(slopes)} for {len(operands)} "
                    f"operand{'s' * (len(operands) != 1)}; "
                    "return a tuple with one local derivative for each operand"
                )
            slopes = tuple(as_operand(slope, f"{name}: local derivative") for slope in slopes)
            return tuple(_cut_off(name, slope, operands) for slope in slopes) if floats else slopes

        return partials


def primitive(derivatives: Callable[..., Any], name: str | None = None) -> Callable[[Callable[..., float]], Primitive]:
    """Make an operation of a function of floats and its local derivatives.

    >>> from autograd import Value, primitive
    >>> @primitive(lambda y, a, b: (2 * a * b, a * a))
    ... def area(a, b):
    ...     return a * a * b
    >>> x = Value(3.0)
    >>> y = area(x, 2.0); y.backward()
    >>> y.op, y.data, x.grad
    ('area', 18.0, 12.0)

    ``derivatives(y, *operands)`` gives one local derivative for each operand (a tuple; for a single operand
    the derivative alone). Write it with operators and autograd's functions, then it holds for Values too and
    the operation can be differentiated to any order. Raises TypeError where ``derivatives`` isn't a function;
    a wrong count of derivatives is a ValueError in the backward pass.
    """
    if not callable(derivatives):
        raise TypeError(
            f"primitive: derivatives must be a function (y, *operands) -> local derivatives, got {describe(derivatives)}; "
            "write @primitive(lambda y, x: 2 * x) above the function of the value"
        )

    def of(value: Callable[..., float]) -> Primitive:
        if not callable(value):
            raise TypeError(
                f"primitive: the value must be a function of floats, got {describe(value)}; "
                "write @primitive(lambda y, x: 2 * x) above it"
            )
        return Primitive(value, derivatives, str(name or getattr(value, "__name__", "primitive")))

    return of


def _cut_off(name: str, slope: Any, operands: tuple[Any, ...]) -> Any:
    """A local derivative that was computed by way of ``float(v)``: its own derivative isn't known, so it isn't 0."""

    def partials(*_: Any) -> NoReturn:
        raise TypeError(
            f"{name}: its derivatives can't be differentiated again: derivatives(y, *operands) made a float of a Value, "
            "by float(v) or a function of math; write it with operators and autograd's functions, autograd.cos(x) "
            "instead of math.cos(x)"
        )

    number = slope._data if isinstance(slope, Value) else slope
    return apply(Rule(f"{name}′", lambda *_: number, partials, f"{name}′"), *operands)


def _check_arity(derivatives: Callable[..., Any], operands: tuple[float, float], name: str) -> None:
    """Raise TypeError where ``derivatives`` can't take the value and all operands."""
    least, most = _arity(derivatives)
    if least > operands[1] + 1 or most < operands[0] + 1:
        raise TypeError(
            f"{name}: derivatives must take the value and each operand, {operands[0] + 1:g} arguments, but takes "
            f"{_between(least, most)}; write lambda y, x: 2 * x for a function of one operand"
        )


def _between(least: float, most: float) -> str:
    return f"{least:g}" if least == most else f"{least:g} to {most:g}"


def _arity(value: Callable[..., Any]) -> tuple[float, float]:
    """How many operands the function takes, at least and at most."""
    try:
        import inspect  # 4 ms of `import autograd`

        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):  # a builtin that doesn't say
        return 0, INF
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    least = sum(p.default is p.empty for p in positional)
    return least, INF if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(positional)


def _named(module: str, qualname: str) -> Any:
    """The primitive that a pickle names, as the module defines it now."""
    found: Any = importlib.import_module(module)
    for part in qualname.split("."):
        found = getattr(found, part)
    return found
