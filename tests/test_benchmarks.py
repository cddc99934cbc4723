"""The benchmarks: workloads are what eager mode computes, ADBench's references are met, tables say what was measured."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, jacobian, value_and_grad
from benchmarks import adbench, compiled, growth, measure, report, rivals, roofline
from benchmarks.rivals import by_hand, chainrule, scalar_c
from benchmarks.rivals.rival import Cost, Form, MissingError, Ready, Setting, Stopwatch, needs
from benchmarks.table import Section, between, duration, markdown, merged, ratio
from benchmarks.targets import target
from benchmarks.workloads import ALL, EIGHT, SMALL, Workload, asian, gmm, named

LANES = 3
each_workload = pytest.mark.parametrize("workload", [*EIGHT, *SMALL], ids=lambda workload: workload.name)


def eager(workload: Workload, w: Any, d: Any) -> tuple[Any, Any]:
    """Value and gradient lane by lane, number by number, in the shapes of compile's results."""
    f = workload.whole(autograd, LANES)
    values, partials = [], []
    for lane in range(LANES):
        data = [] if d is None else d[:, lane].tolist()
        numbers = w if workload.shared else w[:, lane]
        if workload.outputs > 1:
            values.append([y.data for y in f([Value(x) for x in numbers], data)])
            partials.append(np.array([list(row) for row in jacobian(lambda w, data=data: f(w, data))(numbers)]))
        else:
            value, dydx = value_and_grad(lambda w, data=data: f(w, data))(numbers)
            values.append(value)
            partials.append(np.array(dydx))
    if workload.mean:
        return np.mean(values), np.mean(partials, axis=0)
    return np.array(values).T, np.stack(partials, axis=-1)


# -- workloads -----------------------------------------------------------------------------------------------


@each_workload
def test_a_compiled_workload_has_eager_modes_value_and_gradient(workload: Workload) -> None:
    w, d = workload.data(LANES)
    value, _ = chainrule.alone(workload, w, d, Setting()).result()
    _, dydx = chainrule.gradient(workload, w, d, Setting()).result()
    expected_value, expected_derivative = eager(workload, w, d)
    assert compiled.apart(value, expected_value) <= 1e-11
    assert compiled.apart(dydx, expected_derivative) <= 1e-11


@each_workload
def test_c_and_numpy_by_hand_compute_the_same(workload: Workload) -> None:
    w, d = workload.data(LANES)
    value, dydx = eager(workload, w, d)
    for theirs, their_derivative in [form.make(w, d, Setting()).result() for form in by_hand.with_numpy(workload)]:
        assert compiled.apart(theirs, value) <= 1e-12
        assert compiled.apart(their_derivative, dydx) <= 1e-12
    try:
        ready = scalar_c.made(workload, w, d, Setting())
    except MissingError:
        pytest.skip("no C compiler")
    assert compiled.apart(ready.result()[0], value) <= 1e-12


@each_workload
def test_the_operations_of_a_lane_are_counted(workload: Workload) -> None:
    assert roofline.nodes(workload) > 20
    assert sum(roofline.operations(workload, LANES).values()) > 50


def test_the_operations_of_a_loop_count_as_often_as_it_runs() -> None:
    few, many = (roofline.operations(asian.asian(steps, LANES), LANES) for steps in (20, 40))
    assert many["mul"] - few["mul"] >= 20 * 4
    assert many["exp"] - few["exp"] >= 20


# -- ADBench -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def checks() -> list[adbench.Check]:
    return adbench.checks()


def test_every_reference_of_adbench_is_met(checks: list[adbench.Check]) -> None:
    assert [check for check in checks if not check.passed] == []
    assert [check.count for check in checks] == [1, 18, 1, 30, 1, 330, 2, 30, 8192, 122880]


def test_the_readers_know_the_order_of_adbenchs_parameters() -> None:
    mixture, w, points = gmm.read(adbench.FOLDER / "gmm_test.txt")
    assert (mixture.d, mixture.k, mixture.gamma, mixture.m, points.tolist()) == (2, 3, 1.0, 0.0, [[1.17517100, 2.02916000]])
    assert np.array_equal(w, np.load(adbench.FOLDER / "gmm_test.ref.npz")["x"])
    observation, feature = adbench.read_ba(adbench.FOLDER / "ba_ba1_n49_m7776_p31843.txt")
    reference = np.load(adbench.FOLDER / "ba_ba1_n49_m7776_p31843.ref.npz")
    assert np.array_equal(observation, reference["z"])
    assert np.array_equal(feature, reference["feat"])


def test_a_wrong_gradient_would_be_seen() -> None:
    assert not adbench.Check("", "", 1, adbench.difference([1.0, 2.0], [1.0, 2.000001])).passed
    assert not adbench.Check("", "", 1, adbench.difference([math.nan], [0.0])).passed
    with pytest.raises(ValueError, match="numbers against"):
        adbench.difference([1.0], [1.0, 2.0])


# -- measuring and tables ------------------------------------------------------------------------------------


def outcome(workload: Workload = ALL[0], /, **times: float) -> report.Outcome:
    cost = {"chainrule": Cost(0.1, 50.0)}
    forms = {name: Ready(lambda: None, lambda: (None, None), cost.get(name, Cost(0.01, 20.0))) for name in times}
    made = report.Outcome(workload, forms, dict.fromkeys(times, 0.0), nodes=1000)
    made.times = times
    return made


def test_a_difference_that_is_not_a_number_is_no_agreement() -> None:
    found = outcome(chainrule=1.0, JAX=2.0)
    assert found.agrees
    found.differences["JAX"] = math.nan
    assert not found.agrees
    assert report.agreement([found]).rows[0][-1] == "✗"


def test_it_pays_from_the_lanes_where_slower_compiling_is_made_up_for() -> None:
    assert report.pays(outcome(chainrule=1e-6, JAX=4.1e-6), "JAX") == "29 033 lanes"
    assert report.pays(outcome(chainrule=4e-6, JAX=1e-6), "JAX") == "never"
    assert report.pays(outcome(chainrule=4e-6), None) == "—"


def test_the_fastest_form_of_jax_counts_and_c_without_gradient_is_no_peer() -> None:
    found = outcome(**{"chainrule": 2.0, "ours, f alone": 1.0, "C, f alone": 0.5, "JAX, scan": 4.0, "JAX, unrolled": 8.0})
    assert (found.of("JAX"), found.time("JAX"), found.best_peer()) == ("JAX, scan", 4.0, "JAX, scan")
    assert report.ratios([found]).rows[0][1:] == ["4.00 ✗ ≤ 1", "2.0", "—", "JAX, scan", "2.0× ✗ ≥ 3", "2.0×", "—"]


def test_all_sections_are_made_of_the_workloads_that_ran() -> None:
    times = {"chainrule": 1e-8, "ours, f alone": 1e-9, "chainrule, data as rows": 2e-8, "JAX, matrices": 3e-8}
    (moons,) = named("moons")
    sections = report.sections([outcome(**times), outcome(moons, **times)])
    assert [len(section.rows) for section in sections] == [2, 2, 2, 2, 2, 1]
    assert all(len(row) == 1 + len(section.columns) for section in sections for row in section.rows)


def test_the_net_is_held_to_its_target_with_rows_and_the_others_with_columns() -> None:
    times = {"chainrule": 1.0, "ours, f alone": 1.0, "chainrule, data as rows": 2.0, "JAX, matrices": 6.0}
    (moons,) = named("moons")
    assert report.ratios([outcome(moons, **times)]).rows[0][-2] == "3.0× ✗ ≥ 4"
    assert report.ratios([outcome(**times)]).rows[0][-2] == "6.0×"


def test_the_roofline_is_asked_for_where_the_fastest_peer_is_near_it() -> None:
    found = outcome(**{"chainrule": 1.0, "ours, f alone": 1.0, "numba": 2.0})
    found.floor = 0.9
    assert report.ratios([found]).rows[0][3] == "1.1 ✓ ≤ 1.2"
    found.floor = 0.5
    assert report.ratios([found]).rows[0][3] == "2.0"


def test_all_batches_of_a_net_have_its_target_unless_they_have_their_own() -> None:
    assert target("net784-32-10x32") == target("net784-32-10x128") != target("net784-32-10x1024")
    assert target("nobody").jax is None


def test_workloads_are_chosen_by_their_names_or_how_they_begin() -> None:
    assert [one.name for one in named("heston")] == ["heston"]
    assert [one.name for one in named("net64")] == ["net64-64-10x32", "net64-64-10x128", "net64-64-10x1024"]
    assert named("") == ALL
    assert named("nobody") == []


def test_what_does_not_compile_in_time_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Ready(lambda: None, lambda: (None, None), Cost(9.0, 9.0))
    forms = [
        Form("slow", lambda w, d, s: made),
        Form("fast", lambda w, d, s: made),
        Form("eager", lambda w, d, s: made, False),
    ]
    monkeypatch.setattr(rivals, "RIVALS", [rivals.Rival("chainrule", lambda workload: forms)])
    monkeypatch.setattr(rivals, "fresh", lambda workload, form, setting: None if form == "slow" else Cost(1.0, 2.0))
    found, missing = rivals.ready(ALL[0], None, None, Setting())
    assert (list(found), missing, found["fast"].cost) == (["fast", "eager"], {}, Cost(1.0, 2.0))


def test_memory_is_counted_from_the_start_of_the_watch() -> None:
    held = [bytearray(80_000_000)]
    held.clear()
    watch = Stopwatch()
    held.append(bytearray(b"x") * 40_000_000)
    if sys.platform == "linux":
        assert 35.0 < watch.cost().megabytes < 75.0


def test_the_best_time_of_a_call_is_at_most_the_whole_span() -> None:
    calls = []
    times = measure.best({"count": lambda: calls.append(1)}, turns=2, span=1e-3)
    assert 0 < times["count"] < 1e-3
    assert len(calls) > 2


def test_a_program_that_learns_from_its_first_two_calls_is_warm_before_calls_are_counted() -> None:
    calls = []

    def learning() -> None:
        calls.append(1)
        if len(calls) <= 2:
            time.sleep(0.02)

    measure.best({"learning": learning}, turns=1, span=1e-3)
    assert len(calls) > 20


def test_a_table_goes_where_the_file_marks_its_place(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text("before\n<!-- a -->\nold\n<!-- b -->\nafter\n")
    between(file, ("<!-- a -->", "<!-- b -->"), "new")
    assert file.read_text() == "before\n<!-- a -->\nnew\n<!-- b -->\nafter\n"
    with pytest.raises(ValueError, match="must have the lines"):
        between(file, ("<!-- c -->", "<!-- b -->"), "newer")
    assert "newer" not in file.read_text()


def test_rows_that_were_not_measured_anew_stay_in_their_table() -> None:
    old = markdown(
        [Section("Speed", ["ours"], [["a sum", "1 ms"], ["a root", "2 ms"]]), Section("Other", ["x"], [["y", "z"]])]
    )
    new = Section("Speed", ["ours"], [["a sum", "3 ms"], ["a sine", "4 ms"]])
    (table,) = merged(old, [new], ["a root", "a sine", "a sum"])
    assert table.rows == [["a root", "2 ms"], ["a sine", "4 ms"], ["a sum", "3 ms"]]
    (table,) = merged(old, [Section("Speed", ["ours", "theirs"], [["a sum", "3 ms", "4 ms"]])], ["a root", "a sum"])
    assert table.rows == [["a sum", "3 ms", "4 ms"]]


def test_the_readme_has_a_place_for_every_table() -> None:
    text = compiled.README.read_text(encoding="utf-8")
    for mark in (*compiled.MARKS, "<!-- eager: begin -->", "<!-- eager: end -->"):
        assert text.count(mark) == 1


def test_durations_and_ratios_are_three_digits_and_a_verdict() -> None:
    assert [duration(1.2345e-8), duration(0.0999)] == ["12.3 ns", "99.9 ms"]
    assert ratio(9.0, 3.0, 3.0) == "3.0× ✓ ≥ 3"


def test_who_is_not_installed_is_named_with_what_to_install() -> None:
    with pytest.raises(MissingError, match="pip install no_such_peer"):
        needs("numpy", "no_such_peer")


@pytest.mark.parametrize("kind", growth.PROGRAMS)
def test_programs_grow_as_they_are_told(kind: str) -> None:
    f, weights = growth.PROGRAMS[kind]
    w = np.array([Value(0.05) for _ in range(weights)], dtype=object)
    size = 6000
    nodes = [node for node in autograd.graph.topological_order(f(autograd, size, w, Value(0.5))) if node.op]
    assert len(nodes) == pytest.approx(size, rel=0.1)


@pytest.mark.parametrize("arguments", [["--only", "nobody"], ["--peers", "nobody"], ["--threads", "0"]])
def test_a_wrong_option_ends_with_one_clear_line(arguments: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "benchmarks.compiled", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2
    assert f"error: {arguments[0]}" in done.stderr
