"""Every page of docs/cookbook runs: its program prints what the page shows, and draws the picture that is shown."""

import re
from pathlib import Path

import pytest

from docs.make_cookbook import IMAGES, PAGES, PROGRAM, run
from tests.docs.pages import ROOT, read

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
LONGEST = 72  # lines of a program: two models, complex numbers and a calibration take as many
INDEX = read(ROOT / "docs/cookbook/README.md")


def program(page: Path) -> list[str]:
    """The lines of a page's Python, without a text that is its data and without what draws the picture."""
    code = "".join(block for block in PROGRAM.findall(read(page)) if "import matplotlib" not in block)
    return [line for line in re.sub(r'"""\n.*?"""', '""', code, flags=re.DOTALL).splitlines() if line.strip()]


@each_page
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets of Dask's cluster, which is closing
def test_a_page_prints_what_it_shows_and_draws_its_picture(page: Path, tmp_path: Path) -> None:
    for package in ("llvmlite", "matplotlib", "scipy", "sklearn", "distributed"):
        pytest.importorskip(package)
    assert run(page, tmp_path) == read(page), f"run python -m docs.make_cookbook {page.stem}"
    assert [path.name for path in tmp_path.iterdir()] == [f"{page.stem}.png"]


@each_page
def test_a_page_has_one_picture_with_words_and_a_program_of_a_page(page: Path) -> None:
    pictures = re.findall(r"^!\[(.+)\]\((.+)\)$", read(page), re.MULTILINE)
    assert [file for _, file in pictures] == [f"../images/cookbook/{page.stem}.png"]
    assert 20 <= len(program(page)) <= LONGEST


@each_page
def test_the_index_has_a_page_with_its_title_and_its_picture(page: Path) -> None:
    title = read(page).splitlines()[0].removeprefix("# ")
    (row,) = [line for line in INDEX.splitlines() if f"[{title}]({page.name}): " in line]
    assert f'<img src="../images/cookbook/{page.stem}.png" ' in row


def test_there_is_a_picture_for_each_page_and_no_other() -> None:
    assert sorted(path.stem for path in IMAGES.iterdir()) == [page.stem for page in PAGES]


def test_what_a_program_prints_takes_the_place_of_what_is_shown(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nx = 6\n```\n\n```python\nprint(7 * x)\n```\n\n```text\n41\n```\n\nText.\n", encoding="utf-8")
    assert run(page, tmp_path) == "```python\nx = 6\n```\n\n```python\nprint(7 * x)\n```\n\n```text\n42\n```\n\nText.\n"


def test_an_error_names_the_line_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n```python\n1 / 0\n```\n", encoding="utf-8")
    with pytest.raises(ZeroDivisionError) as raised:
        run(page, tmp_path)
    assert (raised.traceback[-1].path, raised.traceback[-1].lineno) == (page, 3)
