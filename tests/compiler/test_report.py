"""``f.explain()``: what was compiled so far, as fields and as a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import compile, erf, primitive, sin
from autograd.compiler.report import CompileReport, SpecialisationReport
from autograd.compiler.runtime.jit import machine

pytest.importorskip("llvmlite")


def loss(p: Any, x: Any, n: int = 2, mode: str = "a") -> Any:
    y = p["w"] * x[0]
    while y > 1:
        y = y / 2
    return y + sum([x[1] ** k for k in range(n)]) + len(mode)


def only(report: CompileReport) -> SpecialisationReport:
    (found,) = report.specialisations
    return found


def test_before_the_first_call_there_is_nothing() -> None:
    report = compile(loss).explain()
    assert (report.specialisations, report.operations, report.branches, report.loops, report.seconds) == ((), 0, 0, 0, 0)
    assert str(report) == "loss: nothing is compiled yet, the first call does it"


def test_the_fields_are_those_of_the_programs() -> None:
    f = compile(loss, static_argnames="n")
    f({"w": 1.0}, [0.5, 2.0], n=3, mode="b")
    found = only(f.explain())
    assert (found.transform, found.by) == ("value", ())
    assert found.arguments == ("p['w']", "x[0]", "x[1]", "n=3", "mode='b'")
    assert (found.branches, found.loops, found.lanes, found.threads, found.python) == (1, 0, 1, 1, False)
    (specialisation,) = f._specialisations.values()
    assert found.operations == len(list(specialisation.branches[0].program.operations())) > 0
    assert found.seconds > 0.0


def test_branches_and_their_operations_add_up() -> None:
    f = compile(loss)
    counts = []
    for x in (0.5, 2.0, 4.0, 0.25):
        f({"w": 1.0}, [x, 2.0])
        counts.append((only(f.explain()).branches, only(f.explain()).operations))
    branches, operations = zip(*counts, strict=True)
    assert branches == (1, 2, 3, 3)
    assert operations[0] < operations[1] < operations[2] == operations[3]


def test_lanes_say_what_has_any_and_how_many_at_once() -> None:
    f = compile(lambda w, x: w * sin(x[0]) + x[1], (None, 1), "sum", threads=3)
    f.value_and_grad(2.0, np.ones((2, 5)), argnums=("w", 1))
    found = only(f.explain())
    assert (found.transform, found.by) == ("value_and_grad", ("w", "x"))
    assert found.arguments == ("w", "x (2,) by lane")
    assert (found.lanes, found.threads) == (machine().width, 3)


def test_what_calls_python_back_runs_on_one_thread() -> None:
    @primitive(lambda y, v: 2.0 * v)
    def squared(v: float) -> float:
        return v * v

    f = compile(lambda x: squared(x) + 1.0, 0, threads=2)
    f(np.ones(3))
    found = only(f.explain())
    assert (found.python, found.threads) == (True, 1)
    assert str(f.explain()).endswith("\n  * calls Python back, on one thread")
    plain = compile(lambda x: erf(x), 0, threads=2)
    plain(np.ones(3))
    assert "Python" not in str(plain.explain())


def test_seconds_grow_with_what_is_compiled_and_with_no_call_after_it() -> None:
    f = compile(loss)
    seen = []
    for x in (0.5, 2.0, 2.5, 2.25):
        f({"w": 1.0}, [x, 2.0])
        seen.append(f.explain().seconds)
    assert 0.0 < seen[0] < seen[1] <= seen[2] == seen[3]


def test_each_transform_has_a_row_in_the_order_of_the_first_calls() -> None:
    f = compile(lambda x, y: x * sin(y))
    f(1.0, 2.0)
    f.grad(1.0, 2.0, argnums="y")
    f.hessian(1.0, 2.0, argnums=(0, 1))
    f.jvp((1.0, 2.0), (1.0, 0.0))
    f.hvp(1.0, 2.0, y=3.0)
    report = f.explain()
    transforms = ["value", "grad", "hessian", "jvp", "hvp"]
    assert [each.transform for each in report.specialisations] == transforms
    assert [each.by for each in report.specialisations] == [(), ("y",), ("x", "y"), (), ()]
    assert report.specialisations[3].arguments == ("x", "y", "dx", "dy")
    lines = str(report).splitlines()
    assert lines[0].startswith("<lambda>: 5 specialisations, ")
    assert [line.split()[0] for line in lines[1:]] == ["transform", *transforms]
    assert str(report) == repr(report)


def test_columns_are_aligned_and_fit_a_terminal() -> None:
    f = compile(lambda p, x: sum(p.values()) * x, (None, 0))
    f({f"a long name {k}": 1.0 for k in range(50)}, np.ones(3))
    f.value_and_grad({"w": 1.0}, np.ones(3))
    _, head, *rows = str(f.explain()).splitlines()
    assert all(len(row) == len(head) <= 140 for row in rows)
    end = head.index("branches") + len("branches")
    assert [row[:end].split()[-1] for row in rows] == ["1", "1"]


def test_loops_that_are_found_are_counted() -> None:
    def steps(x: Any) -> Any:
        for _ in range(50):
            x = x + 0.01 * sin(x)
        return x

    f = compile(steps, in_axes=0)
    f(np.ones(3))
    found = only(f.explain())
    assert found.loops == 1
    assert found.operations > 100
    assert str(f.explain()).splitlines()[2].split()[4] == "1"


def test_lists_of_other_lengths_can_be_told_apart() -> None:
    f = compile(lambda xs, a: xs[0] * a)
    for n in (2, 30, 31):
        f([1.0] * n, 2.0)
    rows = str(f.explain()).splitlines()[2:]
    assert all(text in row for row, text in zip(rows, ["xs[0], xs[1], a", "xs (30), a", "xs (31), a"], strict=True))
    assert "xs[29]" in f.explain().specialisations[1].arguments
