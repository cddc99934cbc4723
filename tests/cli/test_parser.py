"""The command line: help that teaches, exit code 2 and one line for bad input, never a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograd import __version__
from autograd.cli.parser import main
from tests.support import ROOT


def autograd(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograd", *arguments]
    env = {"PATH": "/usr/bin:/bin", **environment}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [[], ["--help"], ["demo", "--help"]])
def test_help_goes_to_the_output_and_is_no_error(arguments: list[str]) -> None:
    done = autograd(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage: autograd" in done.stdout
    assert "demo" in done.stdout


def test_help_teaches_by_examples() -> None:
    assert "autograd demo --quick" in autograd("--help").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dmeo"], "invalid choice: 'dmeo'"),
        (["demo", "--fast"], "unrecognized arguments: --fast"),
        (["demo", "--seed", "one"], "expected a whole number from 0 to 4294967295, got 'one'"),
        (["demo", "--seed", "-1"], "expected a whole number from 0"),
        (["demo", "--out"], "expected one argument"),
        (["demo", "--out", ""], "expected the name of a folder, got nothing"),
        (["demo", "--out", "/dev/null/pictures"], "can't write to /dev/null"),
        (["demo", "--out", "pyproject.toml"], "can't write to pyproject.toml: File exists"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments: list[str], message: str) -> None:
    done = autograd(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("autograd")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_missing_package_is_named_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'sklearn' else find(name, *a)\n"
    )
    done = autograd("demo", "--out", str(tmp_path / "out"), PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "autograd demo: missing scikit-learn; install with: python -m pip install scikit-learn\n"
    assert not (tmp_path / "out").exists()


def test_ctrl_c_ends_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(**_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("autograd.cli.demo.run", interrupted)
    assert main(["demo"]) == 130
    assert capsys.readouterr().err == "autograd demo: interrupted\n"


def test_a_terminal_without_our_letters_does_not_break_it() -> None:
    done = autograd("demo", "--help", PYTHONIOENCODING="ascii")
    assert done.returncode == 0


def test_the_command_line_loads_neither_nn_nor_packages() -> None:
    code = "import sys, autograd.cli.parser; print({'nn', 'numpy', 'matplotlib', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_the_version_is_that_of_the_package() -> None:
    done = autograd("--version")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        f"autograd {__version__} (of the distribution chainrule)\n",
        "",
    )
