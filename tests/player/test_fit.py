"""The page opens with all of the picture in sight, whatever its size, on a laptop and on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import nn
from autograd import Value, draw
from tests.player.browser import Browser

GEOMETRY = """
const pane = document.querySelector(".pane"), svg = pane.querySelector("svg");
const [outer, inner] = [pane, svg].map((element) => element.getBoundingClientRect());
return {
  scale: inner.width / svg.viewBox.baseVal.width,
  scrolls: pane.scrollWidth > pane.clientWidth + 1 || pane.scrollHeight > pane.clientHeight + 1,
  inside: inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top && inner.bottom <= outer.bottom,
  insight: outer.top >= 0 && outer.bottom <= innerHeight && scrollY === 0 && pane.scrollTop === 0 && pane.scrollLeft === 0,
};
"""


def net() -> Value:
    loss = nn.MLP(2, [8, 8, 1], seed=1)([Value(1.0, name="x1"), Value(2.0, name="x2")])
    assert isinstance(loss, Value)
    loss.backward()
    return loss


def geometry(page: Browser) -> dict[str, Any]:
    result: dict[str, Any] = page.run(GEOMETRY)
    return result


@pytest.fixture
def laptop(browser: Browser) -> Any:
    browser.resize(1366, 768)
    yield browser
    browser.resize(1280, 900)


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_all_of_a_net_is_in_sight(laptop: Browser, size: tuple[int, int], rankdir: str, tmp_path: Path) -> None:
    page = laptop
    page.resize(*size)
    page.open(draw(net(), rankdir=rankdir, max_nodes=1000).save(tmp_path / "net.html"))
    opened = geometry(page)
    assert opened["inside"]
    assert opened["insight"]
    assert not opened["scrolls"]
    page.resize(900, 600)
    assert geometry(page)["inside"]
    page.part("next").click()
    assert geometry(page)["inside"]


def test_a_small_picture_keeps_its_size(laptop: Browser, tmp_path: Path) -> None:
    y = (Value(2.0, name="w") * Value(3.0, name="x")).tanh()
    laptop.open(draw(y).save(tmp_path / "small.html"))
    assert geometry(laptop)["scale"] == pytest.approx(1.0, abs=1e-3)
    assert not laptop.part("size").is_displayed()
    laptop.resize(390, 844)
    assert geometry(laptop)["inside"]
    assert geometry(laptop)["scale"] < 1.0


def test_a_fitted_picture_is_there_in_full_size_too(laptop: Browser, tmp_path: Path) -> None:
    laptop.open(draw(net()).save(tmp_path / "net.html"))
    button = laptop.part("size")
    assert button.text == "Full size"
    button.click()
    assert geometry(laptop)["scale"] == pytest.approx(1.0, abs=1e-3)
    assert geometry(laptop)["scrolls"]
    assert button.text == "Fit"
    button.click()
    assert geometry(laptop)["inside"]
    assert laptop.console() == []
