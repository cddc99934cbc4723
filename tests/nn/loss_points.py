"""Points for every loss: what PyTorch and nn are compared at. A loss by name, its settings, a prediction and a target."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

NUMBERS = (0.0, 0.001, -0.5, 1.25, 3.0, -20.0, 1000.0, -1000.0)
TARGETS = (0.0, 1.0, -2.5, 1000.0, -1000.0)
LOGITS = ([0.0, 0.0], [1.0, 3.0, -2.0], [1000.0, -1000.0, 0.0], [-1000.0, 1000.0], [999.5, 1000.0, 1000.25, 998.0])


class Point(NamedTuple):
    """Where a loss is evaluated."""

    loss: str
    settings: dict[str, Any]
    prediction: Any
    target: Any


def points() -> Iterator[Point]:
    """All of them; kinks, where one may choose a derivative, are left out."""
    for y in NUMBERS:
        for t in TARGETS:
            yield from (Point("mse", {}, y, t), Point("half_squared_error", {}, y, t))
            yield from (Point("huber", {"delta": delta}, y, t) for delta in (1.0, 0.25, 600.0))
            if y != t:
                yield Point("mae", {}, y, t)
                yield from (Point("quantile", {"q": q}, y, t) for q in (0.5, 0.1, 0.9))
            yield from (Point("gaussian_nll", {}, [y, s], t) for s in (-1000.0, -20.0, -10.0, 0.0, 2.5, 300.0))
        for bit in (0, 1):
            yield Point("binary_cross_entropy_with_logits", {}, y, bit)
            if y != 2 * bit - 1:
                yield Point("hinge", {}, y, 2 * bit - 1)
        yield from (Point("poisson_nll", {}, y, count) for count in (0, 1, 2.5, 1000))
    for p in (0.001, 0.25, 0.5, 0.999):
        yield from (Point("binary_cross_entropy", {}, p, bit) for bit in (0, 1))
    for logits in LOGITS:
        for k in range(len(logits)):
            yield from (Point("cross_entropy", {"label_smoothing": share}, logits, k) for share in (0.0, 0.1))
    for loss in ("mse", "half_squared_error", "mae", "huber"):
        yield Point(loss, {}, [1.0, -3.0, 1000.0], [0.5, 2.0, -1000.0])
    yield Point("poisson_nll", {}, [1.0, -3.0, 1000.0], [0, 2, 3])
    yield Point("gaussian_nll", {}, [1.0, -3.0, 0.5, -1.0], [0.5, 2.0])
    yield Point("gaussian_nll", {"eps": 0.1}, [1.0, -3.0, -5.0, 1.0], [0.5, 2.0])
    yield Point("quantile", {"q": [0.1, 0.5, 0.9]}, [1.0, -3.0, 1000.0], 0.5)
