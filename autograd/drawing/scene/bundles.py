"""Edges between folded boxes: all that goes from one to another is drawn as one."""

from __future__ import annotations

from autograd.value import Value

SOME = 100  # edges of a bundle whose numbers are looked at


class Bundle:
    """Many edges: how many there are, ``some`` of them as (operand, user, place), and whether one is highlighted.

    >>> x = Value(3.0); y = x * x
    >>> bundle = Bundle()
    >>> bundle.count, bundle.some = 2, [(x, y, 0), (x, y, 1)]
    >>> bundle.values(), bundle.gradients()
    ([3.0, 3.0], [])
    """

    __slots__ = ("count", "lit", "some")

    def __init__(self) -> None:
        self.count, self.lit = 0, False
        self.some: list[tuple[Value, Value, int]] = []

    def merge(self, other: Bundle) -> None:
        """All edges of another one."""
        self.count += other.count
        self.some += other.some[: max(0, SOME - len(self.some))]
        self.lit = self.lit or other.lit

    def values(self) -> list[float]:
        """What some of the edges carry."""
        return [operand.data for operand, _, _ in self.some]

    def gradients(self) -> list[float]:
        """What flows back along some of the edges; nothing before a backward pass."""
        found: list[float] = []
        last: Value | None = None
        slopes: tuple[float, ...] = ()
        for _, user, place in self.some:
            if user.grad is not None:
                if user is not last:  # the operands of a node follow each other
                    last, slopes = user, user.local_derivatives
                found.append(float(user.grad) * slopes[place])
        return found
