"""f, gradient and Jacobian of ADBench's inputs against its references: ``python -m benchmarks.adbench``.

Inputs and references are in benchmarks/data/adbench; a difference is ADBench's |x − y| / max(1, |x| + |y|).
"""

import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import compile
from benchmarks.table import Section, terminal
from benchmarks.workloads import ba, gmm

FOLDER = Path(__file__).parent / "data" / "adbench"
TOLERANCE = 1e-10


class Check(NamedTuple):
    """The worst difference of what an input's reference has."""

    name: str
    what: str
    count: int
    difference: float

    @property
    def passed(self) -> bool:
        """Nan doesn't."""
        return self.difference <= TOLERANCE


def difference(ours: Any, theirs: Any) -> float:
    """ADBench's metric, its worst over all entries; nan if any is nan.

    >>> difference([1.0, 300.0], [1.0, 303.0])
    0.004975124378109453
    """
    x, y = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if x.shape != y.shape:
        raise ValueError(f"{x.shape} numbers against {y.shape}")
    return float(np.max(np.abs(x - y) / np.maximum(1.0, np.abs(x) + np.abs(y))))


def read_ba(path: Path) -> tuple[Any, Any]:
    """Camera, point and weight of the one observation that the file has, and its feature."""
    numbers = [float(word) for word in path.read_text().split()[3:]]
    return np.array(numbers[:15]), np.array(numbers[15:17])


def gmm_checks(name: str) -> list[Check]:
    """The objective and its gradient; lanes are the points."""
    mixture, w, points = gmm.read(FOLDER / f"{name}.txt")
    n = len(points)

    def objective(w: Any, x: Any) -> Any:
        return mixture.point(autograd, mixture.prepare(autograd, w), x) + mixture.rest(autograd, w, n)

    value, gradient = compile(objective, in_axes=(None, 0), reduce="sum").value_and_grad(w, points)
    reference = np.load(FOLDER / f"{name}.ref.npz")
    return [
        Check(name, "f", 1, difference(value, reference["f"])),
        Check(name, "gradient", len(w), difference(gradient, reference["grad"])),
    ]


def ba_checks(name: str) -> list[Check]:
    """The residual and its Jacobian: of the input's observation, and of many others as lanes."""
    reference = np.load(FOLDER / f"{name}.ref.npz")
    w, feature = read_ba(FOLDER / f"{name}.txt")
    one = compile(lambda w, feature: ba.residual(autograd, w, feature))
    many = compile(lambda w, feature: ba.residual(autograd, w, feature), in_axes=(0, 0))
    W, features = reference["Zbatch"], reference["Fbatch"]
    batch = np.stack(many.jacobian(W, features), axis=1)
    return [
        Check(name, "f", 2, difference(one(w, feature), reference["err"])),
        Check(name, "Jacobian", 30, difference(np.stack(one.jacobian(w, feature)), reference["J"])),
        Check(name, "f of the batch", features.size, difference(np.stack(many(W, features), axis=1), reference["errbatch"])),
        Check(name, "Jacobian of the batch", batch.size, difference(batch, reference["Jbatch"])),
    ]


def checks() -> list[Check]:
    """All of them."""
    found = [check for name in ("gmm_test", "gmm_d2_K5", "gmm_d10_K5") for check in gmm_checks(name)]
    return found + ba_checks("ba_ba1_n49_m7776_p31843")


def main() -> int:
    """Compare and print; 1 if anything differs."""
    found = checks()
    section = Section("ADBench", ["numbers", "worst difference", f"≤ {TOLERANCE:g}"])
    for name, what, count, worst in found:
        section.rows.append([f"{name}: {what}", f"{count}", f"{worst:.1e}", "✓" if worst <= TOLERANCE else "✗"])
    print(terminal([section]))
    return 0 if all(check.passed for check in found) else 1


if __name__ == "__main__":
    sys.exit(main())
