"""Programs as functions for JAX and Numba: the texts, and what JAX made of them."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from typing import Any

import pytest

from autograd import compile, digamma
from autograd.compiler import ProgramError
from autograd.program.array_languages import JAX, NUMBA
from autograd.program.printer import Language
from autograd.program.program import Program
from autograd.program.tape import Tape
from tests.program.exported import NAMED, digest, near
from tests.program.make_jax_values import FILE
from tests.program.test_loops_written import RECURRENCE

# -- the texts -----------------------------------------------------------------------------------------------


def program(inputs: list[str], names: list[str]) -> Program:
    """The product of all inputs, as often as there are names, and the inputs."""
    tape = Tape(inputs)
    product: Any = 1.0
    for x in tape.inputs:
        product = product * x
    return Program.of(tape.program([*[product] * len(names), *tape.inputs], [*names, *[f"d{name}" for name in inputs]]))


JAX_LOOPS = """\
    z = jnp.asarray(z, float).reshape(30)
    c31 = jnp.array(…)
    v36 = jnp.zeros(31)
    v41 = 0.0
    v277 = 0.0
    v36 = v36.at[0].set(v0_)
    v41 = s0
    def loop(i, carried):
        v36, v41 = carried
        v34 = c31[i] - v36[i]
        v35 = kappa * v34
        v36 = v36.at[i + 1].set(v36[i] + v35)
        v37 = jnp.abs(v36[i])
        v38 = jnp.sqrt(v37)
        v39 = v38 * z[i]
        v40 = v41 + v39
        v41 = v40 + r
        return v36, v41
    v36, v41 = lax.fori_loop(0, 30, loop, (v36, v41))
    v277 = v41
    def loop_(i, carried):
        v277, = carried
        v274 = v277 * 0.9
        v275 = jnp.sin(v36[29 - i])
        v276 = v275 * z[29 - i]
        v277 = v274 + v276
        return v277,
    v277, = lax.fori_loop(0, 29, loop_, (v277,))
    v390 = v277 * 0.9
    v391 = jnp.sin(v0_)
    v392 = v391 * z[0]
    v393 = v390 + v392
    return v41, v36[30], v393, v36[1:30],
"""


def test_loops_are_fori_loops_and_lists_are_arrays() -> None:
    text = re.sub(r"(c31 = jnp.array)\(.*?\)", r"\1(…)", RECURRENCE.to_jax(), flags=re.DOTALL)
    assert text.endswith(JAX_LOOPS)
    assert "def f(r, kappa, s0, v0_, z):\n" in text


@pytest.mark.parametrize(("way", "array"), [("to_jax", "jnp.array"), ("to_numba", "np.array")])
def test_an_argument_is_an_array_where_its_numbers_have_brackets(way: str, array: str) -> None:
    text = getattr(program(["a", "b[0]", "p['k'][0]", "p['k'][1]"], ["f"]), way)()
    assert "def f(a, b, p):\n" in text
    assert f"return v6, a, {array}([b[0]]), {array}([p[0], p[1]]),\n" in text


@pytest.mark.parametrize("language", [JAX, NUMBA], ids=lambda language: language.name)
@pytest.mark.parametrize(
    "name", ['a"b', "*/ x", "for", "1", "ŷ", "v2", "x\ny", "\\", "jnp", "np", "carried", "lax", "float"]
)
def test_names_of_inputs_are_words_that_the_text_does_not_use(language: Language, name: str) -> None:
    text = getattr(program([name, f"{name}[0]", f"{name}[1]"], [name]), f"to_{language.name.lower()}")(name)
    function = ast.parse(text).body[-1]
    assert isinstance(function, ast.FunctionDef)
    words = {argument.arg for argument in function.args.args}
    assert len(words) == 2
    assert not {*words, function.name} & language.words()
    assert "v2" not in words


def test_outputs_in_a_row_are_slices() -> None:
    tape = Tape([f"x[{k}]" for k in range(9)])
    some: list[Any] = [*tape.inputs[8:2:-1], 1.0, *tape.inputs[0:9:2]]
    text = Program.of(tape.program(some, [f"y[{k}]" for k in range(len(some))])).to_jax()
    assert "return jnp.concatenate((x[8:2:-1], jnp.array([1.0]), x[0:10:2])),\n" in text
    all_back = Program.of(tape.program(tape.inputs[::-1], [f"y[{k}]" for k in range(9)])).to_jax()
    assert "return x[8::-1],\n" in all_back


def test_numba_has_no_form_for_digamma() -> None:
    compiled = compile(lambda x: digamma(x) * x)
    compiled(2.0)
    with pytest.raises(ProgramError, match="'digamma' has no form in Numba"):
        compiled.program.to_numba()


# -- what JAX made of them -----------------------------------------------------------------------------------


@cache
def stored() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def test_jax_has_run_scans_loops_workloads_and_operations() -> None:
    """An operation that is newer than the file is run when that is made again."""
    assert stored().keys() <= NAMED.keys()
    assert {name for name in NAMED if " " in name or name == "branches"} <= stored().keys()
    assert len(stored()) > 110


@pytest.mark.parametrize("name", json.loads(FILE.read_text(encoding="utf-8")))
def test_jax_has_run_this_text_and_has_the_numbers_of_the_compiled_function(name: str) -> None:
    one, made = NAMED[name], stored()[name]
    if digest(one.program().to_jax()) != made["digest"]:
        assert name.startswith(("benchmark", "branches")), "another text: run python -m tests.program.make_jax_values"
        pytest.skip("its loops are found otherwise since JAX ran it: run python -m tests.program.make_jax_values")
    for point, values in zip(one.points, made["values"], strict=True):
        assert all(map(near, values, one.value_and_gradient(point)))
