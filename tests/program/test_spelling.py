"""Names in other languages are text: they shadow nothing, collide with nothing, and neither end a comment nor run."""

from __future__ import annotations

import ast
import builtins
import keyword
import math
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd as ag
from autograd import compile
from autograd.program import export
from autograd.program.array_languages import NUMPY
from autograd.program.c_words import TAKEN
from autograd.program.instructions import Instruction, Instructions
from autograd.program.languages import PYTHON
from autograd.program.program import Program
from autograd.program.spelling import distinct, identifier

# Of the text itself, of Python, of C, and what looks like them.
TEXTS_OWN = [
    "math",
    "np",
    "guarded",
    "whole",
    "divide",
    "maximum",
    "minimum",
    "abs",
    "round",
    "float",
    "erf",
    "erfc",
    "lgamma",
]
WORDS = [
    *TEXTS_OWN,
    "inf",
    "nan",
    "where",
    "x",
    "y",
    "f",
    "v2",
    "v3",
    "v3_",
    "function",
    "a",
    "_",
    "__",
    "___x",
    "OverflowError",
]
WORDS += [
    "__debug__",
    "__import__",
    "__class__",
    "__name__",
    "None",
    "True",
    "match",
    "type",
    "lambda",
    "async",
    "print",
    "id",
]
WORDS += [
    "int",
    "double",
    "register",
    "INFINITY",
    "NAN",
    "M_PI",
    "main",
    "signbit",
    "linux",
    "y0",
    "ﬁ",
    "fi",
    "ſ",
    "ª",
    "ℌ",
    "𝐱",
]
NAMES = [
    "",
    " ",
    "0",
    "2nd",
    "a.b",
    "captured.w",
    "p['a']",
    'p["a"]',
    "x[0][1]",
    "w'2",
    "größe",
    "ŷ",
    "y\u0302",
    "़a",
    "٣",
    "v٣",
]
HOSTILE = [
    "*/ int evil = 1; /*",
    "*\\\n/ evil",
    "*\\\r\n/",
    "*??/\n/ evil",
    "\\",
    "??/",
    "// x\\",
    "a\nb",
    '"""',
    "'''",
    '\\"',
    "\\N{x}",
]
HOSTILE += [
    '"""\nimport os\n"""',
    "\\end{aligned}",
    "$x$",
    "%",
    "</script>",
    "{0}",
    "%s",
    "\0",
    "\ud800",
    "\u202e",
    "\u2028",
    "\x85",
    "#{x}",
]


def three(names: list[str]) -> Program:
    """A program that uses helpers of every language, with these names for its inputs."""
    compiled = compile(
        lambda x, y, z: ag.maximum(ag.erf(x), y) * ag.abs(z) + ag.round(y) / z + ag.where(x > y, math.inf, ag.exp(z))
    )
    program = compiled.program.only([0])
    program.inputs[:] = names
    program.names[:] = [f"f of {', '.join(names)}"]
    return program


POINT = (0.3, 1.7, -2.0)
ANSWER = max(math.erf(0.3), 1.7) * 2.0 + 2.0 / -2.0 + math.exp(-2.0)

some_names = st.lists(st.sampled_from([*WORDS, *NAMES, *HOSTILE]) | st.text(max_size=8), min_size=3, max_size=3)


def run_text(source: str, *arguments: Any) -> Any:
    """What the one function that a text defines at its end returns, with the text's own words for names."""
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    last = ast.parse(source).body[-1]
    assert isinstance(last, ast.FunctionDef)
    return namespace[last.name](*arguments)[0]


@given(some_names, st.sampled_from([*WORDS, *NAMES, *HOSTILE]) | st.text(max_size=8))
@example(["abs", "round", "float"], "math")
@example(["ﬁ", "fi", "f_i"], "guarded")
@example(["\ud800", "\U000e0001", "\n\n    x"], "")
def test_whatever_the_names_python_and_numpy_run_and_give_the_same_numbers(names: list[str], function: str) -> None:
    program = three(names)
    assert run_text(program.to_python(function), *POINT) == pytest.approx(ANSWER, rel=1e-14)
    columns = [np.array([x, x]) for x in POINT]
    assert run_text(program.to_numpy(function), *columns) == pytest.approx([ANSWER] * 2, rel=1e-14)


@pytest.mark.parametrize("word", [*WORDS, *keyword.kwlist, *dir(builtins)])
def test_no_word_is_shadowed_as_a_parameter_or_as_the_function(word: str) -> None:
    program = three([word, "b", "c"])
    for source in (program.to_python(word), program.to_numpy(word)):
        assert run_text(source, *POINT) == pytest.approx(ANSWER, rel=1e-14)


def test_the_docstring_is_the_outputs_names_as_they_are() -> None:
    for name in [*HOSTILE, *NAMES]:
        program = three(["a", "b", "c"])
        program.names[:] = [name]
        last = ast.parse(program.to_python()).body[-1]
        assert isinstance(last, ast.FunctionDef)
        assert ast.get_docstring(last, clean=False) == name.replace("\ud800", "⟨U+D800⟩")


@given(st.lists(st.sampled_from([*WORDS, *NAMES]) | st.text(max_size=4), max_size=30))
def test_identifiers_are_ones_and_differ_as_python_compares_them(names: list[str]) -> None:
    words = distinct(names, PYTHON.words())
    tree = ast.parse(f"def f({', '.join(words)}): pass").body[0]
    assert isinstance(tree, ast.FunctionDef)
    assert [argument.arg for argument in tree.args.args] == words  # unchanged by Python's own NFKC
    assert len(set(words)) == len(names)


def test_a_name_that_is_free_stays_as_it_is() -> None:
    names = ["x", "learning_rate", "größe", "max", "exp", "int", "x0", "f"]
    assert distinct(names, NUMPY.words()) == names


def test_many_equal_names_take_linear_time() -> None:
    words = distinct(["w"] * 20_000, set())
    assert (words[:4], len(set(words)), len(words[-1])) == (["w", "w_", "w_2", "w_3"], 20_000, len("w_19999"))


def test_an_identifier_is_one_unless_it_is_a_keyword() -> None:
    assert all(identifier(name).isidentifier() for name in [*WORDS, *NAMES, *HOSTILE])


def texts_words(source: str) -> set[str]:
    """The names that a function's text looks up and doesn't bind."""
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def test_the_words_of_a_language_are_all_that_its_text_uses() -> None:
    for language, write in ((PYTHON, export.to_python), (NUMPY, export.to_numpy)):
        for op in language.forms:
            for count in (1, 2, 3):
                nodes = [Instruction("input", ())] * count + [Instruction(op, tuple(range(count)))]
                try:
                    source = write(Instructions(["i1", "i2", "i3"][:count], nodes, {}, [count], ["f"]))
                except (IndexError, TypeError):
                    continue  # it takes another number of operands
                body = ast.parse(source).body[-1]
                used = texts_words(ast.unparse(body)) - {"i1", "i2", "i3"}
                assert {word for word in used if not re.fullmatch(r"v\d+", word)} <= language.words()


# -- C -------------------------------------------------------------------------------------------------------

gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc")


def assert_compiles(sources: list[str], folder: Path, *flags: str) -> str:
    """Compile each without a warning; the names that the objects define."""
    files = [folder / f"f{i}.c" for i in range(len(sources))]
    for file, source in zip(files, sources, strict=True):
        file.write_text(source, encoding="utf-8")
    command = ["gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", *flags, "-c", *map(str, files)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:2000]
    objects = [str(file.with_suffix(".o")) for file in files]
    return subprocess.run(["nm", "--no-sort", *objects], capture_output=True, text=True, check=True).stdout


@gcc
@pytest.mark.parametrize("flags", [("-pedantic",), ("-trigraphs", "-Wno-trigraphs"), ("-std=gnu11", "-Wno-trigraphs")])
def test_no_name_ends_a_comment_of_c(flags: tuple[str, ...], tmp_path: Path) -> None:
    names = [*HOSTILE, *NAMES, "".join(HOSTILE), "*", "/", "/*"]
    sources = [three([name, "/", name]).to_c() for name in names]
    assert "evil" not in assert_compiles(sources, tmp_path, *flags)


@given(st.lists(st.text(alphabet="*/\\\n\r?\"'a ", max_size=12), min_size=3, max_size=3))
def test_a_comment_of_c_ends_where_it_should(names: list[str]) -> None:
    source = three(names).to_c()
    spliced = re.sub(r"(\\|\?\?/)[ \t]*\r?\n", "", source)  # as the first phases of a compiler read it
    assert len(re.findall(r"/\*|\*/", spliced)) == 2
    assert source.count("\n") == three(["a", "b", "c"]).to_c().count("\n")


@gcc
@pytest.mark.parametrize("flags", [(), ("-std=gnu11", "-D_GNU_SOURCE", "-include", "stdlib.h", "-include", "complex.h")])
def test_a_function_of_c_may_be_called_by_any_name(flags: tuple[str, ...], tmp_path: Path) -> None:
    names = [*sorted(TAKEN), *WORDS, *NAMES, *HOSTILE, "größe", "_Bool", "__func__", "_Complex", "__LINE__"]
    program = compile(lambda x, y: x * y).program
    sources = {re.findall(r"void (\w+)\(", source)[0]: source for source in map(program.to_c, names)}
    defined = re.findall(r" T (\S+)", assert_compiles(["\n".join(sources.values())], tmp_path, *flags))
    assert len(defined) == len(sources) > len(TAKEN)
    assert not TAKEN.intersection(defined)
    assert "gr__e" in defined
    assert not [name for name in defined if name.startswith("_")]  # which C keeps for itself


def test_a_name_of_c_that_is_free_stays_as_it_is() -> None:
    assert all(f"void {name}(" in three(["a", "b", "c"]).to_c(name) for name in ("f", "loss", "model_2", "x", "v1", "Area"))


# -- LaTeX ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*HOSTILE, *NAMES])
def test_no_name_ends_what_latex_stands_in(name: str) -> None:
    source = three([name, "y", "z"]).to_latex()
    assert len(source.splitlines()) == len(three(["a", "y", "z"]).to_latex().splitlines())
    assert (source.count(r"\begin{aligned}"), source.count(r"\end{aligned}")) == (1, 1)
    assert (source.count("{"), "$" in source.replace(r"\$", ""), "</script" in source) == (source.count("}"), False, False)
    assert not re.search(r"(?<!\\)%", source)
