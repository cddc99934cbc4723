"""``compile``: a function on numbers, traced once for every shape of its arguments and run as machine code."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial, update_wrapper
from types import MethodType
from typing import TYPE_CHECKING, Any, Generic, Literal, Never, ParamSpec, Self, TypeAlias, TypeVar, overload
from weakref import ref

from autograd.compiler.binding import (
    FORMS,
    CallSignature,
    Names,
    Parameters,
    as_argnums,
    check_options,
    options_of_method,
    positional_and_named,
)
from autograd.compiler.clock import Clock
from autograd.compiler.directions import along, like, uncompiled
from autograd.compiler.fastpath import Fastpath
from autograd.compiler.recompilation import Reuse
from autograd.compiler.report import CompileReport, SpecialisationReport
from autograd.compiler.runtime.builtin import MISS
from autograd.compiler.signature import Axes, Spec, is_static, signature, static_key
from autograd.compiler.specialisation import Specialisation
from autograd.compiler.transforms import WITH_AUX, Options
from autograd.interop.coerce import describe
from autograd.interop.forks import lock_of
from autograd.modes import context
from autograd.modes.graph_cut import differentiated_by, differentiating
from autograd.program.program import Program
from autograd.transforms.call import global_name, holds_value
from autograd.transforms.trees import leaves_of
from autograd.transforms.types import Argnum, Argnums, Function, Shape
from autograd.value import Value

P = ParamSpec("P")
R = TypeVar("R")
Several: TypeAlias = tuple[Argnum, ...] | list[int] | list[str]  # no Sequence: a str is one
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
    static_argnums: int | Sequence[int] = (),
    static_argnames: str | Sequence[str] = (),
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
    static_argnums: int | Sequence[int] = (),
    static_argnames: str | Sequence[str] = (),
) -> Callable[[Callable[P, R]], Compiled[P, R]]: ...
def compile(
    f: Function | None = None,
    in_axes: Axes = None,
    reduce: Reduction | None = None,
    *,
    strict: bool = False,
    threads: int | None = None,
    max_branches: int = 64,
    static_argnums: int | Sequence[int] = (),
    static_argnames: str | Sequence[str] = (),
) -> object:
    """Compile a function of numbers; what comes back is called like it.

    >>> from autograd import sin
    >>> f = compile(lambda x, y: x * sin(y))
    >>> f(2.0, y=0.0), f.value_and_grad(2.0, 0.0, argnums=("x", "y"))
    (0.0, (0.0, (0.0, 2.0)))

    ``in_axes`` has an entry for each argument, or is a dict by their names: None where all lanes share it, else the axis of
    an array that runs over lanes, as in ``jax.vmap``. Arrays may lie in any way: rows (axis 0) are as fast as columns.
    Results have one number a lane, unless ``reduce`` is "sum" or "mean".

    >>> import numpy as np
    >>> loss = compile(lambda w, x: (w * x - 1.0) ** 2, in_axes=(None, 0), reduce="mean")
    >>> value, derivative = loss.value_and_grad(2.0, np.array([0.0, 1.0]))
    >>> float(value), float(derivative)
    (1.0, 1.0)

    Numbers, ints too, are traced. ``static_argnums`` and ``static_argnames`` name arguments that f needs as they are, for
    ``range(n)`` or ``table[k]``: it is traced for each of them. What is neither a number nor an array is static by itself.

    >>> power_sum = compile(lambda x, n: sum([x**k for k in range(n)]), static_argnames="n")
    >>> power_sum(2.0, 3), power_sum.grad(2.0, n=4)
    (7.0, 17.0)

    A branch on a number (``if x > 0``) is traced when it is first taken, at most ``max_branches`` of them. Leaf Values that
    f has captured are read anew at every call, everything else captured is as it was when f was traced. ``strict`` gives
    the bits of eager mode: no fused multiply-add, C's functions in lanes too. ``threads`` is how many share the lanes (all
    processors where that pays); results don't depend on it. Called with a Value, or while another function
    is traced, it is f itself, so that what it does is recorded.

    Compiling takes up to 85 µs for each operation of the program, with loops written out except those by ``scan``;
    ``print(f.program)`` says how many there are. It pays after about a hundred calls or lanes. Where it is spent anew at
    nearly every call, on new shapes, static arguments or branches, a RecompilationWarning says so once.

    Raises TypeError and ValueError for arguments whose shapes don't fit ``in_axes`` and each other, and TraceError
    where f leaves the graph by ``float(v)`` or ``math.sin(v)``.
    """
    options = in_axes, reduce, strict, threads, max_branches, static_argnums, static_argnames
    check_options(in_axes, reduce, {"max_branches": max_branches, "threads": 1 if threads is None else threads})

    def compiled(f: Function) -> object:
        if not callable(f):
            raise TypeError(f"compile: f must be a function, got {describe(f)}")
        return Compiled(f, *options)

    return compiled if f is None else compiled(f)


class Compiled(Generic[P, R]):
    """A compiled function: call it, or ask for ``grad``, ``value_and_grad``, ``jacobian``, ``hessian``, ``hvp``, ``jvp``."""

    __name__: str

    def __init__(
        self,
        f: Callable[P, R],
        in_axes: Axes = None,
        reduce: Reduction | None = None,
        strict: bool = False,
        threads: int | None = None,
        max_branches: int = 64,
        static_argnums: int | Sequence[int] = (),
        static_argnames: str | Sequence[str] = (),
    ):
        self.f, self.in_axes, self.reduce = f, in_axes, reduce
        self.strict, self.threads, self.max_branches = strict, threads, max_branches
        self.static_argnums, self.static_argnames = static_argnums, static_argnames
        self._parameters = Parameters(f, in_axes, static_argnums, static_argnames)
        self._specialisations: dict[tuple[Hashable, ...], Specialisation] = {}
        self.fastpaths: dict[Hashable, Fastpath] = {}  # for calls like the last: 1 µs instead of 5
        self._reuse, self._reuse_of_methods = Reuse(f), Reuse(f, of_objects=True)
        self._last: tuple[tuple[object, ...], Names] | None = None
        self._methods: dict[Hashable, Compiled[..., Any]] = {}  # of objects
        self._lock = lock_of(self)
        update_wrapper(self, f, updated=())

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.f, '__name__', self.f)}>"

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None) -> Compiled[..., Any]: ...
    def __get__(self, instance: object, owner: type | None = None) -> object:
        if instance is None:
            return self
        try:
            key = static_key(instance)
            return self._methods.get(key) or self._methods.setdefault(key, self._method_of(instance))
        except TypeError:  # it has no hash: a call says so
            return partial(self, instance)

    def _method_of(self, instance: object) -> Compiled[..., Any]:
        """The same function of the other arguments, as a function of its own: ``instance.method.grad(x)``."""
        axes, *static = options_of_method(self._parameters, self.static_argnums, self.static_argnames)
        options = self.reduce, self.strict, self.threads, self.max_branches
        method: Compiled[..., Any] = Compiled(MethodType(self.f, instance), axes, *options, *static)
        method._reuse = self._reuse_of_methods
        return method

    if TYPE_CHECKING:
        # Where f's result is unknown to a checker, as a lambda's is, Never fits it, and so is what comes back. For numbers a
        # function on Values gives numbers. The fourth overload holds where the arguments fit f's own signature; over lanes
        # it may be called with arrays too.
        @overload
        def __call__(self: Compiled[..., Never], *args: object, **kwargs: object) -> Any: ...
        @overload
        def __call__(self: Compiled[..., Value], x: float | list[float], /, *args: float | list[float]) -> float: ...
        @overload
        def __call__(
            self: Compiled[..., list[Value]], x: float | list[float], /, *args: float | list[float]
        ) -> list[float]: ...
        @overload
        def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R: ...
        @overload
        def __call__(self, *args: object, **kwargs: object) -> Any: ...
        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

        @overload
        def value_and_grad(self, x: float, /, *args: float, argnums: Argnum = 0) -> tuple[float, float]: ...
        @overload
        def value_and_grad(self, x: Value, /, *args: Value | float, argnums: Argnum = 0) -> tuple[Value, Value]: ...
        @overload
        def value_and_grad(self, x: list[float], /, *, argnums: Argnum = 0) -> tuple[float, list[float]]: ...
        @overload
        def value_and_grad(self, *args: object, argnums: Argnum = 0, **kwargs: object) -> tuple[Any, Any]: ...
        @overload
        def value_and_grad(self, *args: object, argnums: Several, **kwargs: object) -> tuple[Any, tuple[Any, ...]]: ...
        @overload
        def value_and_grad(
            self, *args: object, argnums: Argnums = 0, has_aux: Literal[True], **kwargs: object
        ) -> tuple[tuple[Any, Any], Any]: ...
        def value_and_grad(self, *args: Any, **kwargs: Any) -> Any: ...

        @overload
        def grad(self, x: float, /, *args: float, argnums: Argnum = 0) -> float: ...
        @overload
        def grad(self, x: Value, /, *args: Value | float, argnums: Argnum = 0) -> Value: ...
        @overload
        def grad(self, x: Shape, /) -> Shape: ...
        @overload
        def grad(self, *args: object, argnums: Argnum = 0, **kwargs: object) -> Any: ...
        @overload
        def grad(self, *args: object, argnums: Several, **kwargs: object) -> tuple[Any, ...]: ...
        def grad(self, *args: Any, **kwargs: Any) -> Any: ...

        @overload
        def hessian(self, x: float, /, *args: float, argnums: Argnum = 0) -> float: ...
        @overload
        def hessian(self, x: list[float], /) -> list[list[float]]: ...
        @overload
        def hessian(self, *args: object, argnums: Argnum = 0, **kwargs: object) -> Any: ...
        @overload
        def hessian(self, *args: object, argnums: Several, **kwargs: object) -> tuple[Any, ...]: ...
        def hessian(self, *args: Any, **kwargs: Any) -> Any: ...

    else:

        def __call__(self, *args, **kwargs):
            """f's value."""
            return self._run("value", (), args, kwargs)

        def value_and_grad(self, *args, argnums=0, has_aux=False, **kwargs):
            """f's value, and its gradient by ``argnums``; with ``has_aux`` (value, other numbers) are f's value."""
            return self._run(WITH_AUX if has_aux else "value_and_grad", argnums, args, kwargs)

        def grad(self, *args, argnums=0, **kwargs):
            """The gradient alone."""
            return self._run("grad", argnums, args, kwargs)

        def hessian(self, *args, argnums=0, **kwargs):
            """The second derivatives: the argument's shape, twice."""
            return self._run("hessian", argnums, args, kwargs)

    def jacobian(self, *args: object, argnums: Argnums = 0, **kwargs: object) -> Any:
        """Every derivative of every output, in one program: the outputs' shape, then the arguments'."""
        return self._run("jacobian", argnums, args, kwargs)

    def hvp(self, x: Shape, v: Shape, /, **kwargs: object) -> Shape:
        """The Hessian at x times v, by the first argument; the others by keyword. ValueError where the shapes differ."""
        product: Shape = self._run(
            "hvp", 0, (x, like(x, v, "compile: v must have the shape of {model}, got {tree}")), kwargs
        )
        return product

    def jvp(self, primals: Sequence[object], tangents: Sequence[object], /, **kwargs: object) -> tuple[Any, Any]:
        """f(*primals), and how fast it changes when they move along ``tangents``; other arguments by keyword.

        >>> compile(lambda x, y: [x * y, x + y]).jvp((2.0, 3.0), (1.0, 10.0))
        ([6.0, 5.0], [23.0, 11.0])

        Forward mode: the price of one direction, for any number of outputs. Both results have the shape of f's. A tangent
        has the shape of its primal, over lanes one for each; that of a static argument is None. Raises ValueError where
        shapes differ, TypeError for what isn't a number.
        """
        moved: tuple[Any, Any] = self._run("jvp", *along(primals, tangents, self._parameters.all_static_places), kwargs)
        return moved

    def explain(self) -> CompileReport:
        """What was traced and compiled so far; it prints as a table, and its numbers are fields.

        >>> import numpy as np
        >>> f = compile(lambda w, x: (w * x - 1.0) ** 2, in_axes=(None, 0), reduce="mean")
        >>> value, derivative = f.value_and_grad(2.0, np.array([0.0, 1.0]))
        >>> report = f.explain()
        >>> report.name, report.branches, report.specialisations[0].arguments
        ('<lambda>', 1, ('w', 'x by lane'))

        A row is a transform for one shape of arguments: its branches, the loops and operations of their programs, the lanes
        that a vector computes at once, the threads that share the lanes at most, the seconds it took to trace and compile.
        """
        each = tuple(map(SpecialisationReport.of, list(self._specialisations.values())))
        return CompileReport(str(getattr(self.f, "__name__", self.f)), each)

    @property
    def program(self) -> Program:
        """Value and gradient by all arguments as a program, for arguments shaped as in the last call, numbers before any."""
        args, keywords = self._last if self._last is not None else self._parameters.numbers()
        form = self._parameters.form(len(args), keywords)
        marked = form.marked(args)
        by = tuple([k for k, arg in enumerate(marked) if not any(map(is_static, leaves_of(arg)))])
        return self._specialisation("value_and_grad", by, marked, form).program(marked)

    def __reduce__(self) -> str | tuple[object, ...]:
        if isinstance(self.f, MethodType) and isinstance(getattr(type(self.f.__self__), self.__name__, None), Compiled):
            return getattr, (self.f.__self__, self.__name__)
        options = self.in_axes, self.reduce, self.strict, self.threads, self.max_branches
        return global_name(self, self.f) or (Compiled, (self.f, *options, self.static_argnums, self.static_argnames))

    def _run(self, transform: str, argnums: Argnums, args: tuple[object, ...], kwargs: Mapping[str, object]) -> Any:
        keywords: Names = ()
        if kwargs:
            args, keywords = self._parameters.bind(args, kwargs, transform)
        if argnums.__class__ is not int and argnums.__class__ is not tuple:
            argnums = as_argnums(argnums)
        if context.active and context.tracer():
            return self._within_trace(transform, argnums, args, keywords)
        key = transform, argnums, len(args), keywords
        in_derivative = differentiating()
        fastpath = None if in_derivative else self.fastpaths.get(key)
        if fastpath is not None:
            result = fastpath(args)
            if result is not MISS:
                return result
        form = self._parameters.form(len(args), keywords, transform)
        if form.holds_value(args):
            return self._uncompiled(transform, argnums, args, keywords)
        marked = form.marked(args)
        specialisation = self._specialisation(transform, form.chosen(as_argnums(argnums)), marked, form)
        if transform not in FORMS:
            self._last = args, keywords
        known = len(specialisation.branches)
        result = specialisation(marked)
        if known < len(specialisation.branches):
            self._reuse.compiled(specialisation)
        if in_derivative and any(map(differentiated_by, specialisation.captured())):
            return self._uncompiled(transform, argnums, args, keywords)
        if specialisation.fastpath is not None:
            self.fastpaths[key] = self._warming(key, specialisation)
        return result

    def _warming(self, key: Hashable, specialisation: Specialisation) -> Fastpath:
        """Its fast path, which makes way for quicker ones as it is used."""
        me = ref(self)  # no circle: what is dropped is freed at once

        def put(fastpath: Fastpath) -> None:
            compiled = me()
            if compiled is not None:
                compiled.fastpaths[key] = fastpath

        return specialisation.warming(put)

    def _within_trace(self, transform: str, argnums: Argnums, args: tuple[object, ...], keywords: Names) -> Any:
        """A call while another function is traced, by that function or by a signal's handler.

        What runs over lanes can't be recorded; of numbers alone it is a constant there, and need not be.
        """
        if self.in_axes is None or holds_value(args):
            return self._uncompiled(transform, argnums, args, keywords)
        with context.traced_by(None):
            result = self._run(transform, argnums, *positional_and_named(args, keywords))
        if any(branch.inputs.captured for each in self._specialisations.values() for branch in each.branches):
            raise self._unrecordable()
        return result

    def _unrecordable(self) -> TypeError:
        return TypeError(
            f"{self!r} runs over lanes, so it can't record what it does with Values; call the function itself "
            "for every lane, or compile what calls it as a whole"
        )

    def _uncompiled(self, transform: str, argnums: Argnums, args: tuple[object, ...], keywords: Names) -> Any:
        """f itself: on Values, and where another function is traced, its operations are to be recorded."""
        if self.in_axes is not None:
            raise self._unrecordable()
        return uncompiled(self.f, transform, argnums, *positional_and_named(args, keywords))

    def _specialisation(
        self, transform: str, argnums: int | tuple[int, ...], args: tuple[object, ...], form: CallSignature
    ) -> Specialisation:
        key = transform, argnums, form.keywords, signature(args, form.axes)
        try:
            specialisation = self._specialisations.get(key)
        except TypeError:  # no hash: it says which argument
            Spec.of(args, form.axes, form.names)
            raise
        if specialisation is None:
            with self._lock:
                specialisation = self._specialisations.get(key) or self._specialise(transform, argnums, args, form)
                self._specialisations[key] = specialisation
        return specialisation

    def _specialise(
        self, transform: str, argnums: int | tuple[int, ...], args: tuple[object, ...], form: CallSignature
    ) -> Specialisation:
        options = Options(
            form.function(), transform, argnums, self.reduce, self.strict, self.threads, self.max_branches, Clock()
        )
        return Specialisation(options, Spec.of(args, form.axes, form.names))
