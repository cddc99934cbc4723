"""``compile``: a function on numbers, traced once for every shape of its arguments and run as machine code."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial, update_wrapper
from types import MethodType
from typing import Any, Literal, ParamSpec, Self, TypeAlias, TypeVar, overload
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
from autograd.compiler.coloured import COLOURED, sparse_derivative
from autograd.compiler.directions import uncompiled
from autograd.compiler.executors import Executor
from autograd.compiler.fastpath import Fastpath
from autograd.compiler.lane_tasks import RangeResult
from autograd.compiler.over import Over, Shareable
from autograd.compiler.recent import Recent
from autograd.compiler.recompilation import Reuse
from autograd.compiler.report import CompileReport, SpecialisationReport
from autograd.compiler.runtime.builtin import MISS
from autograd.compiler.signature import Axes, Spec, is_static, signature, static_key
from autograd.compiler.specialisation import Specialisation
from autograd.compiler.transforms import Options
from autograd.compiler.worker import MOST, TaskCall
from autograd.interop.coerce import describe
from autograd.interop.forks import lock_of
from autograd.modes import context
from autograd.modes.graph_cut import differentiated_by, differentiating
from autograd.program.program import Program
from autograd.transforms.call import global_name, holds_value
from autograd.transforms.trees import leaves_of
from autograd.transforms.types import Argnums, Function
from autograd.value import Value

P = ParamSpec("P")
R = TypeVar("R")
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


class Compiled(Shareable[P, R]):
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

    def captured(self) -> Iterator[Value]:
        """The Values that it reads and that aren't arguments, as far as it was traced."""
        return (leaf for each in list(self._specialisations.values()) for leaf in each.captured())

    def range_of_tasks(self, call: TaskCall, args: tuple[object, ...], first: int) -> RangeResult:
        """What a range of tasks of a call gives, ``first`` the number of their first; the arguments have its lanes alone."""
        form = self._parameters.form(len(args), call.keywords, call.transform, call.argnums)
        specialisation = self.specialisation(call.transform, call.argnums, form.marked(args), form)
        return specialisation.partial(form.marked(args), call.step, first)

    def over(self, executor: Executor, workers: int | None = None) -> Over[P, R]:
        """The same function, which shares its lanes among the workers of an executor. See docs/over.md.

        >>> from concurrent.futures import ThreadPoolExecutor
        >>> import numpy as np
        >>> loss = compile(lambda w, x: (w * x - 1.0) ** 2, in_axes=(None, 0), reduce="mean")
        >>> x = np.linspace(0.0, 1.0, 1000)
        >>> with ThreadPoolExecutor(2) as pool:
        ...     shared = loss.over(pool)
        ...     shared.value_and_grad(2.0, x) == loss.value_and_grad(2.0, x)  # to the last bit
        True

        executor: whatever has ``submit(function, *args)`` that gives futures: a pool of processes or threads, of loky or
                  mpi4py.futures, a ``dask.distributed.Client`` or its executor.
        workers:  into how many shares the lanes are cut at most; None for as many as the executor says it has. No result
                  depends on it.

        What comes back is called like this function, and ``scatter`` puts arrays where the workers find them, so that a
        call sends the other arguments alone. Raises TypeError for what is no executor or can't be sent to its workers,
        ValueError where no argument has lanes.
        """
        return Over(self, executor, workers)

    @property
    def program(self) -> Program:
        """Value and gradient by all arguments as a program, for arguments shaped as in the last call, numbers before any."""
        args, keywords = self._last if self._last is not None else self._parameters.numbers()
        form = self._parameters.form(len(args), keywords)
        marked = form.marked(args)
        by = tuple([k for k, arg in enumerate(marked) if not any(map(is_static, leaves_of(arg)))])
        return self.specialisation("value_and_grad", by, marked, form).program(marked)

    def __reduce__(self) -> str | tuple[object, ...]:
        if isinstance(self.f, MethodType) and isinstance(getattr(type(self.f.__self__), self.__name__, None), Compiled):
            return getattr, (self.f.__self__, self.__name__)
        options = self.in_axes, self.reduce, self.strict, self.threads, self.max_branches
        return global_name(self, self.f) or (recalled, (self.f, *options, self.static_argnums, self.static_argnames))

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
        form = self._parameters.form(len(args), keywords, transform, argnums)
        if form.holds_value(args):
            return self._uncompiled(transform, argnums, args, keywords)
        marked = form.marked(args)
        if transform in COLOURED:
            return self._coloured(transform, form.chosen(as_argnums(argnums)), args, keywords)
        specialisation = self.specialisation(transform, form.chosen(as_argnums(argnums)), marked, form)
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

    def _coloured(self, transform: str, argnums: int | tuple[int, ...], args: tuple[object, ...], keywords: Names) -> Any:
        """A sparse derivative; node by node where an entry isn't finite, or f depends on what is differentiated."""

        def specialised(name: str, seeds: object) -> tuple[Specialisation, tuple[object, ...]]:
            form = self._parameters.form(len(args) + 1, keywords, name)
            marked = form.marked((*args, seeds))
            return self.specialisation(name, argnums, marked, form), marked

        several = argnums if isinstance(argnums, tuple) else (argnums,)
        matrix = sparse_derivative(transform, [args[k] for k in several], isinstance(argnums, int), specialised)
        return self._uncompiled(transform, argnums, args, keywords) if matrix is None else matrix

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
        if any(self.captured()):
            raise self.unrecordable()
        return result

    def _uncompiled(self, transform: str, argnums: Argnums, args: tuple[object, ...], keywords: Names) -> Any:
        """f itself: on Values, and where another function is traced, its operations are to be recorded."""
        if self.in_axes is not None:
            raise self.unrecordable()
        return uncompiled(self.f, transform, argnums, *positional_and_named(args, keywords))

    def specialisation(
        self, transform: str, argnums: int | tuple[int, ...], args: tuple[object, ...], form: CallSignature
    ) -> Specialisation:
        """That of a transform for arguments of this shape."""
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
        how = self.reduce, self.strict, self.threads, self.max_branches
        options = Options(form.function(), transform, argnums, *how, Clock(), form.places)
        return Specialisation(options, Spec.of(args, form.axes, form.names))


RECALLED = Recent[Compiled[..., Any]](MOST)


def recalled(f: Function, *options: Any) -> Compiled[..., Any]:
    """A function compiled with these options, from a pickle: that of the last such pickle, with its machine code.

    So where a process gets it with every task, it compiles once. What is no function of a module is another each time.
    """
    if global_name(f, f) is None:
        return Compiled(f, *options)
    return RECALLED.get((f, repr(options)), lambda: Compiled(f, *options))
