"""Machines with shorter vectors, or none, and without fused multiply-adds get the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd import compile, exp, sin, where
from autograd.compiler.runtime.jit import machine

N = 21  # a tail for every width above 1


def f(w: Any, x: Any) -> Any:
    return where(x > 0.3, exp(-w * x) * w, sin(x) / (1.0 + x * x)) + w * w


@pytest.fixture(params=[(width, fused) for width in (1, 2, 4) for fused in (False, True)])
def narrow(request: pytest.FixtureRequest) -> Iterator[None]:
    """A machine whose vectors have fewer lanes than the real one's, which has functions of our own, or doesn't fuse."""
    (width, fused), here = request.param, machine()
    if width > here.widest:
        pytest.skip(f"this machine's vectors have {here.widest} lanes")
    here.vectors_of(width)
    fuses, here.fuses = here.fuses, here.fuses and fused
    yield
    here.vectors_of(here.widest)
    here.fuses = fuses


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("n", [1, 3, 4, 8, N])
@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
def test_every_width_gives_the_same(n: int, reduce: str | None) -> None:
    x = np.linspace(-1.0, 1.0, N)[:n]
    value, (by_w, by_x) = compile(f, (None, 0), reduce).value_and_grad(0.7, x, argnums=(0, 1))  # type: ignore[arg-type]
    points = [compile(f).value_and_grad(0.7, float(t), argnums=(0, 1)) for t in x]
    values, derivatives = np.array([v for v, _ in points]), np.array([s for _, s in points])
    total: Any = {None: lambda a: a, "sum": np.sum, "mean": np.mean}[reduce]
    np.testing.assert_allclose(value, total(values), rtol=1e-14)
    np.testing.assert_allclose(by_w, total(derivatives[:, 0]), rtol=1e-13)
    np.testing.assert_allclose(by_x, derivatives[:, 1] / (n if reduce == "mean" else 1), rtol=1e-13)


@pytest.mark.usefixtures("narrow")
def test_many_rows_and_sums_in_every_width() -> None:
    w, x = np.linspace(0.1, 1.0, 40), np.linspace(-1.0, 1.0, 40 * N).reshape(40, N)

    def g(w: Any, x: Any) -> Any:
        return exp(-(w @ x) / 10.0)

    value, derivative = compile(g, (None, 1), "sum").value_and_grad(w, x)
    expected = np.exp(-(w @ x) / 10.0)
    np.testing.assert_allclose(value, expected.sum(), rtol=1e-13)
    np.testing.assert_allclose(derivative, -(x * expected).sum(axis=1) / 10.0, rtol=1e-12, atol=1e-14)
