"""The types of the public names: programs of users pass mypy --strict and pyright, and mistakes don't."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.typing import user_programs

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
USER, WRONG = FOLDER / "user_programs.py", FOLDER / "wrong_programs.py"
MISTAKE = re.compile(r"# wrong: (?P<mypy>\S+), (?P<pyright>\S+)$")

Complaints: TypeAlias = dict[int, set[str]]  # for each line of a file the codes of what is wrong there
Checker: TypeAlias = Callable[[Path], Complaints]


def run(*command: str) -> str:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout


def mypy(path: Path) -> Complaints:
    found: Complaints = {}
    for line in run("mypy", "--strict", "--no-pretty", "--no-error-summary", str(path)).splitlines():
        error = re.fullmatch(r"(.+?):(\d+): error: .*\[(\S+)\]", line)
        if error and (ROOT / error[1]).samefile(path):
            found.setdefault(int(error[2]), set()).add(error[3])
    return found


def pyright(path: Path) -> Complaints:
    if find_spec("pyright") is None:
        pytest.skip("the package pyright isn't installed")
    try:
        report = json.loads(run("pyright", "--pythonpath", sys.executable, "--outputjson", str(path)))
    except (AssertionError, json.JSONDecodeError) as error:  # it fetches itself when it first runs
        pytest.skip(f"pyright can't run here: {error}")
    found: Complaints = {}
    for diagnostic in report["generalDiagnostics"]:
        if diagnostic["severity"] == "error":
            found.setdefault(diagnostic["range"]["start"]["line"] + 1, set()).add(diagnostic["rule"])
    return found


def mistakes(checker: str) -> dict[int, str]:
    """For each marked line the complaint that is expected."""
    lines = enumerate(WRONG.read_text(encoding="utf-8").splitlines(), 1)
    return {number: mark[checker] for number, line in lines if (mark := MISTAKE.search(line))}


each_checker = pytest.mark.parametrize("checker", [mypy, pyright], ids=["mypy", "pyright"])


@each_checker
def test_programs_of_users_pass(checker: Checker) -> None:
    assert checker(USER) == {}


@each_checker
def test_every_mistake_is_found_and_nothing_else(checker: Checker) -> None:
    expected, found = mistakes(checker.__name__), checker(WRONG)
    assert sorted(found) == sorted(expected)
    assert {line: code for line, code in expected.items() if code not in found[line]} == {}


def test_programs_of_users_run() -> None:
    assert user_programs.expression_of_the_readme() == (24.70408163265306, 138.83381924198252)
    assert user_programs.newton(lambda x: x**2 - 2.0, 1.0) == pytest.approx(2.0**0.5)
    assert user_programs.names_and_gradients_of_the_lecture() == ("abproduct", -0.5, 0.0)
    assert len(user_programs.everything()) == 22
