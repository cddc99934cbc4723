"""``python scripts/check`` finds the tests that a change touches."""

import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def check() -> ModuleType:
    """The script as a module: it has no suffix, so it can't be imported by name."""
    spec = spec_from_loader("check", SourceFileLoader("check", str(ROOT / "scripts/check")))
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("changed", "touched"),
    [
        ("autograd/transforms/forward.py", "test_forward.py"),  # by its name
        ("autograd/transforms/reverse.py", "test_modes.py"),  # by an import of grad from autograd
        ("autograd/rules/ieee.py", "test_ieee.py"),  # by an import of the module
        ("autograd/compiler/codegen/emit.py", "test_branches.py"),  # by the folder of its room
        ("nn/losses.py", "test_losses.py"),
        ("nn/losses.py", "losses.py"),  # by its own doctests
        ("tests/references.py", "test_table.py"),  # what tests share
        ("README.md", "test_readme.py"),
        ("docs/decisions/README.md", "docs"),
        ("autograd/player/assets/floats.js", "test_javascript_graph.py"),
        ("notebooks/6_two_moons.ipynb", "test_notebooks.py"),
    ],
)
def test_a_change_touches_the_tests_of_it(check: ModuleType, changed: str, touched: str) -> None:
    assert (ROOT / changed).exists()
    assert touched in [Path(name).name for name in check.tests_touched([ROOT / changed])]


def test_a_change_leaves_other_rooms_alone(check: ModuleType) -> None:
    tests = check.tests_touched([ROOT / "nn/losses.py"])
    others = tuple(f"tests/{room}/" for room in ("drawing", "player", "symbolic", "compiler", "rules"))
    assert [name for name in tests if name.startswith(others)] == []


def test_what_is_touched_exists(check: ModuleType) -> None:
    every = [path for folder in ("autograd", "nn", "docs", "tests") for path in (ROOT / folder).rglob("*.*")]
    names = check.tests_touched(every)
    assert len(names) > 100
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_the_paths_that_the_script_names_exist(check: ModuleType) -> None:
    assert [name for name in check.PAGES if not (ROOT / name).exists()] == []


def test_a_failing_test_fails_the_check(check: ModuleType, tmp_path: Path) -> None:
    failing = tmp_path / "test_that_fails.py"
    failing.write_text("def test_it():\n    assert False\n")
    passing = tmp_path / "test_that_passes.py"
    passing.write_text("def test_it():\n    assert True\n")
    assert check.run_tests([str(passing)], 60.0)
    assert not check.run_tests([str(failing)], 60.0)


def test_what_takes_too_long_is_stopped_and_the_last_line_says_so(
    check: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = tmp_path / "test_that_sleeps.py"
    slow.write_text("import time\n\ndef test_it():\n    time.sleep(60)\n")
    assert check.run_tests([str(slow)], 0.5)
    assert "Stopped after 0 s, none had failed. All of them: python -m pytest" in capsys.readouterr().out


def test_the_closest_come_first(check: ModuleType) -> None:
    tests = check.tests_touched([ROOT / "nn/losses.py"])
    assert tests[:3] == ["nn/losses.py", "tests/nn/test_losses.py", "tests/test_structure.py"]
    assert len(tests) > 5


def test_the_list_is_printed_from_the_command_line() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    done = subprocess.run([sys.executable, "scripts/check", "--list"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
