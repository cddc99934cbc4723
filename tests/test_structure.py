"""The shape of the house: arrows point one way, rooms stay small, the engine needs the standard library alone."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(path for package in ("autograd", "nn") for path in (ROOT / package).rglob("*.py"))
LONGEST_FILE = 400
LONGEST_FUNCTION = 60

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, at its top or anywhere inside."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            yield node.module or ""


def is_one_of(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@each_file
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@each_file
def test_functions_stay_short(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert code_lines(node) <= LONGEST_FUNCTION, f"{path}:{node.lineno}: {node.name} is too long"


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The length of a function without its docstring."""
    has_docstring = ast.get_docstring(function, clean=False) is not None
    body = function.body[1:] if has_docstring else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 2 if body else 1


@pytest.mark.parametrize("path", [path for path in FILES if path.is_relative_to(ROOT / "autograd")], ids=str)
def test_the_engine_knows_nothing_of_nets(path: Path) -> None:
    # The command line is the one place that calls both.
    if path.name != "__main__.py":
        assert not [module for module in imported(path) if is_one_of(module, "nn")]


@pytest.mark.parametrize("name", ["value", "rules", "graph", "backward", "floats", "formulas", "slopes", "special"])
def test_the_engine_knows_nothing_of_what_is_built_on_it(name: str) -> None:
    rooms = (
        "autograd.drawing",
        "autograd.testing",
        "autograd.compiler",
        "autograd.transforms.reverse",
        "autograd.transforms.forward",
    )
    assert not [module for module in imported(ROOT / "autograd" / f"{name}.py") if is_one_of(module, *rooms)]


@each_file
def test_no_room_takes_what_another_keeps_to_itself(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and is_one_of(node.module or "", "autograd", "nn"):
            assert [alias.name for alias in node.names if alias.name.startswith("_")] == []


def test_importing_the_engine_loads_the_standard_library_only() -> None:
    code = """
import sys
before = set(sys.modules)
import autograd
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(loaded - sys.stdlib_module_names - {"autograd"}))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")
