"""``Program``: prints, says its size, is stored without loss, and is run by the plain interpreter."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from autograd import compile, gelu, primitive, sin, where
from autograd.compiler import Program, ProgramError, from_json, load
from autograd.program.checks import takes
from autograd.program.interpreter import run
from autograd.program.operations import OPERATIONS, VECTOR_VALUED


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


def signed(content: dict[str, Any]) -> str:
    """A file of this content with a digest that fits, as someone makes it who means harm."""
    content.pop("digest", None)
    text = json.dumps(content, separators=(",", ":"))
    return json.dumps({**content, "digest": hashlib.sha256(text.encode()).hexdigest()})


def broken(change: Any) -> str:
    content = json.loads(program().to_json())
    change(content)
    return signed(content)


def appended(*node: object) -> str:
    """The program with one more instruction; place 0 is an input, and the last place is a comparison."""

    def change(content: Any) -> None:
        content["nodes"] += [["lt", 0, 1], list(node)]

    return broken(change)


LAST = len(program().nodes)  # the place of the comparison


def test_what_is_signed_anew_is_a_program() -> None:
    assert str(from_json(broken(lambda _: None))) == str(program())
    assert from_json(appended("where", LAST, 0, 1)).size == program().size + 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "JSONDecodeError"),
        ("[]", "this is no program"),
        ("{}", "'format'"),
        ("null", "this is no program"),
        ("nonsense", "JSONDecodeError"),
        ("[" * 100_000, "RecursionError"),
        ('{"format":' * 100_000, "RecursionError"),
        ('{"format": 1' + "0" * 10_000 + "}", "ValueError"),
        ('{"format": "poem", "version": 2}', "its format is 'poem', not 'chainrule program'"),
        (
            '{"format": "chainrule program", "version": 1, "inputs": []}',
            "version 1, and versions 2 and 3 can be read: compile",
        ),
        ('{"format": "chainrule program", "version": 99}', "a program of version 99"),
        (broken(lambda c: c.update(version=99)), "a program of version 99"),
        (program().to_json().replace('"format"', '"format":0,"format"'), "a key occurs twice"),
        (program().to_json().replace(':"', ':"\\ud800', 1), "its format is"),
        (program().to_json().replace(',"nodes"', ',"knots"'), "changed or damaged"),
        (broken(lambda c: c.pop("nodes")), "'nodes'"),
        (broken(lambda c: c.update(more=1)), "'more'"),
        (broken(lambda c: c.update(inputs="xy")), "'xy' is no list"),
        (broken(lambda c: c["inputs"].append(1)), "1 is no str"),
        (broken(lambda c: c.update(nodes={})), "{} is no list"),
        (broken(lambda c: c["nodes"].append([])), "ValueError"),
        (broken(lambda c: c["nodes"].append(3)), "TypeError"),
        (broken(lambda c: c["nodes"].append([["add"], 0, 0])), "['add'] is no str"),
        (broken(lambda c: c["outputs"].append(["f", True])), "True is no int"),
        (broken(lambda c: c["outputs"].append(["f"])), "ValueError"),
        (broken(lambda c: c["outputs"].append(["g", 10**6])), "the output 'g' is place 1000000"),
        (broken(lambda c: c["outputs"].append(["g", -1])), "the output 'g' is place -1"),
        (broken(lambda c: c["outputs"].append(["g", 10**30])), "the output 'g' is place"),
        (
            broken(lambda c: c.update(nodes=[["lt", 0, 1]], outputs=[["f", 2]])),
            "the output 'f' is place 2, which is no number",
        ),
        (appended("constant"), "ValueError"),
        (appended("constant", 1.0), "1.0 is no str"),
        (appended("constant", "one"), "ValueError"),
        (appended("constant", "0x1p9999"), "OverflowError"),
        (appended("constant", "0x1p0", 0), "ValueError"),
        (appended("input"), "'input'"),
        (appended("__import__", 0, 0), "'__import__' is no operation"),
        (appended("tanh", 0.0), "0.0 is no int"),
        (appended("tanh", "0"), "'0' is no int"),
        (appended("tanh", 10**6), "don't all come before it"),
        (appended("tanh", -1), "don't all come before it"),
        (appended("tanh", LAST + 1), "don't all come before it"),
        (appended("tanh"), "tanh takes 1 operands, and has 0"),
        (appended("add", 0), "add takes 2 operands, and has 1"),
        (appended("add", 0, 0, 0), "add takes 2 operands, and has 3"),
        (appended("sum"), "sum takes 1 or more operands, and has 0"),
        (appended("dot", 0, 0, 0), "in pairs operands, and has 3"),
        (appended("lt", 0), "lt takes 2 operands"),
        (appended("not", LAST, LAST), "not takes 1 operands"),
        (appended("where", 0, 0, 0), "where takes a condition, and place 0 is a number"),
        (appended("where", LAST, LAST, 0), "where takes a number, and place"),
        (appended("and", LAST, 0), "and takes a condition, and place 0 is a number"),
        (appended("add", LAST, 0), "add takes a number, and place"),
        (appended("sum", 0, 0, LAST), "sum takes a number"),
        (appended("lt", LAST, 0), "lt takes a number"),
        (appended("softmaxes", 0, 0, 0), "softmaxes takes the number of one of its operands first"),
    ],
)
def test_a_file_that_is_no_program_is_refused_and_nothing_runs(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "f.json"
    file.write_text(text)
    with pytest.raises(ProgramError, match=re.escape(message)) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}: this ")
    assert len(str(caught.value)) < len(str(file)) + 250


def test_every_operation_can_be_computed_on_what_it_takes() -> None:
    for op in OPERATIONS:
        expected = takes(op)
        values = [1.0 if kind == "number" else True for kind in expected.kinds]
        if op in VECTOR_VALUED:
            values[0] = 0.0
        assert isinstance(OPERATIONS[op](*values, *[1.0] * (op == "dot")), float | bool)


PROGRAMS: dict[str, Any] = {
    "arithmetic": lambda x, y: x * y + 0.1,
    "choice": lambda x, y: where(x > y, x.tanh(), y) - 1e300,
    "names": lambda größe, y: größe / y,
}


def survivors(text: bytes, changed: Iterable[bytes]) -> list[bytes]:
    """Of changed files those that are a program; each must be the same function, to the last bit of its constants."""
    ours, found = from_json(text), list[bytes]()
    for content in changed:
        try:
            again = from_json(content)
        except ProgramError:
            continue
        assert (str(again), again.to_json()) == (str(ours), ours.to_json()), content
        found.append(content)
    return found


def text_of(name: str) -> bytes:
    compiled = compile(PROGRAMS[name])
    compiled(1.0, 2.0)
    text: str = compiled.program.to_json()
    return text.encode()


def test_every_change_of_one_byte_is_refused_or_changes_nothing() -> None:
    text = text_of("arithmetic")
    changed = (text[:i] + bytes([b]) + text[i + 1 :] for i in range(len(text)) for b in range(256) if b != text[i])
    assert survivors(text, changed) == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_files_with_a_byte_changed_put_in_or_left_out_are_refused_or_the_same(name: str) -> None:
    text, chance = text_of(name), Random(1)
    bytes_ = [b"\0", b" ", b'"', b"0", b"1", b"e", b",", b"\xff"]
    changed = [text[:i] + bytes([text[i] ^ 1 << chance.randrange(8)]) + text[i + 1 :] for i in range(len(text))]
    inserted = [text[:i] + byte + text[i:] for i in range(len(text) + 1) for byte in bytes_]
    removed = [text[:i] + text[i + 1 :] for i in range(len(text))]
    cut = [text[:i] for i in range(len(text))]
    swapped = [text[:i] + text[i + 1 : i + 2] + text[i : i + 1] + text[i + 2 :] for i in range(len(text) - 1)]
    assert {content.lower() for content in survivors(text, changed)} <= {text}  # a letter of an escape may be a capital
    assert survivors(text, removed + cut) == []
    spaced = survivors(text, inserted)
    assert len(spaced) > 20
    assert {content.replace(b" ", b"") for content in spaced} == {text.replace(b" ", b"")}
    assert set(survivors(text, swapped)) <= {text}


def test_white_space_and_another_way_to_write_a_name_are_no_change() -> None:
    ours = compile(PROGRAMS["names"]).program
    content = json.loads(ours.to_json())
    for text in (json.dumps(content, indent=2), json.dumps(content, ensure_ascii=False)):
        assert from_json(text).to_json() == ours.to_json()


def test_outputs_of_one_name_are_all_kept(tmp_path: Path) -> None:
    ours = compile(lambda x, y: x * y).program
    ours.names[:] = ["f", "f", ""]
    again = load(ours.save(tmp_path / "f.json"))
    assert (again.names, run(again, [2.0, 3.0])) == (["f", "f", ""], [6.0, 3.0, 2.0])


@pytest.mark.parametrize("name", ["\ud800", "\0", "a\nb", '"', "\\", "\u2028", "😀", ""])
def test_a_name_of_any_text_is_stored(name: str, tmp_path: Path) -> None:
    ours = compile(lambda x: x * x).program
    ours.inputs[0] = name
    assert load(ours.save(tmp_path / "f.json")).inputs == [name]


@pytest.mark.parametrize("content", [b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"\0" * 100, b"{\x80}", "∂".encode("utf-16")])
def test_bytes_that_are_no_text_are_no_program(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "f.json").write_bytes(content)
    with pytest.raises(ProgramError, match="f.json: this is no program"):
        load(tmp_path / "f.json")


def test_a_file_that_is_not_there_is_no_bad_program(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "f.json")


@pytest.mark.parametrize("name", ["a\nb", "x\n  v9 = add x x", "\x1b[2J", "\u202e"])
def test_a_name_is_printed_on_one_line(name: str) -> None:
    ours = compile(lambda x: x * x).program
    ours.inputs[0] = name
    ours.names[0] = name
    assert len(str(ours).splitlines()) == 1 + ours.size + len(ours.outputs)
    assert str(ours).replace("\n", "").isprintable()


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


@pytest.mark.parametrize("name", ['a"b', "\\22", "a\nb", "\0", "", "ŷ", "{0}", '"() { }\n', "sin", "a#1", "\u2028"])
def test_a_primitive_of_any_name_compiles_and_is_printed_on_one_line(name: str) -> None:
    def function(x: float) -> float:
        return 3.0 * x

    function.__name__ = name
    compiled = compile(primitive(lambda *_: 3.0)(function))
    assert (compiled(2.0), compiled.grad(2.0)) == (6.0, 3.0)
    assert len(str(compiled.program).splitlines()) == 1 + compiled.program.size + 2


def test_primitives_of_one_name_in_two_programs_are_called_each_by_its_own() -> None:
    def make(factor: float) -> Any:
        def same(x: float) -> float:
            return factor * x

        return primitive(lambda *_: factor)(same)

    double, triple = make(2.0), make(3.0)
    twice, thrice = compile(lambda x: double(x)), compile(lambda x: triple(x))
    assert [twice(1.0), thrice(1.0), twice(1.0), thrice(1.0)] == [2.0, 3.0, 2.0, 3.0]


@pytest.mark.parametrize("numbers", [[], [1.0], [1.0, 2.0, 3.0]])
def test_a_program_runs_on_as_many_numbers_as_it_has_inputs(numbers: list[float]) -> None:
    with pytest.raises(TypeError, match=f"a number for each of the program's 2 inputs, got {len(numbers)}"):
        run(program(), numbers)


def test_some_of_the_outputs_are_a_program_too() -> None:
    some = compile(lambda x, y: x * y).program.only([1])
    assert (some.names, "double" in some.to_c()) == (["df/dx"], True)
