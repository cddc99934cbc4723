"""The shape of the house: arrows point one way, rooms stay small, the engine needs the standard library alone."""

import ast
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.imports import FILES, MODULES, ROOT, arrows, circles, room_of

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
AUTOGRAD = [path for path in FILES if path.is_relative_to(ROOT / "autograd")]

# Who may import whom. A room is a folder, or a file at the root of autograd; a new arrow is a decision: see docs/decisions.
ARROWS = {
    "__main__": {"cli"},
    "__init__": {
        *("compiler", "drawing", "errors", "functions", "interop", "modes", "picture"),
        *("solvers", "symbolic", "testing", "transforms", "value"),
    },
    "cli": {"__init__", "functions", "interop", "nn", "picture", "rules", "symbolic", "testing", "value"},
    "nn": {"__init__", "compiler", "graph", "interop", "modes", "testing", "transforms"},
    "picture": {"drawing", "drawing.layout", "drawing.render", "drawing.scene", "interop", "player", "value"},
    "player": {
        "backward",
        "drawing.layout",
        "drawing.render",
        "drawing.scene",
        "interop",
        "program",
        "rules",
        "symbolic",
        "value",
    },
    "symbolic": {"backward", "graph", "interop", "modes", "program", "rules", "testing", "value"},
    "testing": {"backward", "functions", "graph", "interop", "modes", "rules", "transforms", "value"},
    "drawing": {"drawing.layout", "drawing.scene", "graph", "value"},
    "drawing.render": {"drawing.layout", "drawing.scene", "interop"},
    "drawing.layout": {"drawing.scene", "interop"},
    "drawing.scene": {"graph", "interop", "rules", "value"},
    "compiler": {
        *("backward", "compiler.codegen", "compiler.runtime", "errors", "functions", "graph", "interop", "modes"),
        *("program", "rules", "sparsity", "transforms", "value"),
    },
    "compiler.runtime": {"compiler.codegen", "elementary", "interop", "program"},
    "compiler.codegen": {"elementary", "program", "rules"},
    "elementary": set(),
    "program": {"interop", "rules"},
    "solvers": {"errors", "graph", "interop", "modes", "rules", "transforms", "value"},
    "transforms": {"backward", "graph", "interop", "modes", "rules", "sparsity", "value"},
    "sparsity": {"interop", "rules"},
    "functions": {"interop", "modes", "rules", "value"},
    "value": {"backward", "graph", "interop", "micrograd", "modes", "number", "pickling", "rules"},
    "micrograd": {"backward", "graph", "interop", "modes", "rules"},
    "number": {"graph", "interop", "modes"},
    "pickling": {"graph", "modes", "rules"},
    "backward": {"graph", "modes", "rules"},
    "modes": {"errors", "graph", "interop", "rules"},
    "graph": {"errors", "interop", "rules"},
    "interop": {"rules"},
    "rules": set(),
    "errors": set(),
}

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))


def functions() -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in FILES]
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The length of a function without its docstring."""
    has_docstring = ast.get_docstring(function, clean=False) is not None
    body = function.body[1:] if has_docstring else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 2 if body else 1


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


# -- arrows ----------------------------------------------------------------------------------------------


def rooms() -> dict[str, set[str]]:
    """For every room those that a file in it imports from."""
    found: dict[str, set[str]] = {room: set() for room in map(room_of, MODULES)}
    for module, targets in arrows().items():
        found[room_of(module)] |= {room_of(target) for target in targets} - {room_of(module)}
    return found


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles(arrows()) == []


def test_no_rooms_import_each_other_in_a_circle() -> None:
    assert circles(rooms()) == []


def test_arrows_between_rooms_are_those_of_the_table() -> None:
    surplus = {room: sorted(targets - ARROWS.get(room, set())) for room, targets in rooms().items()}
    assert {room: targets for room, targets in surplus.items() if targets} == {}


def test_the_table_names_rooms_that_are_there() -> None:
    assert set(ARROWS) == set(rooms())


def test_circles_finds_a_circle() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"d"}}) == [["a", "b", "c"]]


@each_file
def test_no_room_takes_what_another_keeps_to_itself(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in ("autograd", "nn"):
            assert [alias.name for alias in node.names if re.match("_[^_]", alias.name)] == []


# -- sizes -------------------------------------------------------------------------------------------------


@each_file
def test_files_stay_short(path: Path) -> None:
    assert lines(path) <= LONGEST_FILE


def test_functions_stay_short() -> None:
    lengths = [code_lines(function) for function in functions()]
    assert max(lengths) <= LONGEST_FUNCTION
    assert median(lengths) <= 4
    assert quantiles(lengths, n=10)[-1] <= 12


def test_the_root_has_at_most_ten_files() -> None:
    assert len([path for path in (ROOT / "autograd").iterdir() if path.is_file()]) <= 10


def test_no_room_is_more_than_three_tenths_of_the_code() -> None:
    size = Counter[str]()
    for module, path in MODULES.items():
        size[room_of(module).partition(".")[0]] += lines(path)
    assert max(size.values()) <= 0.3 * size.total()


# -- names -------------------------------------------------------------------------------------------------


def test_no_two_classes_have_one_name() -> None:
    where = defaultdict(list)
    for path in AUTOGRAD:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                where[node.name].append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in where.items() if len(paths) > 1} == {}


# Words that only this project used for what the field has a word for, by the rooms they were used in.
PRIVATE = {
    "": "slopes?|second_opinion|told(_latex)?|kept|listed|spread|tolerant|unwatched|anywhere|noting_floats|described",
    "autograd/rules": "inside|flat|finite|dying_left|difference|kink|truth",
    "autograd/compiler": "plans?|Plan|kinds|Kind|direct|quick|short|chunks?|Chunk|Part|ok",
    "autograd/program": "SIMPLER|ALL_AT_ONCE|LISTS",
    "autograd/drawing": "stops|Stop|lit|weighe?d?|plan|Plan|across|skeleton|frames?|Frame|measures|routes|geometry|kinds",
}


@each_file
def test_nothing_is_named_by_a_private_word(path: Path) -> None:
    """Names of functions, classes, arguments and variables; prose is read by people."""
    words = "|".join(words for room, words in PRIVATE.items() if path.is_relative_to(ROOT / room))
    named: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            named.add(node.name)
        elif isinstance(node, ast.arg):
            named.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            named.add(node.id)
    assert sorted(name for name in named if re.fullmatch(rf"_*({words})", name)) == []


# -- the door ----------------------------------------------------------------------------------------------


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.strip()


def test_importing_the_engine_loads_the_standard_library_only() -> None:
    code = """
import sys
before = set(sys.modules)
import autograd
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(loaded - sys.stdlib_module_names - {"autograd"}))
"""
    assert run(code) == "[]"


def test_importing_the_engine_loads_no_compiler_drawing_or_player() -> None:
    code = "import sys, autograd; print(*sorted(sys.modules))"
    loaded = set(run(code).split())
    heavy = ("compiler", "drawing", "picture", "player", "program", "symbolic", "testing", "cli")
    assert loaded.isdisjoint(f"autograd.{room}" for room in heavy)
    assert loaded.isdisjoint({"subprocess", "ctypes", "inspect", "pathlib", "html", "concurrent.futures", "nn"})


@pytest.mark.parametrize("package", ["autograd", "nn"])
def test_dir_shows_the_public_names_alone(package: str) -> None:
    code = f"""
import {package}
from types import ModuleType
names = [name for name in dir({package}) if not name.startswith("__")]
internal = [name for name in names if isinstance(getattr({package}, name), ModuleType) or name[0] == "_"]
print(sorted(set({package}.__all__) - set(names)), internal)
"""
    assert run(code) == "[] []"


def test_what_is_loaded_later_is_there() -> None:
    assert run("import autograd; print(all(hasattr(autograd, name) for name in dir(autograd)))") == "True"


def test_the_tools_for_tests_are_an_attribute() -> None:
    assert run("import autograd; print(autograd.testing.check_gradients.__name__)") == "check_gradients"


def test_a_star_import_hides_no_builtin() -> None:
    assert (
        run("import builtins; from autograd import *; print([n for n in dir(builtins) if n in globals() and n[0] != '_'])")
        == "[]"
    )


def test_a_name_that_is_missing_is_an_attribute_error() -> None:
    import autograd

    with pytest.raises(AttributeError, match=r"^module 'autograd' has no attribute 'gard'$"):
        autograd.gard  # noqa: B018


def test_the_version_is_told() -> None:
    assert run("import autograd; print(autograd.__version__)").count(".") == 2
