"""The benchmark of training: all who are installed train alike, and each section has a row for each."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import training, training_jobs
from benchmarks.training_jobs import LEARNERS, Job, Ours, digits, moons

JOBS = {"moons": moons(20), "digits": digits(120)[0]}
each_job = pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)


@each_job
def test_our_epochs_take_the_orders_that_the_others_get(job: Job) -> None:
    ours = Ours(job)
    losses, accuracies = ours.epochs(1)
    assert len(losses) == len(accuracies) == 1
    first = job.orders(2)
    assert sorted(first[0].tolist()) == list(range(len(job.y)))
    assert first[0].tolist() != first[1].tolist()


@each_job
@pytest.mark.parametrize("name", [name for name in LEARNERS if name != training.OURS])
def test_a_peer_that_is_installed_has_our_losses_accuracies_and_parameters(job: Job, name: str) -> None:
    pytest.importorskip(name.partition(",")[0].lower().replace("pytorch", "torch"))
    ours, theirs = Ours(job), LEARNERS[name](job)
    expected, found = ours.epochs(3), theirs.epochs(3, job.orders(3))
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)
    np.testing.assert_allclose(theirs.numbers(), ours.numbers(), atol=1e-11)


@each_job
def test_shapes_hold_all_parameters(job: Job) -> None:
    assert sum(rows * columns for rows, columns in job.shapes()) == len(job.flat())


def test_sections_have_a_row_for_everyone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "LEARNERS", {training.OURS: Ours})
    agreed, all_agree = training.agreement([(JOBS["moons"], 2)])
    assert all_agree
    assert agreed.rows == []  # there is nobody to agree with
    monkeypatch.setattr(training, "LEARNERS", {training.OURS: Ours, "again": Ours})
    agreed, all_agree = training.agreement([(JOBS["moons"], 2)])
    assert all_agree
    assert [row[0] for row in agreed.rows] == ["moons, again"]
    section = training.epochs("moons", JOBS["moons"], 2, 1, {"again": 1000.0})
    assert [row[0] for row in section.rows] == [training.OURS, "again"]
    assert section.rows[1][2].endswith("✗ ≥ 1000")


def test_losses_that_differ_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Faster(Ours):
        def __init__(self, job: Job):
            super().__init__(job)
            self.trainer.optimiser.lr = 2.0 * training_jobs.RATE

    monkeypatch.setattr(training, "LEARNERS", {training.OURS: Ours, "faster": Faster})
    agreed, all_agree = training.agreement([(JOBS["moons"], 3)])
    assert not all_agree
    assert agreed.rows[0][-1] == "✗"


def test_memory_is_that_of_the_process() -> None:
    (row,) = training.memory(40).rows
    assert row[0] == training.OURS
    assert training.resident() > 1e6
