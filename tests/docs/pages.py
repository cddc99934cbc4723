"""The pages of the documentation, and what stands in them: links, names of files, names of tests."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benchmarks/README.md"])
FILE = re.compile(r"`((?:\.ci|\.github|autograd|benchmarks|docs|nn|notebooks|scripts|tests)/[\w./-]*)`")


def read(path: Path) -> str:
    """The text of a page."""
    return path.read_text(encoding="utf-8")


def links(page: Path) -> list[str]:
    """The targets of a page's links and pictures within this repository."""
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", read(page)) if "://" not in target]


def anchors(page: Path) -> set[str]:
    """What a link to a heading of the page may end in, as GitHub spells it."""
    headings = re.findall(r"^#+ (.+)$", read(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def files_named(page: Path) -> set[str]:
    """The paths of files and folders that a page names, from the root of the repository."""
    return set(FILE.findall(read(page)))
