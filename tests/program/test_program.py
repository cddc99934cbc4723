"""``Program``: prints, says its size, is stored without loss, and is run by the plain interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograd import compile, gelu, primitive, sin, where
from autograd.compiler import Program, ProgramError, load
from autograd.program.interpreter import run


def f(x: Any, y: Any) -> Any:
    return where(x > y, gelu(x) * y, sin(y) / x)


def program() -> Program:
    compiled = compile(f)
    compiled(1.0, 2.0)
    result: Program = compiled.program
    return result


def test_it_prints_as_text_that_one_can_read() -> None:
    compiled = compile(lambda x, y: x * y + sin(x))
    compiled(1.0, 2.0)
    assert str(compiled.program).splitlines() == [
        "program of 5 operations: 2 inputs, 3 outputs",
        "  v2 = mul x y",
        "  v3 = sin x",
        "  v4 = add v2 v3",
        "  v5 = cos x",
        "  v6 = add v5 y",
        "  f = v4",
        "  df/dx = v6",
        "  df/dy = x",
    ]


def test_a_function_of_numbers_has_a_program_before_any_call() -> None:
    assert compile(lambda x: x * x).program.size == 2


def test_what_is_computed_twice_is_computed_once() -> None:
    compiled = compile(lambda x: sin(x) * sin(x) + sin(x))
    assert sum(node.op == "sin" for _, node in compiled.program.operations()) == 1


def test_saved_and_loaded_it_gives_the_same_bits(tmp_path: Path) -> None:
    ours = program()
    again = load(ours.save(tmp_path / "f.json"))
    assert str(again) == str(ours)
    assert again.digest == ours.digest
    assert run(again, [0.3, -1.7]) == run(ours, [0.3, -1.7])


def run_python(code: str, seed: str) -> str:
    """What another process prints, whose hashes of strings differ."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout.strip()


def test_its_digest_is_the_same_in_every_process() -> None:
    code = "from tests.program.test_program import program; print(program().digest)"
    assert {run_python(code, seed) for seed in ("0", "1", "2")} == {program().digest}


def broken(change: Any) -> str:
    content = json.loads(program().to_json())
    change(content)
    return json.dumps(content)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "nonsense",
        '{"format": "chainrule program", "version": 2}',
        broken(lambda c: c.update(version=99)),
        broken(lambda c: c["nodes"].append(["add", 0, 10**6])),
        broken(lambda c: c["nodes"].append(["__import__", 0, 0])),
        broken(lambda c: c["nodes"].append(["add", -1, 0])),
        broken(lambda c: c["outputs"].update(f=10**6)),
        broken(lambda c: c["constants"].update({"0": "0x1p0"})),
        "[" * 100_000,
    ],
)
def test_a_file_that_is_no_program_is_refused_and_nothing_runs(text: str, tmp_path: Path) -> None:
    file = tmp_path / "f.json"
    file.write_text(text)
    with pytest.raises(ProgramError):
        load(file)


def test_every_truncation_of_a_file_is_refused(tmp_path: Path) -> None:
    text = program().to_json()
    file = tmp_path / "f.json"
    for length in range(0, len(text), 7):
        file.write_text(text[:length])
        with pytest.raises(ProgramError):
            load(file)


def test_a_program_with_a_primitive_is_not_stored() -> None:
    @primitive(lambda *_: 1.0)
    def same(x: float) -> float:
        return x

    compiled = compile(lambda x: same(x) * 2.0)
    compiled(1.0)
    with pytest.raises(ProgramError, match="same"):
        compiled.program.to_json()


PRIMITIVES = """
from autograd import compile, primitive, sin

def make(derivative):
    function = lambda x: derivative * x
    function.__name__ = "area"
    return primitive(lambda *_: derivative)(function)

small, large = make(2.0), make(3.0)
compiled = compile(lambda x: large(small(x)) + small(sin(x)))
compiled(1.0)
print(compiled.program)
"""


def test_primitives_are_numbered_in_order_of_first_use_the_same_in_every_process() -> None:
    texts = [run_python(PRIMITIVES, seed) for seed in ("0", "1")]
    assert texts[0] == texts[1]
    assert [line.split()[2] for line in texts[0].splitlines() if "area#" in line] == ["area#1", "area#2", "area#1"]


def test_primitives_of_one_name_in_two_programs_are_called_each_by_its_own() -> None:
    def make(factor: float) -> Any:
        def same(x: float) -> float:
            return factor * x

        return primitive(lambda *_: factor)(same)

    double, triple = make(2.0), make(3.0)
    twice, thrice = compile(lambda x: double(x)), compile(lambda x: triple(x))
    assert [twice(1.0), thrice(1.0), twice(1.0), thrice(1.0)] == [2.0, 3.0, 2.0, 3.0]


def test_some_of_the_outputs_are_a_program_too() -> None:
    some = compile(lambda x, y: x * y).program.only([1])
    assert (some.names, "double" in some.to_c()) == (["df/dx"], True)
