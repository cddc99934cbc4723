"""How a compiled function is called: as itself, or for its gradient, Hessian …, each a transform of ``TRANSFORMS``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, Never, ParamSpec, TypeAlias, TypeVar, overload

from autograd.compiler.binding import Parameters, as_argnums
from autograd.compiler.directions import along, like
from autograd.compiler.signature import Axes
from autograd.compiler.transforms import HAS_AUX
from autograd.transforms.types import Argnum, Argnums, Shape
from autograd.value import Value

P = ParamSpec("P")
R = TypeVar("R")
Several: TypeAlias = tuple[Argnum, ...] | list[int] | list[str]  # no Sequence: a str is one


class Methods(ABC, Generic[P, R]):
    """What can be called of a compiled function, and as what; ``_run`` computes it."""

    in_axes: Axes
    _parameters: Parameters

    @abstractmethod
    def _run(self, transform: str, argnums: Argnums, args: tuple[object, ...], kwargs: Mapping[str, object]) -> Any:
        """A transform at these arguments."""

    def unrecordable(self) -> TypeError:
        """What a call raises whose operations would have to be recorded."""
        return TypeError(
            f"{self!r} runs over lanes, so it can't record what it does with Values; call the function itself "
            "for every lane, or compile what calls it as a whole"
        )

    if TYPE_CHECKING:
        # Where f's result is unknown to a checker, as a lambda's is, Never fits it, and so is what comes back. For numbers a
        # function on Values gives numbers. The fourth overload holds where the arguments fit f's own signature; over lanes
        # it may be called with arrays too.
        @overload
        def __call__(self: Methods[..., Never], *args: object, **kwargs: object) -> Any: ...
        @overload
        def __call__(self: Methods[..., Value], x: float | list[float], /, *args: float | list[float]) -> float: ...
        @overload
        def __call__(
            self: Methods[..., list[Value]], x: float | list[float], /, *args: float | list[float]
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
        @overload
        def grad(self, *args: object, argnums: Argnums = 0, has_aux: Literal[True], **kwargs: object) -> tuple[Any, Any]: ...
        def grad(self, *args: Any, **kwargs: Any) -> Any: ...

        @overload
        def hessian(self, x: float, /, *args: float, argnums: Argnum = 0) -> float: ...
        @overload
        def hessian(self, x: list[float], /) -> list[list[float]]: ...
        @overload
        def hessian(self, *args: object, argnums: Argnums = 0, sparse: Literal[True], **kwargs: object) -> Any: ...
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
            return self._run(_name("value_and_grad", has_aux), argnums, args, kwargs)

        def grad(self, *args, argnums=0, has_aux=False, **kwargs):
            """The gradient alone; with ``has_aux`` (gradient, other numbers) of an f that returns (value, other numbers)."""
            return self._run(_name("grad", has_aux), argnums, args, kwargs)

        def hessian(self, *args, argnums=0, has_aux=False, sparse=False, **kwargs):
            """The second derivatives: the argument's shape, twice; with ``sparse`` and ``has_aux`` as ``jacobian``."""
            return self._run(self._matrix("hessian", has_aux, sparse), argnums, args, kwargs)

    def jacobian(
        self, *args: object, argnums: Argnums = 0, has_aux: bool = False, sparse: bool = False, **kwargs: object
    ) -> Any:
        """Every derivative of every output, in one program: the outputs' shape, then the arguments'.

        >>> from autograd import compile
        >>> compile(lambda x: [x[0] * x[1], x[1] ** 2]).jacobian([2.0, 3.0], sparse=True).toarray().tolist()
        [[3.0, 2.0], [0.0, 6.0]]

        In forward mode where there are fewer numbers to differentiate by than outputs, else in reverse. With ``sparse`` it
        is a ``scipy.sparse.csr_array``, as ``autograd.jacobian`` gives it. Its pattern is that of the branch that the call
        takes: it has both sides of each ``where``, and of each ``if`` the one taken. All colours are lanes of one call.
        Where an entry isn't finite f is called node by node, so that no ∞ spoils others.

        With ``has_aux`` f returns (outputs, other numbers), and this (Jacobian, other numbers).

        Raises TypeError with ``sparse`` where the function runs over lanes, or has aux.
        """
        return self._run(self._matrix("jacobian", has_aux, sparse), argnums, args, kwargs)

    def _matrix(self, transform: str, has_aux: bool, sparse: bool) -> str:
        """Which kind of a transform; the sparse one is of a single point."""
        if not sparse:
            return _name(transform, has_aux)
        if self.in_axes is not None:
            raise TypeError(f"{self!r} runs over lanes, and a sparse array is of one point; compile it without in_axes")
        if has_aux:
            raise TypeError(f"compile: {transform} takes sparse or has_aux, not both; call f itself for the others")
        return f"sparse {transform}"

    @overload
    def hvp(self, x: Shape, v: Shape, /) -> Shape: ...
    @overload
    def hvp(self, *args: object, argnums: Argnums = 0, has_aux: bool = False, **kwargs: object) -> Any: ...
    def hvp(self, *args: object, argnums: Argnums = 0, has_aux: bool = False, **kwargs: object) -> Any:
        """The Hessian at f's arguments times v, which comes behind them; what f takes by keyword comes by keyword.

        >>> from autograd import compile
        >>> compile(lambda x, y: x ** 2 * y).hvp(1.0, 2.0, (1.0, 0.0), argnums=(0, 1))
        (4.0, 2.0)

        v has the shape of the argument that ``argnums`` names, of several it is a tuple, and so is the result. With
        ``has_aux`` f returns (value, other numbers), and this (product, other numbers). Raises ValueError where the shapes
        differ, TypeError where v is missing.
        """
        if not args:
            raise TypeError("compile: v is missing; give the arguments and then v, of the shape of the one it is taken by")
        *given, v = args
        every, names = (*given, *kwargs.values()), tuple(kwargs)
        chosen = self._parameters.form(len(every), names).chosen(as_argnums(argnums))
        model = every[chosen] if isinstance(chosen, int) else tuple([every[k] for k in chosen])
        v = like(model, v, "compile: v must have the shape of {model}, got {tree}")
        return self._run(_name("hvp", has_aux), argnums, (*given, v), kwargs)

    @overload
    def jvp(
        self, primals: Sequence[object], tangents: Sequence[object], /, *, has_aux: Literal[True], **kwargs: object
    ) -> tuple[Any, Any, Any]: ...
    @overload
    def jvp(
        self, primals: Sequence[object], tangents: Sequence[object], /, has_aux: Literal[False] = False, **kwargs: object
    ) -> tuple[Any, Any]: ...
    def jvp(self, primals: Sequence[object], tangents: Sequence[object], /, has_aux: bool = False, **kwargs: object) -> Any:
        """f(*primals), and how fast it changes when they move along ``tangents``; other arguments by keyword.

        >>> from autograd import compile
        >>> compile(lambda x, y: [x * y, x + y]).jvp((2.0, 3.0), (1.0, 10.0))
        ([6.0, 5.0], [23.0, 11.0])

        Forward mode: the price of one direction, for any number of outputs. Both results have the shape of f's. A tangent
        has the shape of its primal, over lanes one for each; that of a static argument is None. With ``has_aux`` f returns
        (value, other numbers), and this (value, tangent, other numbers). Raises ValueError where shapes differ, TypeError
        for what isn't a number.
        """
        places, args = along(primals, tangents, self._parameters.all_static_places)
        return self._run(_name("jvp", has_aux), places, args, kwargs)


def _name(transform: str, has_aux: bool) -> str:
    return f"{transform}{HAS_AUX}" if has_aux else transform
