"""Bundles: the edges from one folded box to another, drawn as one."""

from __future__ import annotations

from autograd.value import Value

SOME = 100  # edges of a bundle whose numbers are in its tooltip


class Bundle:
    """The ``count`` of edges, the first ``SOME`` of them as (operand, user, operand's index), and if one is highlighted.

    >>> x = Value(3.0); y = x * x
    >>> bundle = Bundle()
    >>> bundle.count, bundle.some = 2, [(x, y, 0), (x, y, 1)]
    >>> bundle.values(), bundle.gradients()
    ([3.0, 3.0], [])
    """

    __slots__ = ("count", "highlighted", "some")

    def __init__(self) -> None:
        self.count, self.highlighted = 0, False
        self.some: list[tuple[Value, Value, int]] = []

    def merge(self, other: Bundle) -> None:
        """Add the edges of another bundle."""
        self.count += other.count
        self.some += other.some[: max(0, SOME - len(self.some))]
        self.highlighted = self.highlighted or other.highlighted

    def values(self) -> list[float]:
        """The values of the first edges."""
        return [operand.data for operand, _, _ in self.some]

    def gradients(self) -> list[float]:
        """The gradients of the first edges; empty before a backward pass."""
        gradients: list[float] = []
        last: Value | None = None
        partials: tuple[float, ...] = ()
        for _, user, index in self.some:
            if user.grad_or_none is not None:
                if user is not last:  # edges to the same user are neighbours: its partials are computed once
                    last, partials = user, user.local_derivatives
                gradients.append(user.grad_or_none * partials[index])
        return gradients
