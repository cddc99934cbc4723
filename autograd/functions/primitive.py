"""``primitive``: a user's own operation, a citizen like those of the rule table."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import reduce, update_wrapper
from typing import Any, NoReturn, SupportsFloat, TypeAlias, overload

from autograd.interop.coerce import as_number, describe
from autograd.modes.graph_cut import track_float_escapes
from autograd.rules.ieee import INF
from autograd.rules.operations import Partials
from autograd.rules.table import Rule
from autograd.value import Value, apply, as_operand

Derivatives: TypeAlias = Callable[..., SupportsFloat | Sequence[SupportsFloat]]


class Primitive:
    """An operation made of a value and its local derivatives; what ``primitive`` returns. Call it like a function."""

    rule: Rule

    def __init__(self, value: Callable[..., float], derivatives: Derivatives, name: str):
        self._arity = _arity(value)
        _check_arity(derivatives, self._arity, name)
        self._home = (getattr(value, "__module__", None) or "", getattr(value, "__qualname__", name))
        self.rule = Rule(name, self._value(value, name), self._partials(derivatives, name), name, source=self)
        update_wrapper(self, value, updated=())  # not __dict__: if value is a primitive itself, its rule would replace ours
        self.__name__ = name

    @overload
    def __call__(self, first: Value, /, *operands: SupportsFloat) -> Value: ...
    @overload
    def __call__(self, /, *operands: float) -> float: ...
    @overload
    def __call__(self, /, *operands: SupportsFloat) -> Value | float: ...
    def __call__(self, /, *operands: SupportsFloat) -> Value | float:
        least, most = self._arity
        if not least <= len(operands) <= most:
            raise TypeError(f"{self.rule.name}: takes {_between(least, most)} arguments, got {len(operands)}")
        return apply(self.rule, *operands)

    def __repr__(self) -> str:
        return f"<primitive {self.rule.name}>"

    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]:
        try:
            named = _named(*self._home)
        except (AttributeError, ImportError):
            named = None
        if named is not self:
            from pickle import PicklingError

            raise PicklingError(
                f"primitive {self.rule.name}: pickle finds no such primitive at {self._home[0]}.{self._home[1]}; "
                "define it at the top of a module, under its function's name"
            )
        return _named, self._home

    def __copy__(self) -> Primitive:
        return self

    def __deepcopy__(self, _: dict[int, object]) -> Primitive:
        return self

    @staticmethod
    def _value(value: Callable[..., float], name: str) -> Callable[..., float]:
        return lambda *operands: as_number(value(*operands), f"{name}: the value it computes")

    @staticmethod
    def _partials(derivatives: Derivatives, name: str) -> Partials:
        def partials(_: object, y: object, /, *operands: Any) -> tuple[Any, ...]:
            escaped: list[object] = []
            with track_float_escapes(escaped):
                result = derivatives(y, *operands)
            given = tuple(result) if isinstance(result, tuple | list) else (result,)
            if len(given) != len(operands):
                raise ValueError(
                    f"{name}: derivatives(y, *operands) gave {len(given)} for {len(operands)} "
                    f"operand{'s' * (len(operands) != 1)}; "
                    "return a tuple with one local derivative for each operand"
                )
            locals_ = tuple(as_operand(partial, f"{name}: local derivative") for partial in given)
            return tuple(_once(name, partial, operands) for partial in locals_) if escaped else locals_

        return partials


def primitive(derivatives: Derivatives, name: str | None = None) -> Callable[[Callable[..., float]], Primitive]:
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


def _once(name: str, partial: Value | float, operands: tuple[SupportsFloat, ...]) -> Value | float:
    """A local derivative that was computed through ``float(v)``: its own derivative is unknown, so asking raises."""

    def partials(*_: object) -> NoReturn:
        raise TypeError(
            f"{name}: its derivatives can't be differentiated again: derivatives(y, *operands) made a float of a Value, "
            "by float(v) or a function of math; write it with operators and autograd's functions, autograd.cos(x) "
            "instead of math.cos(x)"
        )

    number = partial._number if isinstance(partial, Value) else partial
    return apply(Rule(f"{name}′", lambda *_: number, partials, f"{name}′"), *operands)


def _check_arity(derivatives: Derivatives, operands: tuple[float, float], name: str) -> None:
    """Raise TypeError where ``derivatives`` can't take the value and all operands."""
    least, most = _arity(derivatives)
    if least > operands[1] + 1 or most < operands[0] + 1:
        raise TypeError(
            f"{name}: derivatives must take the value and each operand, {operands[0] + 1:g} arguments, but takes "
            f"{_between(least, most)}; write lambda y, x: 2 * x for a function of one operand"
        )


def _between(least: float, most: float) -> str:
    return f"{least:g}" if least == most else f"{least:g} to {most:g}"


def _arity(value: Callable[..., object]) -> tuple[float, float]:
    """How many operands the function takes, at least and at most."""
    try:
        import inspect  # 4 ms of `import autograd`

        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):  # a builtin that doesn't say
        return 0, INF
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    least = sum(p.default is p.empty for p in positional)
    return least, INF if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(positional)


def _named(module: str, qualname: str) -> object:
    """The primitive that a pickle names, as the module defines it now."""
    return reduce(getattr, qualname.split("."), importlib.import_module(module))
