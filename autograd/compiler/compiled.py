"""``compile``: a function on numbers, traced once for every shape of its arguments and run as machine code."""

from __future__ import annotations

import inspect
import operator
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial, update_wrapper
from typing import Any

from autograd.compiler.fastpath import MISS
from autograd.compiler.signature import Spec, signature
from autograd.compiler.specialisation import Plan
from autograd.compiler.transforms import Options
from autograd.interop.coerce import describe
from autograd.modes import context
from autograd.program.program import Program
from autograd.transforms import reverse as derivatives
from autograd.transforms.call import holds_value
from autograd.transforms.trees import flatten, flatten_like

Argnums = int | Sequence[int]


def compile(
    f: Callable[..., Any] | None = None,
    in_axes: Any = None,
    reduce: str | None = None,
    *,
    strict: bool = False,
    threads: int | None = None,
    max_branches: int = 64,
) -> Any:
    """Compile a function of numbers; what comes back is called like it.

    >>> from autograd import sin
    >>> f = compile(lambda x, y: x * sin(y))
    >>> f(2.0, 0.0), f.value_and_grad(2.0, 0.0, argnums=(0, 1))
    (0.0, (0.0, (0.0, 2.0)))

    ``in_axes`` has an entry for each argument: None where all lanes share it, else the axis of an array that
    runs over lanes, as in ``jax.vmap``. The last axis is the fast layout. Results have one number a lane, unless
    ``reduce`` is "sum" or "mean".

    >>> import numpy as np
    >>> loss = compile(lambda w, x: (w * x - 1.0) ** 2, in_axes=(None, 0), reduce="mean")
    >>> value, slope = loss.value_and_grad(2.0, np.array([0.0, 1.0]))
    >>> float(value), float(slope)
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


class Compiled:
    """A compiled function: call it, or ask for ``grad``, ``value_and_grad``, ``jacobian``, ``hessian``, ``hvp``."""

    def __init__(
        self, f: Callable[..., Any], in_axes: Any, reduce: str | None, strict: bool, threads: int | None, max_branches: int
    ):
        self.f, self.in_axes, self.reduce = f, in_axes, reduce
        self.strict, self.threads, self.max_branches = strict, threads, max_branches
        self._plans: dict[Any, Plan] = {}
        self._short: dict[Any, Callable[[tuple[Any, ...]], Any]] = {}  # for calls like the last: 1 µs instead of 5
        self._last: tuple[Any, ...] | None = None
        self._lock = threading.RLock()
        update_wrapper(self, f, updated=())

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.f, '__name__', self.f)}>"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else partial(self, instance)

    def __call__(self, *args: Any) -> Any:
        """f's value."""
        return self._run("value", (), args)

    def value_and_grad(self, *args: Any, argnums: Argnums = 0) -> Any:
        """f's value, and its gradient by the arguments at ``argnums``: each has its argument's shape."""
        return self._run("value_and_grad", argnums, args)

    def grad(self, *args: Any, argnums: Argnums = 0) -> Any:
        """The gradient alone."""
        return self._run("grad", argnums, args)

    def jacobian(self, *args: Any, argnums: Argnums = 0) -> Any:
        """Every derivative of every output, in one program: the outputs' shape, then the arguments'."""
        return self._run("jacobian", argnums, args)

    def hessian(self, *args: Any, argnums: Argnums = 0) -> Any:
        """The second derivatives: the argument's shape, twice."""
        return self._run("hessian", argnums, args)

    def hvp(self, x: Any, v: Any) -> Any:
        """The Hessian at x times v, for a function of one argument. Raises ValueError where their shapes differ."""
        _, rebuild = flatten(x, arrays=False)
        v = rebuild(flatten_like(v, x, "compile: v must have the shape of {model}, got {tree}", arrays=False))
        return self._run("hvp", 0, (x, v))

    @property
    def program(self) -> Program:
        """Value and gradient by all arguments as a program, for arguments shaped as in the last call, numbers before any."""
        args = self._last if self._last is not None else (1.0,) * _arity(self.f)
        return self._plan("value_and_grad", tuple(range(len(args))), args).program(args)

    def __reduce__(self) -> str | tuple[Any, ...]:
        name = getattr(self.f, "__qualname__", "")
        if getattr(sys.modules.get(getattr(self.f, "__module__", "")), name, None) is self:  # a decorator's result
            return name
        options = self.in_axes, self.reduce, self.strict, self.threads, self.max_branches
        return Compiled, (self.f, *options)

    def _run(self, kind: str, argnums: Any, args: tuple[Any, ...]) -> Any:
        if argnums.__class__ is not int and argnums.__class__ is not tuple:
            argnums = _as_argnums(argnums)
        if context.active and context.tracer():
            return self._plainly(kind, argnums, args)
        key = kind, argnums, len(args)
        short = self._short.get(key)
        if short is not None:
            result = short(args)
            if result is not MISS:
                return result
        if holds_value(args):
            return self._plainly(kind, argnums, args)
        plan = self._plan(kind, argnums, args)
        result = plan(args)
        if plan.short is not None:
            self._short[key] = plan.short
        return result

    def _plainly(self, kind: str, argnums: Any, args: tuple[Any, ...]) -> Any:
        """f itself, uncompiled: on Values, and where another function is traced, its operations are to be recorded."""
        if self.in_axes is not None:
            raise TypeError(
                f"{self!r} runs over lanes, so it can't record what it does with Values; call the function itself "
                "for every lane, or compile what calls it as a whole"
            )
        if kind == "value":
            return self.f(*args)
        if kind == "hvp":
            return derivatives.hvp(self.f)(*args)
        return getattr(derivatives, kind)(self.f, argnums)(*args)

    # -- plans ---------------------------------------------------------------------------------------

    def _plan(self, kind: str, argnums: Any, args: tuple[Any, ...]) -> Plan:
        axes = self._axes(args, kind)
        key = kind, _as_argnums(argnums), signature(args, axes)
        plan = self._plans.get(key)
        if plan is None:
            with self._lock:
                plan = self._plans.get(key) or self._made(kind, key[1], args, axes)
                self._plans[key] = plan
        if kind != "hvp":
            self._last = args
        return plan

    def _made(self, kind: str, argnums: Any, args: tuple[Any, ...], axes: Sequence[Any]) -> Plan:
        names = list(inspect.signature(self.f).parameters) if _has_signature(self.f) else []
        names = [names[0], "v"] if kind == "hvp" and names else names
        spec = Spec.of(args, axes, names)
        return Plan(Options(self.f, kind, argnums, self.reduce, self.strict, self.threads, self.max_branches), spec)

    def _axes(self, args: tuple[Any, ...], kind: str) -> Sequence[Any]:
        axes = self.in_axes
        if axes is None or isinstance(axes, int):
            return [axes] * len(args)
        if kind == "hvp":
            return [axes[0]] * 2
        if len(axes) != len(args):
            raise ValueError(f"compile: in_axes has {len(axes)} entries for {len(args)} arguments; give one for each")
        return list(axes)


def _as_argnums(argnums: Any) -> Any:
    """Places as an int or a tuple; ValueError for anything else."""
    if argnums.__class__ is int:
        return argnums
    places = tuple(argnums) if isinstance(argnums, list | tuple) else (argnums,)
    if any(isinstance(place, bool) or not hasattr(place, "__index__") for place in places):
        raise ValueError(f"compile: argnums must be a place or a tuple of places, got {describe(argnums)}")
    numbers = tuple([operator.index(place) for place in places])
    return numbers if isinstance(argnums, list | tuple) else numbers[0]


def _has_signature(f: Any) -> bool:
    try:
        inspect.signature(f)
    except (TypeError, ValueError):
        return False
    return True


def _arity(f: Callable[..., Any]) -> int:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in kinds and p.default is p.empty for p in inspect.signature(f).parameters.values())
