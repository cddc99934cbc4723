"""The README is true: its programs run and print what it says, its links and pictures exist."""

import doctest
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import autograd
import nn

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
SESSIONS = [block for language, block in BLOCKS if language == "python" and ">>>" in block]
PROGRAMS = [block for language, block in BLOCKS if language == "python" and ">>>" not in block]
COMMANDS = [line for language, block in BLOCKS if language == "sh" for line in block.splitlines()]


def test_there_is_something_to_test() -> None:
    assert SESSIONS
    assert PROGRAMS


PUBLIC = [getattr(package, name) for package in (autograd, nn) for name in package.__all__]


@pytest.mark.parametrize(
    "function", [f for f in PUBLIC if inspect.isfunction(f)], ids=lambda f: f"{f.__module__}.{f.__name__}"
)
def test_the_example_of_help_runs_where_only_public_names_were_imported(function: Any) -> None:
    """The doctests of a module see what else the module has imported; who reads ``help`` doesn't."""
    public = {name: getattr(package, name) for package in (autograd, nn) for name in package.__all__}
    names = {**public, function.__name__: function}
    test = doctest.DocTestParser().get_doctest(inspect.getdoc(function) or "", names, function.__name__, None, 0)
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert test.examples
    assert runner.run(test, out=report.append).failed == 0, "".join(report)


@pytest.mark.parametrize("session", SESSIONS)
def test_sessions_print_what_they_show(session: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    test = doctest.DocTestParser().get_doctest(session, {}, "README.md", "README.md", 0)
    report: list[str] = []
    assert doctest.DocTestRunner().run(test, out=report.append).failed == 0, "".join(report)


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_run(program: str, tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{program}"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_picture_is_of_the_first_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    doctest.DocTestRunner().run(
        doctest.DocTestParser().get_doctest(SESSIONS[0], names, "README.md", None, 0), clear_globs=False
    )
    shown = (ROOT / "docs/images/neuron.svg").read_text(encoding="utf-8")
    labels = re.compile(r"<text[^>]*>([^<]+)</text>")
    assert sorted(labels.findall(Path("neuron.svg").read_text(encoding="utf-8"))) == sorted(labels.findall(shown))


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_files_that_are_named_exist() -> None:
    named = re.findall(r"`((?:autograd|nn|tests|docs|benchmarks)/[\w/]+\.\w+)`", README)
    assert len(named) > 8
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(("extra", "goal"), [("compile,plot,prove", "autograd demo"), ("test", "python -m pytest -n 2")])
def test_one_command_installs_and_runs(extra: str, goal: str) -> None:
    assert f"python3 -m venv .venv && .venv/bin/pip install -q '.[{extra}]' && .venv/bin/{goal}" in COMMANDS


def test_the_first_command_installs_what_every_program_needs() -> None:
    """What a program of the README imports or asks for is in the extras of the command that comes before it."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    first = next(line for line in COMMANDS if "pip install" in line)
    (named,) = re.findall(r"'\.\[([\w,]+)\]'", first)
    installed = {re.split(r"\W", package)[0] for extra in named.split(",") for package in extras[extra]}
    assert installed >= {"hypothesis", "llvmlite", "numpy", "matplotlib"}
    asked_for = set(re.findall(r"`?'\.\[(\w+)\]'", README)) - {"notebooks", "test"}
    assert asked_for <= set(named.split(","))


@pytest.mark.parametrize("session", SESSIONS + PROGRAMS)
def test_nothing_warns_where_nothing_is_wrong(session: str, tmp_path: Path) -> None:
    """``python -W error``, word for word what a reader types."""
    lines = [example.source for example in doctest.DocTestParser().get_examples(session)] or [session]
    told = "autograd.testing.DerivativeError"
    code = "import sys; sys.path.insert(0, {!r})\nimport autograd.testing\n{}".format(
        str(ROOT), "\n".join(f"try: exec({line!r})\nexcept {told}: pass" for line in lines)
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_chinese_readme_has_the_same_programs_and_pictures() -> None:
    chinese = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
    assert re.findall(r"^```(\w+)\n(.*?)^```", chinese, re.DOTALL | re.MULTILINE) == BLOCKS
    assert re.findall(r"\]\((docs/images/[^)]+)\)", chinese) == re.findall(r"\]\((docs/images/[^)]+)\)", README)


def test_the_chinese_readme_uses_the_words_of_the_field() -> None:
    """局部导数 is the local derivative, 折点 a kink (尖点 is a cusp), and 50 digits are decimal (十进制), not bits."""
    chinese = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
    assert "局部导数" in chinese
    assert "折点" in chinese
    assert "尖点" not in chinese
    assert "50 位十进制" in chinese
