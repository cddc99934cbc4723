"""Gradients under masks: a side that ``where`` didn't choose can't poison a gradient with its infinities.

Eager mode never visits the side that wasn't chosen. Here every lane passes both sides, so a gradient that has come through
a choice carries its mask, and outside the mask its product with a local derivative is 0, whatever the factors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeAlias

from autograd.compiler.conditions import CHOOSERS
from autograd.functions import maximum
from autograd.graph import number_of
from autograd.rules.operations import N, Operand
from autograd.transforms.types import Scalar
from autograd.value import Value, record


class Masks(Protocol[N]):
    """Who computes with masks: a tape on symbols, ``ValueMasks`` on Values."""

    def apply(self, op: str, *operands: Operand[N]) -> N:
        """``where``, ``not``, ``and`` or ``or`` of masks and numbers."""


class Side(Generic[N]):
    """The local derivative of ``where`` by one of its sides: 1 in the lanes that choose it, no derivative elsewhere."""

    __slots__ = ("chosen_if", "condition")

    def __init__(self, condition: Operand[N], chosen_if: bool):
        self.condition, self.chosen_if = condition, chosen_if


class Transfer(ABC):
    """A local derivative that is no number: how an adjoint goes to the operand, where one of them has many numbers."""

    __slots__ = ()

    @abstractmethod
    def applied(self, upstream: Any) -> Any:
        """The operand's adjoint."""


Local: TypeAlias = Operand[N] | Side[N] | Transfer | None  # None: no derivative, as of a comparison


class Adjoint(Generic[N]):
    """An adjoint ``x``, None where there is none, and the ``mask`` of the lanes it applies to, None for all."""

    __slots__ = ("mask", "masks", "x")

    def __init__(self, masks: Masks[N], x: Operand[N] | None, mask: Operand[N] | None):
        self.masks, self.x, self.mask = masks, x, mask

    def __mul__(self, local: Local[N]) -> Any:
        if isinstance(local, Transfer):
            return local.applied(self)
        if local is None or self.x is None:
            return Adjoint(self.masks, None, None)
        if isinstance(local, Side):
            return self._through(local, self.x)
        product: Operand[N] = self.x * local
        if self.mask is not None:
            product = self._apply("where", self.mask, product, 0.0)
        return Adjoint(self.masks, product, self.mask)

    def _through(self, side: Side[N], x: Operand[N]) -> Adjoint[N]:
        condition = side.condition
        if isinstance(condition, bool):
            return self if condition == side.chosen_if else Adjoint(self.masks, None, None)
        chosen = condition if side.chosen_if else self._apply("not", condition)
        mask = chosen if self.mask is None else self._apply("and", self.mask, chosen)
        sides = (x, 0.0) if side.chosen_if else (0.0, x)
        return Adjoint(self.masks, self._apply("where", condition, *sides), mask)

    def _apply(self, op: str, *operands: Operand[N]) -> N:
        return self.masks.apply(op, *operands)

    def __add__(self, other: Adjoint[N]) -> Adjoint[N]:
        if self.x is None or other.x is None:
            return other if self.x is None else self
        mask = None
        if self.mask is not None and other.mask is not None:
            mask = self._apply("or", self.mask, other.mask)
        return Adjoint(self.masks, self.x + other.x, mask)


class ValueMasks:
    """Masks as Values: 1 or 0."""

    def apply(self, op: str, *operands: Scalar) -> Scalar:
        """The operation, recorded."""
        if op == "where":
            mask, a, b = operands
            return record(CHOOSERS["lt"], number_of(a if number_of(mask) > 0.0 else b), (0.0, mask, a, b))
        if op == "not":
            return 1.0 - operands[0]
        a, b = operands
        return a * b if op == "and" else maximum(a, b)


def totals_of(adjoints: Mapping[Value, Adjoint[N]]) -> dict[Value, Operand[N]]:
    """The gradients alone, without nodes to which nothing came but from comparisons."""
    return {node: adjoint.x for node, adjoint in adjoints.items() if adjoint.x is not None}
