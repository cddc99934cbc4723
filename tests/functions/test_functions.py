"""The public functions: Value or number in, the same kind out; documented, and the documentation true."""

from __future__ import annotations

import builtins
import doctest
import inspect
from random import Random
from typing import Any

import pytest

import autograd
from autograd import Value, functions
from autograd.rules.table import RULES
from tests.references import REFERENCES
from tests.support import bits, python

PUBLIC = sorted(name for name, x in vars(functions).items() if name in RULES and name != "where")
METHODS = sorted(name for name, x in vars(Value).items() if inspect.isfunction(x) and not name.startswith("_"))
HELPERS = (
    *("expm1_rest", "step"),
    *("power", "where", "identity", "one_minus_square", "gaussian", "direction", "sinc_derivative", "polygamma"),
    *("floor_quotient", "trunc_quotient", "gelu_tanh", "scaled_softplus", "erfc_integral"),
)


def called(name: str, operands: tuple[Any, ...]) -> Any:
    """The public function on the operands of its rule."""
    function = getattr(autograd, name)
    if name == "dot":
        half = len(operands) // 2
        return function(operands[:half], operands[half:])
    if name in ("softmax", "log_softmax"):
        return function(operands)[0]
    return function(*operands)


def test_every_rule_is_a_public_function_or_a_helper_of_the_table() -> None:
    assert set(PUBLIC) == set(RULES) - set(HELPERS)


@pytest.mark.parametrize("name", sorted({*PUBLIC, "where"}))
def test_the_examples_in_the_documentation_are_true(name: str) -> None:
    """Functions made by a factory are passed over by doctest's own search."""
    function = getattr(functions, name)
    text = inspect.getdoc(function) or ""
    examples = doctest.DocTestParser().get_doctest(text, {name: function, "Value": Value}, name, None, 0)
    assert examples.examples
    assert doctest.DocTestRunner().run(examples).failed == 0


@pytest.mark.parametrize("name", METHODS)
def test_a_method_has_the_docstring_of_the_function_and_an_example_that_is_true(name: str) -> None:
    method = vars(Value)[name]
    text = inspect.getdoc(method) or ""
    examples = doctest.DocTestParser().get_doctest(text, {"Value": Value}, name, None, 0)
    assert examples.examples
    assert doctest.DocTestRunner().run(examples).failed == 0
    if method.__name__ in RULES and method.__name__ != "clip":
        assert text.splitlines()[0] == (inspect.getdoc(getattr(autograd, method.__name__)) or "").splitlines()[0]


@pytest.mark.parametrize("name", PUBLIC)
def test_documentation_names_the_errors(name: str) -> None:
    function = getattr(functions, name)
    assert function.__name__ == name
    assert "Raises TypeError" in function.__doc__ or "TypeError for anything" in function.__doc__


@pytest.mark.parametrize("name", PUBLIC)
def test_numbers_give_a_number_and_values_a_value_of_the_same_bits(name: str) -> None:
    x = REFERENCES[name].sampler(Random(3))
    number, value = called(name, x), called(name, tuple(map(Value, x)))
    assert (type(number), type(value)) == (float, Value)
    assert bits(number) == bits(value.data) == bits(RULES[name].value(*x))
    assert len(value.parents) == len(x)


@pytest.mark.parametrize(
    "name", [name for name in PUBLIC if name in REFERENCES and len(REFERENCES[name].sampler(Random(0))) > 1]
)
def test_numbers_beside_values_are_operands_and_get_no_node(name: str) -> None:
    x = REFERENCES[name].sampler(Random(3))
    whole = called(name, tuple(map(Value, x)))
    for i in range(len(x)):
        leaf = Value(x[i])
        node = called(name, (*x[:i], leaf, *x[i + 1 :]))
        assert node.parents == (leaf,)
        node.backward()
        assert bits(leaf.grad) == bits(-0.0 + whole.local_derivatives[i])


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "norm", "logsumexp", "max", "min", "hypot"])
def test_a_function_of_many_takes_them_one_by_one_or_as_an_iterable(name: str) -> None:
    function = getattr(autograd, name)
    one_by_one = function(1.0, 2.0, 3.0)
    assert one_by_one == function([1.0, 2.0, 3.0]) == function((1.0, 2.0, 3.0)) == function(x for x in (1.0, 2.0, 3.0))
    assert function([Value(1.0), 2.0]).data == function(1.0, 2.0)


def test_nothing_has_an_empty_sum_product_and_logsumexp() -> None:
    assert (autograd.sum([]), autograd.prod([]), autograd.dot([], []), autograd.norm([])) == (0.0, 1.0, 0.0, 0.0)
    assert (autograd.logsumexp([]), autograd.softmax([]), autograd.log_softmax([])) == (-float("inf"), [], [])


@pytest.mark.parametrize("name", ["max", "min", "mean"])
def test_there_is_no_largest_smallest_or_mean_of_nothing(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: needs at least 1 value, got none"):
        getattr(autograd, name)([])


def test_a_dot_product_needs_both_sides_of_one_length() -> None:
    with pytest.raises(ValueError, match="both sides need the same length, got 1 and 2"):
        autograd.dot([Value(1.0)], [1.0, 2.0])


def test_softmax_gives_a_list_with_one_node_each() -> None:
    xs = [Value(x) for x in (1.0, 2.0, 3.0)]
    shares = autograd.softmax(xs)
    assert [type(s) for s in shares] == [Value] * 3
    assert sum(s.data for s in shares) == pytest.approx(1.0, rel=1e-15)
    for share in shares:
        assert sorted(map(id, share.parents)) == sorted(map(id, xs))


def test_a_star_import_hides_no_builtin() -> None:
    namespace: dict[str, Any] = {}
    exec("from autograd import *", namespace)
    builtin = vars(builtins)
    assert [name for name in namespace if name in builtin and name != "__builtins__"] == []
    assert all(hasattr(autograd, name) for name in autograd.__all__)
    assert len(set(autograd.__all__)) == len(autograd.__all__)


def test_every_public_function_is_listed_once_and_can_be_imported_by_name() -> None:
    namesakes = [name for name in PUBLIC if hasattr(builtins, name)]
    assert sorted([*functions.__all__, *namesakes]) == sorted([*PUBLIC, "where"])
    assert set(functions.__all__) <= set(autograd.__all__)
    assert all(getattr(autograd, name) is getattr(functions, name) for name in PUBLIC)


@pytest.mark.parametrize("thing", [Value(1.0), 3.0, None, "ab", {"a": 1.0}, {1.0, 2.0}], ids=repr)
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "dot"])
def test_what_is_no_list_is_an_error_that_says_so(name: str, thing: Any) -> None:
    function = getattr(autograd, name)
    arguments, where = ((thing, [1.0]), "a") if name == "dot" else ((thing,), "values")
    with pytest.raises(TypeError, match=f"{name}: {where} must be a list of numbers and Values, got"):
        function(*arguments)


@pytest.mark.parametrize("thing", ["ab", {"a": 1.0}, {1.0, 2.0}], ids=repr)
@pytest.mark.parametrize("name", ["sum", "mean", "max", "norm", "logsumexp"])
def test_text_dicts_and_sets_are_no_operands(name: str, thing: Any) -> None:
    """A set would add up in another order on every run."""
    with pytest.raises(TypeError, match=f"{name}: values must be a list of numbers and Values, got"):
        getattr(autograd, name)(thing)


def test_importing_autograd_loads_the_standard_library_only() -> None:
    code = (
        "import sys; before = set(sys.modules); import autograd; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    assert python(code) == "['autograd']"
