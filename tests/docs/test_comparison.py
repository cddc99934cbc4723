"""docs/comparison.md is what was tried: its lines are those of the tables, and ours that it says are there are there."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest

from docs import comparison_trial, make_comparison
from docs.comparison_trial import tried

STORED: dict[str, Any] = json.loads(make_comparison.FILE.read_text(encoding="utf-8"))


def test_the_page_is_written_from_what_is_stored() -> None:
    assert make_comparison.PAGE.read_text(encoding="utf-8") == make_comparison.page(STORED), (
        "run python -m docs.make_comparison"
    )


def test_every_line_has_been_tried() -> None:
    now = make_comparison.rows()
    assert [row["name"] for row in now] == [row["name"] for row in STORED["rows"]]
    for row, stored in zip(now, STORED["rows"], strict=True):
        assert row["lines"] == stored["lines"], f"{row['name']}: run python -m docs.make_comparison"
        assert stored["outcomes"].keys() == row["lines"].keys()


def test_our_lines_that_the_page_says_are_there_are_there() -> None:
    for package in ("llvmlite", "pandas", "scipy", "sklearn", "sympy"):
        pytest.importorskip(package)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        known = comparison_trial.names("ours")
    there = [row for row in STORED["rows"] if row["outcomes"]["ours"][0] != "missing"]
    assert [row["name"] for row in there if tried(row["lines"]["ours"], known)[0] == "missing"] == []


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("1 + 1 == 2", "yes"),
        ("~1 + 1 == 2", "partial"),
        ("1 + 1 == 3", "missing"),
        ("x = 1\nx.nothing", "missing"),
        ("(", "missing"),
    ],
)
def test_a_line_is_right_or_by_a_detour_or_missing(line: str, mark: str) -> None:
    assert tried(line, {})[0] == mark


def test_a_missing_line_says_why() -> None:
    assert tried("nothing.at.all", {}) == ("missing", "NameError: name 'nothing' is not defined")
    assert tried("0.0", {}) == ("missing", "another number")
