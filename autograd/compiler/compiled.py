"""``compile``: a function on numbers, traced once for every shape of its arguments and run as machine code."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Hashable, Sequence
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any, Generic, Literal, Never, ParamSpec, Self, TypeAlias, TypeVar, overload

from autograd.compiler.fastpath import MISS, Fastpath
from autograd.compiler.signature import Axes, Spec, signature
from autograd.compiler.specialisation import Specialisation
from autograd.compiler.transforms import Options
from autograd.interop.coerce import describe
from autograd.interop.forks import lock_of
from autograd.modes import context
from autograd.program.program import Program
from autograd.transforms import reverse as derivatives
from autograd.transforms.call import global_name, holds_value
from autograd.transforms.trees import flatten, flatten_like
from autograd.transforms.types import Function, Shape
from autograd.value import Value

P = ParamSpec("P")
R = TypeVar("R")
Argnums: TypeAlias = int | Sequence[int]
Reduction: TypeAlias = Literal["sum", "mean"]


@overload
def compile(
    f: Callable[P, R],
    in_axes: Axes = None,
    reduce: Reduction | None = None,
    *,
    strict: bool = False,
    threads: int | None = None,
    max_branches: int = 64,
) -> Compiled[P, R]: ...
@overload
def compile(
    f: None = None,
    in_axes: Axes = None,
    reduce: Reduction | None = None,
    *,
    strict: bool = False,
    threads: int | None = None,
    max_branches: int = 64,
) -> Callable[[Callable[P, R]], Compiled[P, R]]: ...
def compile(
    f: Function | None = None,
    in_axes: Axes = None,
    reduce: Reduction | None = None,
    *,
    strict: bool = False,
    threads: int | None = None,
    max_branches: int = 64,
) -> object:
    """Compile a function of numbers; what comes back is called like it.

    >>> from autograd import sin
    >>> f = compile(lambda x, y: x * sin(y))
    >>> f(2.0, 0.0), f.value_and_grad(2.0, 0.0, argnums=(0, 1))
    (0.0, (0.0, (0.0, 2.0)))

    ``in_axes`` has an entry for each argument: None where all lanes share it, else the axis of an array that
    runs over lanes, as in ``jax.vmap``. Arrays may lie in any way: rows (axis 0) are as fast as columns. Results have one
    number a lane, unless ``reduce`` is "sum" or "mean".

    >>> import numpy as np
    >>> loss = compile(lambda w, x: (w * x - 1.0) ** 2, in_axes=(None, 0), reduce="mean")
    >>> value, derivative = loss.value_and_grad(2.0, np.array([0.0, 1.0]))
    >>> float(value), float(derivative)
    (1.0, 1.0)

    f is traced: a branch on a number (``if x > 0``) is traced when it is first taken, at most ``max_branches`` of
    them. Leaf Values that f has captured are read anew at every call, everything else captured is as it was when f
    was traced. ``strict`` gives + − × ÷ √ the very bits of eager mode: no fused multiply-add. ``threads`` is how many
    share the lanes (all processors where that pays); results don't depend on it. Called with a Value, or while another
    function is traced, it is f itself, so that what it does is recorded.

    Raises TypeError and ValueError for arguments whose shapes don't fit ``in_axes`` and each other, and TraceError
    where f leaves the graph by ``float(v)`` or ``math.sin(v)``.
    """
    if f is None:
        return partial(compile, in_axes=in_axes, reduce=reduce, strict=strict, threads=threads, max_branches=max_branches)
    if not callable(f):
        raise TypeError(f"compile: f must be a function, got {describe(f)}")
    if not (in_axes is None or isinstance(in_axes, int | tuple | list)):
        raise TypeError(
            f"compile: in_axes must be None, an int or a tuple with an entry for each argument, got {describe(in_axes)}"
        )
    if reduce not in (None, "sum", "mean"):
        raise ValueError(f"compile: reduce must be None, 'sum' or 'mean', got {reduce!r}")
    for name, number in (("max_branches", max_branches), ("threads", 1 if threads is None else threads)):
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise ValueError(f"compile: {name} must be an int of at least 1, got {number!r}")
    return Compiled(f, in_axes, reduce, strict, threads, max_branches)


class Compiled(Generic[P, R]):
    """A compiled function: call it, or ask for ``grad``, ``value_and_grad``, ``jacobian``, ``hessian``, ``hvp``."""

    __name__: str

    def __init__(
        self,
        f: Callable[P, R],
        in_axes: Axes = None,
        reduce: Reduction | None = None,
        strict: bool = False,
        threads: int | None = None,
        max_branches: int = 64,
    ):
        self.f, self.in_axes, self.reduce = f, in_axes, reduce
        self.strict, self.threads, self.max_branches = strict, threads, max_branches
        self._specialisations: dict[Hashable, Specialisation] = {}
        self._fastpaths: dict[Hashable, Fastpath] = {}  # for calls like the last: 1 µs instead of 5
        self._last: tuple[object, ...] | None = None
        self._lock = lock_of(self)
        update_wrapper(self, f, updated=())

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.f, '__name__', self.f)}>"

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None) -> Function: ...
    def __get__(self, instance: object, owner: type | None = None) -> object:
        return self if instance is None else partial(self, instance)

    if TYPE_CHECKING:
        # Where f's result is unknown to a checker, as a lambda's is, Never fits it, and so is what comes back. For numbers a
        # function on Values gives numbers. The fourth overload holds where the arguments fit f's own signature; over lanes
        # it may be called with arrays too. Keywords aren't taken, though P allows them.
        @overload
        def __call__(self: Compiled[..., Never], *args: object) -> Any: ...
        @overload
        def __call__(self: Compiled[..., Value], x: float | list[float], /, *args: float | list[float]) -> float: ...
        @overload
        def __call__(
            self: Compiled[..., list[Value]], x: float | list[float], /, *args: float | list[float]
        ) -> list[float]: ...
        @overload
        def __call__(self, *args: P.args, **none: P.kwargs) -> R: ...
        @overload
        def __call__(self, *args: object) -> Any: ...
        def __call__(self, *args: object, **none: Any) -> Any: ...

    else:

        def __call__(self, *args):
            """f's value."""
            return self._run("value", (), args)

    @overload
    def value_and_grad(self, x: float, /, *args: float, argnums: int = 0) -> tuple[float, float]: ...
    @overload
    def value_and_grad(self, x: Value, /, *args: Value | float, argnums: int = 0) -> tuple[Value, Value]: ...
    @overload
    def value_and_grad(self, x: list[float], /, *, argnums: int = 0) -> tuple[float, list[float]]: ...
    @overload
    def value_and_grad(self, *args: object, argnums: int = 0) -> tuple[Any, Any]: ...
    @overload
    def value_and_grad(self, *args: object, argnums: Sequence[int]) -> tuple[Any, tuple[Any, ...]]: ...
    def value_and_grad(self, *args: object, argnums: Argnums = 0) -> Any:
        """f's value, and its gradient by the arguments at ``argnums``: each has its argument's shape."""
        return self._run("value_and_grad", argnums, args)

    @overload
    def grad(self, x: float, /, *args: float, argnums: int = 0) -> float: ...
    @overload
    def grad(self, x: Value, /, *args: Value | float, argnums: int = 0) -> Value: ...
    @overload
    def grad(self, x: Shape, /) -> Shape: ...
    @overload
    def grad(self, *args: object, argnums: int = 0) -> Any: ...
    @overload
    def grad(self, *args: object, argnums: Sequence[int]) -> tuple[Any, ...]: ...
    def grad(self, *args: object, argnums: Argnums = 0) -> Any:
        """The gradient alone."""
        return self._run("grad", argnums, args)

    def jacobian(self, *args: object, argnums: Argnums = 0) -> Any:
        """Every derivative of every output, in one program: the outputs' shape, then the arguments'."""
        return self._run("jacobian", argnums, args)

    @overload
    def hessian(self, x: float, /, *args: float, argnums: int = 0) -> float: ...
    @overload
    def hessian(self, x: list[float], /) -> list[list[float]]: ...
    @overload
    def hessian(self, *args: object, argnums: int = 0) -> Any: ...
    @overload
    def hessian(self, *args: object, argnums: Sequence[int]) -> tuple[Any, ...]: ...
    def hessian(self, *args: object, argnums: Argnums = 0) -> Any:
        """The second derivatives: the argument's shape, twice."""
        return self._run("hessian", argnums, args)

    def hvp(self, x: Shape, v: Shape) -> Shape:
        """The Hessian at x times v, for a function of one argument. Raises ValueError where their shapes differ."""
        _, rebuild = flatten(x, arrays=False)
        like_x = rebuild(flatten_like(v, x, "compile: v must have the shape of {model}, got {tree}", arrays=False))
        product: Shape = self._run("hvp", 0, (x, like_x))
        return product

    @property
    def program(self) -> Program:
        """Value and gradient by all arguments as a program, for arguments shaped as in the last call, numbers before any."""
        args = self._last if self._last is not None else (1.0,) * _arity(self.f)
        return self._specialisation("value_and_grad", tuple(range(len(args))), args).program(args)

    def __reduce__(self) -> str | tuple[object, ...]:
        options = self.in_axes, self.reduce, self.strict, self.threads, self.max_branches
        return global_name(self, self.f) or (Compiled, (self.f, *options))

    def _run(self, transform: str, argnums: Argnums, args: tuple[object, ...]) -> Any:
        if argnums.__class__ is not int and argnums.__class__ is not tuple:
            argnums = _as_argnums(argnums)
        if context.active and context.tracer():
            return self._uncompiled(transform, argnums, args)
        key = transform, argnums, len(args)
        fastpath = self._fastpaths.get(key)
        if fastpath is not None:
            result = fastpath(args)
            if result is not MISS:
                return result
        if holds_value(args):
            return self._uncompiled(transform, argnums, args)
        specialisation = self._specialisation(transform, argnums, args)
        result = specialisation(args)
        if specialisation.fastpath is not None:
            self._fastpaths[key] = specialisation.fastpath
        return result

    def _uncompiled(self, transform: str, argnums: Argnums, args: tuple[object, ...]) -> Any:
        """f itself: on Values, and where another function is traced, its operations are to be recorded."""
        if self.in_axes is not None:
            raise TypeError(
                f"{self!r} runs over lanes, so it can't record what it does with Values; call the function itself "
                "for every lane, or compile what calls it as a whole"
            )
        f: Function = self.f
        if transform == "value":
            return f(*args)
        return derivatives.hvp(f)(*args) if transform == "hvp" else getattr(derivatives, transform)(f, argnums)(*args)

    def _specialisation(self, transform: str, argnums: Argnums, args: tuple[object, ...]) -> Specialisation:
        axes, chosen = self._axes(args, transform), _as_argnums(argnums)
        key = transform, chosen, signature(args, axes)
        specialisation = self._specialisations.get(key)
        if specialisation is None:
            with self._lock:
                specialisation = self._specialisations.get(key) or self._specialise(transform, chosen, args, axes)
                self._specialisations[key] = specialisation
        if transform != "hvp":
            self._last = args
        return specialisation

    def _specialise(
        self, transform: str, argnums: int | tuple[int, ...], args: tuple[object, ...], axes: Sequence[Axes]
    ) -> Specialisation:
        names = list(inspect.signature(self.f).parameters) if _has_signature(self.f) else []
        names = [names[0], "v"] if transform == "hvp" and names else names
        options = Options(self.f, transform, argnums, self.reduce, self.strict, self.threads, self.max_branches)
        return Specialisation(options, Spec.of(args, axes, names))

    def _axes(self, args: tuple[object, ...], transform: str) -> Sequence[Axes]:
        axes = self.in_axes
        if not isinstance(axes, Sequence):
            return [axes] * len(args)
        if transform == "hvp":
            return [axes[0]] * 2
        if len(axes) != len(args):
            raise ValueError(f"compile: in_axes has {len(axes)} entries for {len(args)} arguments; give one for each")
        return list(axes)


def _as_argnums(argnums: Argnums) -> int | tuple[int, ...]:
    """Argument numbers as an int or a tuple; ValueError for anything else."""
    if argnums.__class__ is int:
        return argnums
    several = isinstance(argnums, list | tuple)
    chosen = tuple(argnums) if isinstance(argnums, list | tuple) else (argnums,)
    if any(isinstance(k, bool) or not hasattr(k, "__index__") for k in chosen):
        raise ValueError(f"compile: argnums must be a place or a tuple of places, got {describe(argnums)}")
    numbers = tuple([operator.index(k) for k in chosen])
    return numbers if several else numbers[0]


def _has_signature(f: Function) -> bool:
    try:
        inspect.signature(f)
    except (TypeError, ValueError):
        return False
    return True


def _arity(f: Function) -> int:
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in positional and p.default is p.empty for p in inspect.signature(f).parameters.values())
