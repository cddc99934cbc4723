"""What the derivatives of functions take and give, for type checkers and editors.

A derivative has the shape of the argument it is taken by: plain numbers in, floats out; Values where one of the arguments
is or holds a Value. Each protocol below says so for the arguments a checker can tell apart, and Any for all others.
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


class ValueAndGradient(Protocol):
    """``value_and_grad(f)``."""

    __name__: str

    @overload
    def __call__(self, x: float, /, *args: float, **kwargs: float) -> tuple[float, float]: ...
    @overload
    def __call__(self, x: Value, /, *args: Scalar, **kwargs: Scalar) -> tuple[Value, Value]: ...
    @overload
    def __call__(self, x: list[float], /) -> tuple[float, list[float]]: ...
    @overload
    def __call__(self, x: Shape, /) -> tuple[Any, Shape]: ...
    @overload
    def __call__(self, *args: object, **kwargs: object) -> tuple[Any, Any]: ...


class JacobianOfList(Protocol):
    """``jacobian(f)`` of a function that returns a list."""

    __name__: str

    @overload
    def __call__(self, x: float, /, *args: float, **kwargs: float) -> list[float]: ...
    @overload
    def __call__(self, x: Value, /, *args: Scalar, **kwargs: Scalar) -> list[Value]: ...
    @overload
    def __call__(self, x: list[float], /) -> list[list[float]]: ...
    @overload
    def __call__(self, x: Shape, /) -> list[Shape]: ...
    @overload
    def __call__(self, *args: object, **kwargs: object) -> list[Any]: ...


class Hessian(Protocol):
    """``hessian(f)``."""

    __name__: str

    @overload
    def __call__(self, x: float, /, *args: float, **kwargs: float) -> float: ...
    @overload
    def __call__(self, x: Value, /, *args: Scalar, **kwargs: Scalar) -> Value: ...
    @overload
    def __call__(self, x: list[float], /) -> list[list[float]]: ...
    @overload
    def __call__(self, x: list[Value], /) -> list[list[Value]]: ...
    @overload
    def __call__(self, *args: object, **kwargs: object) -> Any: ...


class HessianProduct(Protocol):
    """``hvp(f)``."""

    __name__: str

    @overload
    def __call__(self, x: float, v: float) -> float: ...
    @overload
    def __call__(self, x: Value, v: Scalar) -> Value: ...
    @overload
    def __call__(self, x: Scalar, v: Value) -> Value: ...
    @overload
    def __call__(self, x: list[float], v: list[float]) -> list[float]: ...
    @overload
    def __call__(self, x: Shape, v: Shape) -> Shape: ...
