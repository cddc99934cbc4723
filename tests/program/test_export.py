"""Programs as C, Python, NumPy and LaTeX: standing on their own, and the same numbers."""

from __future__ import annotations

import ctypes
import json
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import compile
from autograd.compiler import ProgramError
from autograd.program.interpreter import run
from autograd.program.program import Program
from autograd.program.tape import Tape
from tests.support import bits

FUNCTIONS: dict[str, Any] = {
    "arithmetic": lambda x, y: (x * y - 2.0) / (x + 3.0) - -x,
    "elementary": lambda x, y: ag.sin(x) * ag.exp(y) + ag.log(x * x + 1.0) * ag.atan2(x, y) + ag.sqrt(ag.abs(y)),
    "activations": lambda x, y: ag.gelu(x) + ag.silu(y) + ag.relu(x * y) + ag.softplus(x),
    "choice": lambda x, y: ag.where(x > y, ag.log(x), y * y) + ag.maximum(x, y) - ag.minimum(x, 0.0),
    "of many": lambda x, y: ag.logsumexp([x, y, 1.0]) + ag.norm([x, y]) + ag.prod([x, y, x]),
    "steps": lambda x, y: ag.floor(x * 3.0) * y + ag.round(y * 2.0) + x % 0.7 + ag.sign(y),
}
POINTS = [(0.7, -1.3), (2.5, 0.4), (-0.8, 1.9), (1.0, 1.0)]


def program(f: Any) -> Any:
    compiled = compile(f)
    compiled(*POINTS[0])
    return compiled.program


def expected(f: Any, point: tuple[float, float]) -> list[float]:
    value, gradient = ag.value_and_grad(f, (0, 1))(*point)
    return [value, *gradient]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_python_source_gives_the_same_numbers(name: str) -> None:
    namespace: dict[str, Any] = {}
    exec(program(FUNCTIONS[name]).to_python(), namespace)
    for point in POINTS:
        assert namespace["f"](*point) == pytest.approx(expected(FUNCTIONS[name], point), rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_numpy_source_gives_the_same_numbers_for_arrays(name: str) -> None:
    namespace: dict[str, Any] = {}
    exec(program(FUNCTIONS[name]).to_numpy(), namespace)
    columns = [np.array(column) for column in zip(*POINTS, strict=True)]
    outputs = np.array(np.broadcast_arrays(*namespace["f"](*columns), columns[0])[:-1])
    for lane, point in enumerate(POINTS):
        assert outputs[:, lane] == pytest.approx(expected(FUNCTIONS[name], point), rel=1e-12, nan_ok=True)


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_javascript_source_gives_the_same_numbers(name: str) -> None:
    source = program(FUNCTIONS[name]).to_javascript()
    script = f"{source}console.log(JSON.stringify({json.dumps(POINTS)}.map((point) => f(...point).map(String))));"
    printed = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=True).stdout
    for point, outputs in zip(POINTS, json.loads(printed), strict=True):
        found = [float(x.replace("Infinity", "inf")) for x in outputs]
        assert found == pytest.approx(expected(FUNCTIONS[name], point), rel=1e-12, nan_ok=True)


ODD = [0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 1.0, -1.0, 7.0, -7.0, 1e300, math.inf, -math.inf, math.nan]


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
@pytest.mark.parametrize(
    "op", ["round", "copysign", "pow", "fmod", "maximum", "minimum", "erf", "erfc", "exp2", "eq", "ne", "hypot"]
)
def test_javascript_has_the_answers_of_the_interpreter_at_odd_points(op: str) -> None:
    tape = Tape(["x", "y"])
    operands = tape.inputs if op not in ("round", "erf", "erfc", "exp2") else tape.inputs[:1]
    y = tape.apply(op, *operands)
    code = Program.of(tape.program([tape.m.where(y, 1.0, 0.0) if op in ("eq", "ne") else y], ["f"]))
    points = [(a, b) for a in ODD for b in ODD]
    calls = ", ".join(f"f({a}, {b})" for a, b in points)
    script = f"{code.to_javascript()}console.log([{calls}].map(([y]) => Object.is(y, -0) ? '-0' : y).join());"
    script = script.replace("inf", "Infinity").replace("nan", "NaN")
    printed = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=True).stdout
    for point, text in zip(points, printed.split(","), strict=True):
        found, right = float(text.strip().replace("Infinity", "inf")), run(code, point)[0]
        assert bits(found) == bits(right) or found == pytest.approx(right, rel=4e-16 * 32, abs=0.0), point


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_c_source_compiles_without_a_warning_and_gives_the_same_numbers(name: str, tmp_path: Path) -> None:
    source, library = tmp_path / "f.c", tmp_path / "f.so"
    source.write_text(program(FUNCTIONS[name]).to_c())
    flags = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O2", "-ffp-contract=off", "-shared", "-fPIC"]
    subprocess.run(["gcc", *flags, str(source), "-o", str(library), "-lm"], check=True)
    f = ctypes.CDLL(str(library)).f
    for point in POINTS:
        x, y = (ctypes.c_double * 2)(*point), (ctypes.c_double * 3)()
        f(x, y)
        assert list(y) == pytest.approx(expected(FUNCTIONS[name], point), rel=1e-12, nan_ok=True)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_c_of_floats_uses_no_double_and_gives_six_digits(name: str, tmp_path: Path) -> None:
    source, library = tmp_path / "f.c", tmp_path / "f.so"
    source.write_text(program(FUNCTIONS[name]).to_c(real="float"))
    flags = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wdouble-promotion", "-Werror", "-O2", "-shared", "-fPIC"]
    subprocess.run(["gcc", *flags, str(source), "-o", str(library), "-lm"], check=True)
    f = ctypes.CDLL(str(library)).f
    for point in [(0.5, 0.75), (1.25, 0.3)]:
        x, y = (ctypes.c_float * 2)(*point), (ctypes.c_float * 3)()
        f(x, y)
        assert list(y) == pytest.approx(expected(FUNCTIONS[name], point), rel=1e-5)


def test_c_has_doubles_and_floats() -> None:
    with pytest.raises(ValueError, match="to_c: real must be 'double' or 'float', .* got 'half'"):
        program(lambda x, y: x * y).to_c(real="half")


def test_python_source_answers_inf_and_nan_where_math_would_raise() -> None:
    namespace: dict[str, Any] = {}
    exec(program(lambda x, y: ag.exp(x) + ag.log(y) + 1.0 / y).to_python(), namespace)
    assert namespace["f"](1000.0, 1.0)[0] == math.inf
    assert math.isnan(namespace["f"](1.0, -1.0)[0])
    assert namespace["f"](1.0, -0.0)[0] == -math.inf


def test_latex_source_is_one_equation_a_line() -> None:
    text = program(lambda x, y: x / y + ag.sin(x)).to_latex()
    assert text.splitlines()[:2] == [r"\begin{aligned}", r"v_{2} &= \frac{x}{y} \\"]
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("name", ['a"b', "*/ x", "x y", "for", "1", "ŷ", "v2", "x[0]", "x\ny", "\\"])
def test_names_of_inputs_are_harmless_in_every_language(name: str, tmp_path: Path) -> None:
    tape_program = program(lambda x, y: x * y + ag.sin(x))
    tape_program.inputs[0] = name
    tape_program.names[1] = f"df/d{name}"
    for source in (tape_program.to_python(), tape_program.to_numpy()):
        namespace: dict[str, Any] = {}
        exec(source, namespace)
        assert namespace["f"](2.0, 3.0)[0] == pytest.approx(6.0 + math.sin(2.0))
    if shutil.which("gcc"):
        (tmp_path / "f.c").write_text(tape_program.to_c())
        subprocess.run(["gcc", "-Wall", "-Werror", "-c", str(tmp_path / "f.c"), "-o", str(tmp_path / "f.o")], check=True)


def test_an_operation_without_a_form_is_named() -> None:
    with pytest.raises(ProgramError, match="digamma"):
        program(lambda x, y: ag.digamma(x) * y).to_c()
