"""The notebooks run from top to bottom and show what their files hold."""

from pathlib import Path

import pytest

pytest.importorskip("nbclient", reason="nbclient isn't installed: pip install '.[notebooks]'")
pytest.importorskip("ipykernel", reason="ipykernel isn't installed: pip install '.[notebooks]'")
pytest.importorskip("sklearn", reason="scikit-learn isn't installed: pip install '.[notebooks]'")

from docs.run_notebooks import alike, differences, notebooks

pytestmark = pytest.mark.filterwarnings("default")  # jupyter's own


def test_there_are_seven() -> None:
    assert len(notebooks()) == 7


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_a_notebook_shows_what_its_file_holds(path: Path) -> None:
    assert differences(path) == []


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("x = 0.50001", "x = 0.50002", True),
        ("x = 0.5", "x = 0.6", False),
        ("x = 0.5", "y = 0.5", False),
        ("error 6e−14", "error 8e−14", True),
        ("1 2", "1", False),
        ("−0.5", "0.5", False),
    ],
)
def test_words_must_be_the_same_and_numbers_nearly(old: str, new: str, same: bool) -> None:
    assert alike(old, new) == same
