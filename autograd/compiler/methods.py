"""How a compiled function is called: as itself, or for its gradient, Hessian …, each a transform of ``TRANSFORMS``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, Never, ParamSpec, TypeAlias, TypeVar, overload

from autograd.compiler.binding import Parameters
from autograd.compiler.directions import along, like
from autograd.compiler.signature import Axes
from autograd.compiler.transforms import WITH_AUX
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
            return self._run(WITH_AUX if has_aux else "value_and_grad", argnums, args, kwargs)

        def grad(self, *args, argnums=0, **kwargs):
            """The gradient alone."""
            return self._run("grad", argnums, args, kwargs)

        def hessian(self, *args, argnums=0, sparse=False, **kwargs):
            """The second derivatives: the argument's shape, twice; with ``sparse`` as ``jacobian``."""
            return self._run(self._of_point("hessian") if sparse else "hessian", argnums, args, kwargs)

    def jacobian(self, *args: object, argnums: Argnums = 0, sparse: bool = False, **kwargs: object) -> Any:
        """Every derivative of every output, in one program: the outputs' shape, then the arguments'.

        >>> from autograd import compile
        >>> compile(lambda x: [x[0] * x[1], x[1] ** 2]).jacobian([2.0, 3.0], sparse=True).toarray().tolist()
        [[3.0, 2.0], [0.0, 6.0]]

        In forward mode where there are fewer numbers to differentiate by than outputs, else in reverse. With ``sparse`` it
        is a ``scipy.sparse.csr_array``, as ``autograd.jacobian`` gives it. Its pattern is that of the branch that the call
        takes: it has both sides of each ``where``, and of each ``if`` the one taken. All colours are lanes of one call.
        Where an entry isn't finite f is called node by node, so that no ∞ spoils others.

        Raises TypeError with ``sparse`` where the function runs over lanes.
        """
        return self._run(self._of_point("jacobian") if sparse else "jacobian", argnums, args, kwargs)

    def _of_point(self, transform: str) -> str:
        """The sparse kind of a transform, which is of a single point."""
        if self.in_axes is not None:
            raise TypeError(f"{self!r} runs over lanes, and a sparse array is of one point; compile it without in_axes")
        return f"sparse {transform}"

    def hvp(self, x: Shape, v: Shape, /, **kwargs: object) -> Shape:
        """The Hessian at x times v, by the first argument; the others by keyword. ValueError where the shapes differ."""
        product: Shape = self._run(
            "hvp", 0, (x, like(x, v, "compile: v must have the shape of {model}, got {tree}")), kwargs
        )
        return product

    def jvp(self, primals: Sequence[object], tangents: Sequence[object], /, **kwargs: object) -> tuple[Any, Any]:
        """f(*primals), and how fast it changes when they move along ``tangents``; other arguments by keyword.

        >>> from autograd import compile
        >>> compile(lambda x, y: [x * y, x + y]).jvp((2.0, 3.0), (1.0, 10.0))
        ([6.0, 5.0], [23.0, 11.0])

        Forward mode: the price of one direction, for any number of outputs. Both results have the shape of f's. A tangent
        has the shape of its primal, over lanes one for each; that of a static argument is None. Raises ValueError where
        shapes differ, TypeError for what isn't a number.
        """
        moved: tuple[Any, Any] = self._run("jvp", *along(primals, tangents, self._parameters.all_static_places), kwargs)
        return moved
