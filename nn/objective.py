"""``objective``: the mean loss of a model on data as a function of one flat array, with its derivatives.

>>> import nn
>>> model = nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
>>> f = objective(model, [[1.0], [3.0]], [0.0, 6.0], "mse")
>>> f([2.0, 0.0])
2.0

It is what optimisers that aren't gradient descent ask for: those of scipy, or a Newton's method of one's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, SupportsFloat, TypeVar

import autograd
from autograd import Value
from autograd.interop.coerce import describe
from autograd.interop.packages import found
from autograd.transforms.types import Scalar
from nn.agreement import batch_loss
from nn.arguments import as_float, real
from nn.compiled_step import CompiledStep, installed
from nn.data import Labels, Rows
from nn.examples import Examples, check_examples
from nn.graphs import plain, without_array
from nn.inference import assert_fits
from nn.losses import LOSSES, Loss, LossFunction, as_loss
from nn.module import Module
from nn.rebinding import with_parameters
from nn.trainer import UncompilableError

if TYPE_CHECKING:
    from nn.compiled_step import Step

Numbers = Iterable[SupportsFloat]
Found = TypeVar("Found")
NO_PACKAGES = "compiling needs llvmlite and NumPy: pip install '.[compile]' in a clone of chainrule"


def objective(
    model: Module,
    X: Rows,  # noqa: N803
    y: Labels,
    loss: str | LossFunction = "mse",
    *,
    weights: Sequence[float] | None = None,
    compiled: bool | None = None,
) -> Objective:
    """The mean loss on X and y as a function of the model's parameters, all in one array.

    >>> import nn
    >>> from scipy.optimize import minimize
    >>> model = nn.MLP(1, [4, 1], "tanh", seed=0)
    >>> X = [[x / 10] for x in range(-10, 11)]
    >>> f = nn.objective(model, X, [x * x for (x,) in X], "mse")
    >>> found = minimize(f.value_and_grad, f.x0, jac=True, method="L-BFGS-B")
    >>> f.assign(found.x)  # the model has them now
    >>> f(f.x0) < 1e-4
    True

    model:    an ``nn.Module``. Its trainable parameters are the function's arguments, in the order of
              ``trainable_parameters()``; frozen ones are read from the model at every call.
    X, y:     rows and targets, as for ``nn.fit``.
    loss:     a name, a function of (prediction, target), or of (model, row, target).
    weights:  how much each row counts: the loss is Σ w·l / Σ w.
    compiled: None runs it as machine code where that can be, else number by number, and ``why`` says why; True raises
              ``UncompilableError`` at the first call where it can't be; False is the graph.

    The model stays as it is until ``assign``. ``nn.Noise`` and ``nn.Dropout`` are off: a function has one value at a point.
    Raises TypeError or ValueError naming the argument, or the row and column of the data.
    """
    if not isinstance(model, Module):
        raise TypeError(f"objective: model must be an nn.Module such as nn.MLP(2, [8, 1]), got {describe(model)}")
    if not model.trainable_parameters():
        raise ValueError("objective: all parameters are frozen, so nothing is left to vary; model.unfreeze() frees them")
    examples, criterion = check_examples(X, y, "", weights), as_loss(loss)
    assert_fits(model, criterion, examples)
    return Objective(model, examples, criterion, compiled)


class Objective:
    """A model's mean loss on some rows, as a function of its trainable parameters in one flat array. See ``objective``.

    >>> import nn
    >>> model = nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
    >>> f = objective(model, [[1.0], [3.0]], [0.0, 6.0])
    >>> f
    Objective(mse of MLP(1 → 1 linear; 2 parameters) on 2 rows)
    >>> value, gradient = f.value_and_grad([2.0, 0.0])
    >>> value, list(map(float, gradient))
    (2.0, [2.0, 2.0])
    >>> [list(map(float, row)) for row in f.hessian([2.0, 0.0])]
    [[10.0, 4.0], [4.0, 2.0]]

    Gradients and Hessians are arrays, lists where NumPy is missing. ``compiled`` says whether the last call was machine
    code, ``why`` why it wasn't.
    """

    def __init__(self, model: Module, examples: Examples, loss: Loss, compiled: bool | None = None):
        self.model, self.examples, self.loss, self.wanted = model, examples, loss, compiled
        self.why = "" if compiled is False or installed() else NO_PACKAGES
        self._parameters, self._everything = model.trainable_parameters(), model.parameters()
        self._places = _places(self._parameters, self._everything)
        self._fast: CompiledStep | None = None

    @property
    def compiled(self) -> bool:
        """Whether it is machine code."""
        return self._fast is not None and self._fast.works

    @property
    def x0(self) -> Any:
        """The model's numbers as they are now: where to begin."""
        return _array([parameter.data for parameter in self._parameters])

    def assign(self, numbers: Numbers) -> None:
        """Give the model these numbers. Raises ValueError where one isn't finite."""
        given = [real(f"objective: numbers[{i}]", x, least=-math.inf) for i, x in enumerate(self._checked(numbers))]
        for parameter, number in zip(self._parameters, given, strict=True):
            parameter.data = number

    def use(self, X: Rows, y: Labels, weights: Sequence[float] | None = None) -> None:  # noqa: N803
        """Be the mean loss on other data, by the same machine code. Raises as ``objective`` does."""
        examples = check_examples(X, y, "", weights)
        assert_fits(self.model, self.loss, examples)
        if self._traced_for(examples) != self._traced_for(self.examples):
            self._fast = None
        self.examples = examples

    def __call__(self, numbers: Numbers) -> float:
        """The mean loss at these parameters."""
        return self.value_and_grad(numbers)[0]

    def value_and_grad(self, numbers: Numbers) -> tuple[float, Any]:
        """The mean loss and its gradient, as ``scipy.optimize.minimize(…, jac=True)`` takes them."""
        point = self._checked(numbers)
        step: Step | None = self._by_machine_code(lambda fast: fast.gradient(self._all(point), self.examples))
        if step is not None:
            return step.loss, step.gradient[self._places]
        value, gradient = autograd.value_and_grad(self._mean_loss)(point)
        return plain(value), _array(plain(gradient))  # Values where parameters are frozen

    def grad(self, numbers: Numbers) -> Any:
        """The gradient alone, scipy's ``jac``."""
        return self.value_and_grad(numbers)[1]

    def hvp(self, numbers: Numbers, v: Numbers) -> Any:
        """The Hessian times v, scipy's ``hessp``: at some gradients' price, without the Hessian."""
        point, direction = self._checked(numbers), self._checked(v, "v")
        product = self._by_machine_code(lambda fast: fast.along(self._all(point), self._all(direction, 0.0), self.examples))
        if product is not None:
            return product[self._places]
        return _array(plain(autograd.hvp(self._mean_loss)(point, direction)))

    def hessian(self, numbers: Numbers) -> Any:
        """All second derivatives, scipy's ``hess``: a product with each unit vector, so that large nets compile too."""
        point = self._checked(numbers)
        units = [[float(i == j) for j in range(len(point))] for i in range(len(point))]
        return _array([self.hvp(point, unit) for unit in units])

    def __repr__(self) -> str:
        name = getattr(self.loss.function, "__name__", "a loss")
        return f"Objective({name} of {self.model} on {len(self.examples)} rows)"

    # -- how ---------------------------------------------------------------------------------------------

    def _mean_loss(self, numbers: Sequence[Value]) -> Scalar:
        """The mean loss by the graph, of a twin of the model."""
        model, loss = with_parameters((self.model, self.loss), self._parameters, numbers)
        rows, targets = self.examples.lists
        losses = [loss.of(model, x, t)[0] for x, t in zip(rows, targets, strict=True)]
        return batch_loss(losses, self.examples.weights_listed)

    def _by_machine_code(self, compute: Callable[[CompiledStep], Found | None]) -> Found | None:
        """What a compiled step gives; None where there is none."""
        if self.wanted is not False and not self.why:
            self._fast = self._fast or self._new_step()
            result = compute(self._fast)
            if result is not None:
                return result
            self.why = "" if self._fast.works else self._fast.reason
        if self.wanted and self.why:
            raise UncompilableError(f"with compiled=True, the objective must be compiled, and can't be: {self.why}")
        return None

    def _new_step(self) -> CompiledStep:
        labels, weighted = self._traced_for(self.examples)
        return CompiledStep(self.model, self.loss, labels, weighted, None)

    def _traced_for(self, examples: Examples) -> tuple[list[int], bool]:
        """The whole numbers that a loss of one's own may take as an index, and whether rows have weights."""
        return [] if self.loss in LOSSES.values() else sorted(examples.labels()), examples.weights is not None

    def _all(self, numbers: Sequence[float], frozen: float | None = None) -> Any:
        """An array for all parameters of the model; frozen ones have their own number, or this."""
        import numpy as np

        if len(self._everything) == len(self._parameters):
            return np.array(numbers)
        everything = np.array([p.data if frozen is None else frozen for p in self._everything])
        everything[self._places] = numbers
        return everything

    def _checked(self, numbers: Numbers, name: str = "numbers") -> list[float]:
        """A number for each trainable parameter."""
        given: Any = without_array(numbers)
        if not isinstance(given, list | tuple):
            raise TypeError(
                f"objective: {name} must be a list or array with a number for each parameter, got {numbers!r:.60}"
            )
        if len(given) != len(self._parameters):
            count = f"{len(self._parameters)} trainable parameters"
            raise ValueError(f"objective: {self.model} has {count}, but {name} has {len(given)} numbers")
        if set(map(type, given)) == {float}:  # as of an array, which scipy gives
            return list(given)
        return [as_float(f"objective: {name}[{i}]", x) for i, x in enumerate(given)]


def _places(parameters: Sequence[Value], among: Sequence[Value]) -> list[int]:
    """Where parameters stand among all."""
    place = {id(parameter): k for k, parameter in enumerate(among)}
    return [place[id(parameter)] for parameter in parameters]


def _array(numbers: list[Any]) -> Any:
    if not found("numpy"):
        return numbers
    import numpy as np

    return np.array(numbers, dtype=float)
