"""Decisions are numbered and listed; what a test calls a pitfall stands on the page of pitfalls and leads to one."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, read

FOLDER = ROOT / "docs/decisions"
PAGES = sorted(FOLDER.glob("0*.md"))
INDEX = read(FOLDER / "README.md")
PITFALLS = {
    int(number): cell
    for number, cell in re.findall(r"^\| (\d+) \|.*\| (.+) \|$", read(FOLDER / "pitfalls.md"), re.MULTILINE)
}
CITED = re.compile(r"\bpitfalls? (\d+(?:(?:, | and )\d+)*)", re.IGNORECASE)

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)


def cited() -> dict[int, list[str]]:
    """The pitfalls that tests name, and the files that do."""
    found: dict[int, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for numbers in CITED.findall(read(path)):
            for number in re.findall(r"\d+", numbers):
                found.setdefault(int(number), []).append(path.name)
    return found


def test_pages_are_numbered_without_gaps() -> None:
    assert [int(page.stem[:4]) for page in PAGES] == list(range(1, len(PAGES) + 1))
    assert len(PAGES) > 20


@each_page
def test_a_page_says_what_why_at_what_price_and_where(page: Path) -> None:
    text = read(page)
    assert re.findall(r"^\*\*(.+?)\.\*\*", text, re.MULTILINE) == ["Decision", "Why", "Price", "Where it stands"]
    assert text.startswith(f"# {int(page.stem[:4])}. ")


@each_page
def test_the_index_has_every_page_under_its_title(page: Path) -> None:
    title = read(page).splitlines()[0].removeprefix("# ").split(". ", 1)[1]
    assert f"| {int(page.stem[:4])} | [{title}]({page.name}) |" in INDEX


def test_every_pitfall_that_a_test_names_has_a_row_and_every_row_a_test() -> None:
    assert sorted(cited()) == sorted(PITFALLS)


@pytest.mark.parametrize("number", PITFALLS)
def test_a_pitfall_leads_to_a_decision(number: int) -> None:
    targets = re.findall(r"\((\d{4}-[\w-]+\.md)\)", PITFALLS[number])
    assert targets
    assert [target for target in targets if not (FOLDER / target).exists()] == []
