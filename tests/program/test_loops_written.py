"""Programs with loops, printed and in other languages: they compute what the straight line does."""

from __future__ import annotations

import ctypes
import json
import math
import re
import shutil
import subprocess
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from autograd import compile, exp
from autograd.program import on_paper
from autograd.program.instructions import Instructions
from autograd.program.interpreter import run
from autograd.program.lowering import lowered
from autograd.program.operations import OPERATIONS
from autograd.program.program import Program
from autograd.program.rolled import roll
from autograd.program.tape import Number, Symbol, Tape
from tests.compiler.test_scan import POINTS, WORKLOADS, arity
from tests.program.test_scans import program_of
from tests.program.written_loops import points, programs
from tests.support import bits

few = settings(max_examples=30, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
fewest = settings(max_examples=10, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


def recurrence(steps: int = 30) -> Program:
    """Two states, a table of constants, and a loop that walks back."""
    tape = Tape(["r", "kappa", "s0", "v0", *[f"z[{k}]" for k in range(steps)]])
    r, kappa, s0, v0, *z = tape.inputs
    m, s, v, states = tape.m, s0, v0, list[Symbol]()
    for k in range(steps):
        states.append(v)
        v, s = v + kappa * (0.04 + 0.001 * k * k - v), s + m.sqrt(m.abs(v)) * z[k] + r
    total = s
    for k in reversed(range(steps)):
        total = total * 0.9 + m.sin(states[k]) * z[k]
    names = ["s", "v", "total", *[f"v[{k}]" for k in range(1, steps)]]
    return Program.of(tape.program([s, v, total, *states[1:]], names))


RECURRENCE = recurrence()
START = [0.01, 0.3, 1.0, 0.05, *[math.sin(3.0 * k) for k in range(30)]]


def close(found: float, expected: float) -> bool:
    return bits(found) == bits(expected) or math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-300)


def assert_close(found: Any, program: Instructions, point: list[float]) -> None:
    expected = run(lowered(program), point)
    assert len(found) == len(expected)
    assert all(map(close, found, expected))


# -- print ---------------------------------------------------------------------------------------------------


def tokens(text: str) -> list[str]:
    """Words between spaces that are in no parentheses or brackets."""
    words, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == " " and not depth:
            words.append("")
        else:
            words[-1] += letter
    return words


def as_python(line: str) -> str:
    """A printed line as Python on ``memory``, in which nothing is assigned twice."""
    text = line.lstrip()
    indent = line[: len(line) - len(text)]
    if text.startswith("for "):
        return line
    target, _, source = text.partition(" = ")
    op, *operands = tokens(source)
    value = f"{op}_({', '.join(operands)})" if operands else op
    value = re.sub(r"([A-Za-z]\w*)\[([^]]*)\]", r'memory["\1", \2]', value)
    value = re.sub(r'(?<![\w"])(v\d+)(?![\w"])', r'memory["\1"]', value)
    name, _, index = target.partition("[")
    key = f'"{name}", {index[:-1]}' if index else f'"{name}"'
    return f"{indent}memory[{key}] = {value}".replace("·", "*")


def run_as_printed(program: Instructions, point: list[float]) -> dict[Any, float]:
    """The memory after the printed program ran as Python."""
    memory: dict[Any, float] = {("x", k): x for k, x in enumerate(point)}
    lines = list(on_paper.lines(roll(program)))
    for line in [line for line in lines if re.match(r"  c\d+ = ", line)]:
        name, _, numbers = line.strip().partition(" = ")
        memory |= {(name, k): float(x) for k, x in enumerate(numbers.split())}
        lines.remove(line)
    functions = {f"{op}_": function for op, function in OPERATIONS.items()}
    names = {"memory": memory, "inf": math.inf, "nan": math.nan, **functions}
    exec("\n".join(["if True:", *map(as_python, lines)]), names)
    return memory


@few
@given(programs(), points)
def test_what_is_printed_computes_the_program(program: Instructions, point: list[float]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(on_paper, "FEW", math.inf)  # all numbers of tables
        memory = run_as_printed(program, point)
    expected = run(program, point)
    assert list(map(bits, expected)) == [bits(memory[name]) for name in program.names]


PRINTED = """\
program of 360 operations, 16 as written with 2 loops: 34 inputs, 32 outputs
  c31 = 0.04 0.041 0.044 … 0.8810000000000001 (30 numbers)
  v36[0] = v0
  v41[0] = s0
  for i in range(30):
    v34 = sub c31[i] v36[i]
    v35 = mul kappa v34
    v36[i + 1] = add v36[i] v35
    v37 = abs v36[i]
    v38 = sqrt v37
    v39 = mul v38 z[i]
    v40 = add v41[i] v39
    v41[i + 1] = add v40 r
  v277[0] = v41[30]
  for i in range(29):
    v274 = mul v277[i] 0.9
    v275 = sin v36[29 - i]
    v276 = mul v275 z[29 - i]
    v277[i + 1] = add v274 v276
  v390 = mul v277[29] 0.9
  v391 = sin v0
  v392 = mul v391 z[0]
  v393 = add v390 v392
  s = v41[30]
  v = v36[30]
  total = v393
  for i in range(29):
    v[i + 1] = v36[i + 1]"""


def test_a_recurrence_is_printed_as_loops() -> None:
    assert str(RECURRENCE) == PRINTED


# -- languages -----------------------------------------------------------------------------------------------


@few
@given(programs(), points)
def test_python_source_with_loops_gives_the_same_numbers(program: Instructions, point: list[float]) -> None:
    names: dict[str, Any] = {}
    exec(Program.of(program).to_python(), names)
    assert_close(names["f"](*point), program, point)


@few
@given(programs(), points)
def test_numpy_source_with_loops_gives_the_same_numbers(program: Instructions, point: list[float]) -> None:
    names: dict[str, Any] = {}
    exec(Program.of(program).to_numpy(), names)
    rows = [np.array([x, 0.5 * x]) for x in point]
    outputs = np.array([np.broadcast_to(y, 2) for y in names["f"](*rows)])
    assert_close(outputs[:, 0].tolist(), program, point)
    assert_close(outputs[:, 1].tolist(), program, [0.5 * x for x in point])


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc")
@fewest
@given(programs(), points)
def test_c_source_with_loops_gives_the_same_numbers(
    tmp_path_factory: pytest.TempPathFactory, program: Instructions, point: list[float]
) -> None:
    assert_close(run_in_c(Program.of(program).to_c(), point, len(program.names), tmp_path_factory), program, point)


def run_in_c(source: str, point: list[float], outputs: int, tmp_path_factory: pytest.TempPathFactory) -> list[float]:
    directory = tmp_path_factory.mktemp("c")
    (directory / "f.c").write_text(source)
    # A list that a scan reads in part has entries that nobody reads.
    warnings = ["-Wall", "-Wextra", "-Wno-unused-variable", "-Werror"]
    options = ["-std=c99", *warnings, "-ffp-contract=off", "-shared", "-fPIC", "-lm"]
    subprocess.run(["gcc", "f.c", "-o", "f.so", *options], cwd=directory, check=True)
    y = (ctypes.c_double * outputs)()
    ctypes.CDLL(str(directory / "f.so")).f((ctypes.c_double * len(point))(*point), y)
    return list(y)


def test_long_arrays_of_c_are_on_the_heap(tmp_path_factory: pytest.TempPathFactory) -> None:
    tape = Tape(["x"])
    values: list[Number] = [tape.inputs[0]]
    while len(values) <= 40_000:
        values.append(tape.m.sin(values[-1]) + 0.5)
    total = values[-1]
    for value in reversed(values):
        total = total * 0.5 + value
    program = Program.of(tape.program([total], ["total"]))
    source = program.to_c()
    assert "malloc(40001 * sizeof *v" in source
    if shutil.which("gcc"):
        assert_close(run_in_c(source, [0.3], 1, tmp_path_factory), program, [0.3])


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
@fewest
@given(programs(), points)
def test_javascript_source_with_loops_gives_the_same_numbers(program: Instructions, point: list[float]) -> None:
    assert_close(run_in_node(Program.of(program).to_javascript(), point), program, point)


def run_in_node(source: str, point: list[float]) -> list[float]:
    script = f"{source}\nconsole.log(JSON.stringify(f(...{json.dumps(point)}).map(String)));"
    printed = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=True).stdout
    return [float(x.replace("Infinity", "inf")) for x in json.loads(printed)]


@pytest.mark.parametrize("f", WORKLOADS, ids=lambda f: f.__name__)
def test_scans_are_written_as_loops(f: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    point = POINTS[0][: arity(f)]
    program = program_of(f, point)
    names: dict[str, Any] = {}
    exec(program.to_python(), names)
    assert_close(names["f"](*point), program, point)
    if shutil.which("node"):
        assert_close(run_in_node(program.to_javascript(), point), program, point)
    if shutil.which("gcc"):
        assert_close(run_in_c(program.to_c(), point, len(program.names), tmp_path_factory), program, point)
    assert "for i in range(" in str(program)


@pytest.mark.parametrize("language", ["to_c", "to_python", "to_numpy", "to_javascript"])
def test_loops_are_loops_in_every_language(language: str) -> None:
    source = getattr(RECURRENCE, language)()
    assert re.search(r"for .*\b30\b", source)
    assert len(source.splitlines()) < 100


def test_iterations_have_names_that_no_input_has() -> None:
    tape = Tape(["i", *[f"j[{k}]" for k in range(80)]])
    total: Number = tape.inputs[0]
    for x in tape.inputs[1:]:
        total = total + x
    program = Program.of(tape.program([total], ["total"]))
    assert program.to_python() == (
        "def f(" + ", ".join(["i", *[f"j_{k}" for k in range(80)]]) + '):\n    """total"""\n'
        f"    x = [{', '.join(['i', *[f'j_{k}' for k in range(80)]])}]\n"
        "    v81 = i\n    for i_ in range(80):\n        v81 = v81 + x[i_ + 1]\n    return v81,\n"
    )
    assert "  for i_ in range(80):\n    v81[i_ + 1] = add v81[i_] j[i_]\n" in str(program)


# -- LaTeX ---------------------------------------------------------------------------------------------------


def neurons() -> Program:
    """Sums of products, one for each of 12 neurons, and their product with a bias that is doubled again and again."""
    tape = Tape([*[f"w[{k}]" for k in range(12 * 13)], *[f"x[{k}]" for k in range(12)]])
    w, x, y = tape.inputs[: 12 * 13], tape.inputs[12 * 13 :], list[Number]()
    for k in range(12):
        total: Number = w[13 * k]
        for j in range(12):
            total = total + w[13 * k + j + 1] * x[j]
        y.append(tape.m.tanh(total))
    return Program.of(tape.program(y, [f"y[{k}]" for k in range(12)]))


def test_a_loop_that_adds_up_is_a_sum_in_latex() -> None:
    assert neurons().to_latex().splitlines()[:4] == [
        r"\begin{aligned}",
        r"&\text{for } i = 0, \dots, 11\text{:} \\",
        r"\quad v_{169, 12} &= w_{13 i} + \sum_{j=0}^{11} w_{13 i + j + 1} \cdot x_{j} \\",
        r"\quad v_{192, i} &= \tanh\left(v_{169, 12}\right) \\",
    ]


def test_loops_are_loops_in_latex() -> None:
    lines = RECURRENCE.to_latex().splitlines()
    assert [line for line in lines if "for" in line] == [
        r"&\text{for } i = 0, \dots, 29\text{:} \\",
        r"&\text{for } i = 0, \dots, 28\text{:} \\",
        r"&\text{for } i = 0, \dots, 28\text{:} \\",  # outputs
    ]
    assert r"\quad v_{36, i + 1} &= v_{36, i} + v_{35} \\" in lines


@few
@given(programs())
def test_latex_of_every_program_is_balanced(program: Instructions) -> None:
    text = Program.of(program).to_latex()
    assert text.count("{") == text.count("}")
    assert text.count(r"\left(") == text.count(r"\right)")
    assert "None" not in text


# -- without NumPy -------------------------------------------------------------------------------------------


def test_without_numpy_programs_are_straight_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd.program.rolled.found", lambda name: None)
    assert str(RECURRENCE).startswith("program of 360 operations: 34 inputs, 32 outputs\n  v35 = sub 0.04 v0\n")
    for language in ("to_c", "to_python", "to_numpy", "to_javascript", "to_latex"):
        assert "for" not in re.findall(r"\w+", getattr(RECURRENCE, language)().partition("def f(")[2] or "")
    assert run(roll(RECURRENCE), START) == run(RECURRENCE, START)


def test_latex_names_an_input_one_way_and_writes_outputs_as_loops() -> None:
    def f(z: Any, w: Any) -> Any:
        total = w["k"][0]
        for k in range(19):
            total = total * exp(z[k] * 0.1) + z[19]
        return total

    compiled = compile(f)
    compiled.value_and_grad([0.1] * 20, {"k": [0.5]}, argnums=(0, 1))
    text = compiled.program.to_latex()
    assert r"z_{i}" in text
    assert r"z_{19}" in text
    assert r"z{[}" not in text
    assert r"\text{w}{[}\text{'k'}{]}{[}\text{0}{]}" in text
    assert text.count(r"\text{df/dz}_") <= 4
    assert r"\quad \text{df/dz}_{i + 1} &= v" in text
