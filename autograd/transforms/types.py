"""What the derivatives of functions take and give, for type checkers and editors.

A derivative has the shape of the argument it is taken by: plain numbers in, floats out; Values where one of the arguments
is or holds a Value. The protocols say so for the arguments that a checker can tell apart, and Any for all others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar, overload

from autograd.value import Value

Scalar: TypeAlias = Value | float
Argnum: TypeAlias = int | str
Argnums: TypeAlias = Argnum | Sequence[Argnum]
Function: TypeAlias = Callable[..., Any]
ScalarFunction: TypeAlias = Callable[..., Scalar]  # a function that returns one number

Shape = TypeVar("Shape")
OfFloats = TypeVar("OfFloats", covariant=True)
OfValues = TypeVar("OfValues", covariant=True)
OfList = TypeVar("OfList", covariant=True)


class Gradient(Protocol):
    """``grad(f)``."""

    __name__: str

    @overload
    def __call__(self, x: float, /, *args: float, **kwargs: float) -> float: ...
    @overload
    def __call__(self, x: Value, /, *args: Scalar, **kwargs: Scalar) -> Value: ...
    @overload
    def __call__(self, x: list[float], /) -> list[float]: ...
    @overload
    def __call__(self, x: list[Scalar], /) -> list[Any]: ...
    @overload
    def __call__(self, x: Shape, /) -> Shape: ...
    @overload
    def __call__(self, *args: object, **kwargs: object) -> Any: ...


class Derivative(Protocol[OfFloats, OfValues, OfList]):
    """Another function of f's arguments, and what it gives for floats, for Values and for a single list of floats."""

    __name__: str

    @overload
    def __call__(self, x: float, /, *args: float, **kwargs: float) -> OfFloats: ...
    @overload
    def __call__(self, x: Value, /, *args: Scalar, **kwargs: Scalar) -> OfValues: ...
    @overload
    def __call__(self, x: list[float], /) -> OfList: ...
    @overload
    def __call__(self, *args: object, **kwargs: object) -> Any: ...


ValueAndGradient: TypeAlias = Derivative[tuple[float, float], tuple[Value, Value], tuple[float, list[float]]]
JacobianOfList: TypeAlias = Derivative[list[float], list[Value], list[list[float]]]
Hessian: TypeAlias = Derivative[float, Value, list[list[float]]]


class HessianProduct(Protocol):
    """``hvp(f)``."""

    __name__: str

    @overload
    def __call__(self, x: float, v: float, /) -> float: ...
    @overload
    def __call__(self, x: Value, v: Scalar, /) -> Value: ...
    @overload
    def __call__(self, x: Scalar, v: Value, /) -> Value: ...
    @overload
    def __call__(self, x: list[float], v: list[float], /) -> list[float]: ...
    @overload
    def __call__(self, x: Shape, v: Shape, /) -> Shape: ...
    @overload
    def __call__(self, x: object, y: object, v: object, /, *args: object, **kwargs: object) -> Any: ...
    @overload
    def __call__(self, x: Shape, v: Shape, /, **kwargs: object) -> Shape: ...
