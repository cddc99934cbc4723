"""Our gradients equal those kept of JAX and PyTorch to 1e-12, and an error ten times as large would be seen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from autograd.rules.table import RULES, Rule
from autograd.testing.strategies import ONE, THREE, TWO
from tests.peers.stored import Row, read, write
from tests.peers.verdicts import differ, our_gradient

PEERS = ("jax", "torch")
FLAT = {"floor", "sign"}
ERROR = 1.0 + 1e-11


@cache
def stored() -> tuple[dict[str, Any], list[Row]]:
    return read()


def rows() -> list[Row]:
    return stored()[1]


def figures(peer: str) -> dict[str, int]:
    found: dict[str, int] = stored()[0]["figures"][peer]
    return found


@cache
def gradients() -> list[list[float]]:
    """Ours, of every row."""
    return [our_gradient(row.graph) for row in rows()]


def with_ours() -> Iterator[tuple[Row, list[float]]]:
    return zip(rows(), gradients(), strict=True)


def expected(row: Row) -> Iterator[list[float]]:
    """The gradients that ours must be equal to."""
    yield from (gradient for peer, gradient in row.theirs.items() if peer not in row.excused)
    yield from [row.exact] if row.exact else []


def unequal(row: Row, gradient: list[float]) -> bool:
    return any(differ(gradient, other, row.terms) for other in expected(row))


def different(peer: str) -> list[str]:
    """The graphs where ours isn't the peer's."""
    compared = [(row, own) for row, own in with_ours() if peer not in row.excused]
    found = [(row, own) for row, own in compared if differ(own, row.theirs[peer], row.terms)]
    return [f"{row.graph.expression}\nat {row.graph.point}: {own}, {peer} {row.theirs[peer]}" for row, own in found]


@pytest.mark.parametrize("peer", PEERS)
def test_gradients_are_those_of_the_peer(peer: str) -> None:
    found = different(peer)
    assert not found, f"{len(found)} graphs\n" + "\n".join(found[:10])


@pytest.mark.parametrize("peer", PEERS)
def test_more_than_ten_thousand_graphs_are_compared(peer: str) -> None:
    assert sum(peer not in row.excused for row in rows()) == figures(peer)["equal"] > 10_000


def test_where_a_peer_lost_digits_ours_are_those_of_mpmath() -> None:
    errors = [row.graph for row, own in with_ours() if row.exact and differ(own, row.exact, row.terms)]
    assert not errors
    assert sum(bool(row.exact) for row in rows()) >= max(figures(peer)["lost"] for peer in PEERS)


def test_no_gradient_of_ours_was_wrong_when_the_file_was_made() -> None:
    assert [figures(peer)["wrong"] for peer in PEERS] == [0, 0]


# -- would an error be seen? ---------------------------------------------------------------------------------


def erring(gradient: list[float], i: int) -> list[float]:
    return [*gradient[:i], gradient[i] * ERROR, *gradient[i + 1 :]]


def test_an_error_of_1e_11_in_any_one_derivative_is_seen() -> None:
    """In all that aren't small beside their terms, which may cancel."""
    seen = []
    for row, own in with_ours():
        full = [i for i, terms in enumerate(row.terms) if 1e-300 < terms < 5.0 * abs(own[i])]
        seen += [unequal(row, erring(own, i)) for i in full]
    assert all(seen)
    assert len(seen) > 9_000


@pytest.mark.parametrize("name", sorted({*ONE, *TWO, *THREE, "power"} - FLAT))
def test_a_rule_that_errs_by_1e_11_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RULES[name], "partials", erring_rule(RULES[name]))
    using = [row for row in rows() if any(step.operation == name for step in row.graph.expression.steps)]
    assert sum(unequal(row, our_gradient(row.graph)) for row in using) >= 10


def erring_rule(rule: Rule) -> Any:
    right = rule.partials
    return lambda m, y, *operands: [local * ERROR for local in right(m, y, *operands)]


def test_what_is_written_is_read(tmp_path: Any) -> None:
    header, _ = read()
    write(header, rows()[:200], tmp_path / "some.gz")
    assert read(tmp_path / "some.gz") == (header, rows()[:200])
