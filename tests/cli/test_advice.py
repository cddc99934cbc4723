"""What the command line advises works when it is done."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_expression import run

BAD = [
    ("w*x", ["x=abc", "w=2"]),
    ("w*x", ["x=y+1", "w=2"]),
    ("w*x", ["x=", "w=2"]),
    ("w*x", ["x", "w=2"]),
    ("w*x", ["x=1,5", "w=2"]),
    ("w*x", ["x=[1,2]", "w=2"]),
    ("w*x", ["x=1,2,3", "w=2"]),
    ("w*x", ["x=1>0", "w=2"]),
    ("w*x", ["2x=3", "w=2", "x=1"]),
    ("w*x", ["=3", "w=2"]),
    ("w*x", ["w=2"]),
    ("w*x*speed", []),
    ("w*speed", ["sped=3", "w=1"]),
    ("w*x", ["w=2", "x=1", "y=3"]),
    ("x.sin()", ["x=1"]),
    ("(x*y).tanh() + 1", ["x=1", "y=2"]),
    ("sin", []),
    ("sin*x", ["x=1"]),
    ("hypot*x", ["x=1"]),
    ("x^2", ["x=1"]),
    ("x > 1", ["x=2"]),
    ("x > 1 if x else 2", ["x=2"]),
    ("(x > 1)*x", ["x=2"]),
    ("max(x > 1, x)", ["x=2"]),
    ("softmax([x, 1])", ["x=1"]),
    ("x, x*2", ["x=1"]),
]


def followed(expression: str, values: list[str], advice: str) -> tuple[str, list[str]]:
    """The expression and numbers after what the message says."""
    name = next(iter(re.findall(r"the value of (\w+):", advice)), "")
    if added := re.search(r"add (\w+=1(?: \w+=1)*)", advice):
        return expression, [*values, *added[1].split()]
    if "leave it out" in advice:
        wrong = re.findall(r"'([^']*)'", advice)[0]
        return expression, [v for v in values if v != wrong and not v.startswith(f"{wrong}=")]
    if written := re.search(r"write (?:a number, )?(\w+)=([\d.]+)", advice):
        kept = [v for v in values if not re.match(rf"{written[1]}\b|=", v)]
        return expression, [*kept, f"{written[1]}={written[2]}"]
    if function := re.search(r"(\w+) is a function; write .*, such as (\S+\))( with x=1)?", advice):
        return expression.replace(function[1], function[2]), [*values, *(["x=1"] if function[3] else [])]
    if such := re.search(r"such as (.*)", advice):
        if name:
            return expression, [v for v in values if not v.startswith(f"{name}=")] + [f"{name}={such[1]}"]
        comparison = re.search(r"(.*) is a comparison; ", advice)
        return expression.replace(comparison[1], such[1]) if comparison else such[1], values
    if instead := re.search(r"'(.*)' isn't part of an expression; write (.*) instead of (.*)", advice):
        return expression.replace(instead[3], instead[2]), values
    if "write ** for a power" in advice:
        return expression.replace("^", "**"), values
    raise AssertionError(f"no advice in {advice!r}")


@pytest.mark.parametrize(("expression", "values"), BAD)
def test_what_is_advised_works(expression: str, values: list[str]) -> None:
    code, out, err = run("check", expression, *values)
    assert (code, out) == (2, "")
    for _ in range(2):  # one thing after another
        expression, values = followed(expression, values, err.strip().removeprefix("autograd check: "))
        code, out, err = run("check", expression, *values)
        if code == 0:
            return
    raise AssertionError((expression, values, err))


# -- terminals without the signs ---------------------------------------------------------------------------


def output(encoding: str, *command: str) -> str:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, *command], capture_output=True, env=environment, check=False)
    assert done.stderr == b""
    assert done.returncode == 0
    return done.stdout.decode(encoding)


COMMANDS = [
    ("explain", "x**2*tanh(y) - sqrt(y)", "x=-0.5", "y=2"),
    ("explain", "x**-2 + x**12 + erf(sigmoid(x))", "x=-0.5", "--latex"),
    ("check", "abs(x)*pi", "x=0"),
    ("--help",),
    ("explain", "--help"),
]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437", "latin-1"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_nothing_is_lost_on_a_terminal_without_the_signs(encoding: str, command: tuple[str, ...]) -> None:
    shown = output(encoding, "-m", "autograd", *command)
    full = output("utf-8", "-m", "autograd", *command)
    assert "?" not in shown.replace("(default: by each)?", "") or "?" in full
    assert len(shown.splitlines()) == len(full.splitlines())
    for number in re.findall(r"\d\.\d+", full):
        assert number in shown
    assert shown.count("-") >= full.count("−")


def test_a_minus_stays_a_minus_and_a_square_a_square() -> None:
    shown = output("cp1252", "-m", "autograd", "explain", "x**2*y", "x=-0.5", "y=2")
    assert "df/dx = df/dt1 * dt1/dx = 2 * (-1) = -2" in shown
    assert "t1 = x^2 = 0.25" in shown
    assert "+-" in shown


PROGRAM = """
import nn
from autograd import Value, explain, formula, draw, compile, exp
from autograd.testing import check_gradients
x, t = Value(-0.5, name="x"), Value(2.0, name="θ")
y = x ** 2 * t.tanh() / t.sqrt() + exp(-x)
y.backward()
for shown in (explain(y, x), formula(y), draw(y), check_gradients(lambda a: abs(a) * 3.0, 0.0)):
    print(shown)
print(formula(y, max_lines=1), [explain(y, t)])
print(compile(lambda a: exp(-a) * a).program)
"""


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_printing_from_a_program_never_fails(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM, encoding="utf-8")
    shown = output(encoding, str(file))
    assert "theta" in shown
    assert "df/dx" in shown or "dy/dx" in shown
    assert "?" not in shown


def test_errors_are_told_in_ascii_where_nothing_else_is_there() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "autograd", "explain", "x·2", "x=1"], capture_output=True, env=environment, check=False
    )
    assert done.returncode == 2
    assert b"\\" not in done.stderr
    assert done.stderr.isascii()
