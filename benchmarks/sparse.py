"""Sparse derivatives: ``python -m benchmarks.sparse [--large]``.

The Hessian of Rosenbrock's function, and bundle adjustment as one Jacobian: cameras, points and weights against the errors
of all observations, compared with the dense blocks of each. ``--large`` takes 10⁵ variables and ADBench's 31 843
observations: minutes, and some GB.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import compile, hessian, jacobian
from benchmarks.table import Section, terminal
from benchmarks.workloads import ba

CAMERA, POINT = 11, 3  # numbers


def rosenbrock(x: Any) -> Any:
    total = 0.0
    for i in range(len(x) - 1):
        total = total + 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


class Bundle:
    """So many cameras, points and observations, the i-th of camera i mod n and point i mod m as in ADBench."""

    def __init__(self, cameras: int, points: int, observations: int):
        near = np.random.default_rng(0).uniform(0.9, 1.1, (observations, 17))
        every = near * np.array([*ba.CAMERA, *ba.POINT, *ba.WEIGHT, *ba.FEATURE])
        self.seen = [(i % cameras, i % points) for i in range(observations)]
        self.features = every[:, 15:]
        self.start = points_at, weights_at = cameras * CAMERA, cameras * CAMERA + points * POINT
        self.x = np.concatenate([every[:cameras, :11].ravel(), every[:points, 11:14].ravel(), every[:, 14]])
        self.columns = np.array(
            [
                [
                    *range(c * CAMERA, c * CAMERA + 11),
                    *range(points_at + p * POINT, points_at + p * POINT + 3),
                    weights_at + i,
                ]
                for i, (c, p) in enumerate(self.seen)
            ]
        )

    def errors(self, x: Any) -> list[Any]:
        """Two of reprojection for each observation, then 1 − w² of each weight."""
        found = [ba.residual(autograd, [x[k] for k in ks], f) for ks, f in zip(self.columns, self.features, strict=True)]
        return [*[e for pair in found for e in pair], *[1.0 - x[ks[14]] * x[ks[14]] for ks in self.columns]]

    def blocks(self) -> Any:
        """The dense 2 × 15 blocks of all observations, by lanes."""
        each = compile(lambda w, f: ba.residual(autograd, w, f), in_axes=(0, 0))
        return np.stack(each.jacobian(self.x[self.columns], self.features), axis=1)

    def from_blocks(self) -> Any:
        """The complete matrix, put together from the blocks."""
        from scipy.sparse import csr_array

        count = len(self.seen)
        rows = np.repeat(np.arange(2 * count), 15)
        columns = np.repeat(self.columns, 2, axis=0).ravel()
        weights = self.columns[:, 14]
        rows, columns = np.append(rows, 2 * count + np.arange(count)), np.append(columns, weights)
        return csr_array(
            (np.append(self.blocks().ravel(), -2.0 * self.x[weights]), (rows, columns)), (3 * count, len(self.x))
        )


def difference(found: Any, expected: Any) -> float:
    """The largest, by ADBench's metric, of two matrices with the same entries; inf where they have others."""
    expected.eliminate_zeros()  # the first error doesn't depend on the second coordinate of the principal point
    expected.sort_indices()
    if found.shape != expected.shape or not np.array_equal(found.indices, expected.indices):
        return float("inf")
    x, y = found.data, expected.data
    return float(np.max(np.abs(x - y) / np.maximum(1.0, np.abs(x) + np.abs(y))))


def timed(f: Callable[[], Any]) -> tuple[Any, str]:
    """A result, and the seconds of a processor that it took."""
    start = time.process_time()
    return f(), f"{time.process_time() - start:.3g} s"


def main(large: bool) -> int:
    """Measure, compare and print; 1 if anything differs."""
    table = Section("Hessian of Rosenbrock's function", ["entries", "eager", "compiled, first", "every other"])
    for n in (1000, 10_000, *([100_000] if large else [])):
        x, f = np.linspace(-1.0, 1.0, n), compile(rosenbrock)
        (eager, seconds), (_, first) = (
            timed(lambda x=x: hessian(rosenbrock, sparse=True)(x)),
            timed(lambda x=x, f=f: f.hessian(x, sparse=True)),
        )
        compiled, other = timed(lambda x=x, f=f: f.hessian(x, sparse=True))
        np.testing.assert_allclose(compiled.data, eager.data, rtol=1e-12)
        table.rows.append([f"n = {n}", str(eager.nnz), seconds, first, other])
    bundle = Bundle(*((49, 7776, 31_843) if large else (5, 40, 200)))
    found, seconds = timed(lambda: jacobian(bundle.errors, sparse=True)(bundle.x.tolist()))
    worst = difference(found, bundle.from_blocks())
    adjustment = Section("Bundle adjustment as one Jacobian", ["rows", "columns", "entries", "eager", "worst difference"])
    rows, columns = found.shape
    adjustment.rows.append(
        [f"{len(bundle.seen)} observations", str(rows), str(columns), str(found.nnz), seconds, f"{worst:.1e}"]
    )
    print(terminal([table, adjustment]))
    return int(worst > 1e-12)


if __name__ == "__main__":
    sys.exit(main("--large" in sys.argv[1:]))
