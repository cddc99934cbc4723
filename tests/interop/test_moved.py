"""Old names of modules import, each as the module of its new name; pickles from before the move load."""

import pickle
import subprocess
import sys
from base64 import b64decode
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from autograd.interop.moved import LOADED, MOVED

ROOT = Path(__file__).parents[2]


NAMES = {old: new for old, new in (MOVED | LOADED).items() if new}


@pytest.mark.parametrize("old", NAMES)
def test_an_old_name_is_the_module_of_the_new_one(old: str) -> None:
    assert import_module(old) is import_module(NAMES[old])


def test_old_names_replace_nothing_public() -> None:
    code = f"""
import autograd
from importlib import import_module
before = {{name: getattr(autograd, name) for name in dir(autograd)}}
for old in {list(NAMES)}:
    import_module(old)
print([name for name, x in before.items() if getattr(autograd, name) is not x])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize(
    "name", ["autograd.testing", "autograd.rules", "nn.plots", "autograd.drawing", "autograd.functions"]
)
def test_names_that_did_not_move_import(name: str) -> None:
    assert import_module(name).__name__ == name


def test_an_old_name_imports_first_thing_in_a_process() -> None:
    code = "import autograd.drawing.writing.notation as n, autograd.compiler.layout as l; print(n.__name__, l.__name__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("autograd.symbolic.notation autograd.compiler.codegen.abi\n", "")


def test_a_name_that_never_was_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"autograd\.drawing\.writing\.paths"):
        import_module("autograd.drawing.writing.paths")


# Written by version 0.1 as it was before its modules moved: a leaf; x, w and y = tanh(w·x) + eˣ·w after a backward pass;
# and where(True, 3.0, v), a node without any leaf behind it.
LEAF = "gASVOgAAAAAAAACMDmF1dG9ncmFkLnZhbHVllIwFVmFsdWWUk5RHQAgAAAAAAACMAXiUhpRSlEdARBXnW8Moq06GlGIu"
GRAPH = (
    "gASVcAEAAAAAAACMDmF1dG9ncmFkLnZhbHVllIwFVmFsdWWUk5RHQAgAAAAAAACMAXiUhpRSlEdARBXnW8Moq06GlGJoAkdAAAAAAAAAAIwBd5SGlFKUR0A0"
    "FeqUahf0ToaUYowUYXV0b2dyYWQucGVyc2lzdGVuY2WUjAdyZXN0b3JllJOUXZQoaAVoCSiMDmF1dG9ncmFkLnJ1bGVzlIwHcnVsZV9vZpSTlIwDbXVslIWU"
    "UpRHQBgAAAAAAABdlChLAUsAZU5HPvnFN3pIta5OdJQoaBGMBHRhbmiUhZRSlEc/7//mOr4lPF2USwJhTkc/8AAAAAAAAE50lChoEYwDZXhwlIWUUpRHQDQV"
    "5b9vsQZdlEsAYU5HQAAAAAAAAABOdJQoaBRHQEQV5b9vsQZdlChLBEsBZU5HP/AAAAAAAABOdJQoaBGMA2FkZJSFlFKUR0BEleVYWqmbXZQoSwNLBWVORz/w"
    "AAAAAAAATnSUZUsGhpRSlIeULg=="
)
NO_LEAF = (
    "gASVcQAAAAAAAACMFGF1dG9ncmFkLnBlcnNpc3RlbmNllIwHcmVzdG9yZZSTlF2UKIwOYXV0b2dyYWQucnVsZXOUjAdydWxlX29mlJOUjAV3aGVyZZSFlFKU"
    "R0AIAAAAAAAAXZRHQAgAAAAAAABhTk5OdJRhSwCGlFKULg=="
)


def old(text: str) -> Any:
    return pickle.loads(b64decode(text))


def test_a_leaf_pickled_before_the_move_loads() -> None:
    x = old(LEAF)
    assert (type(x), x.data, x.name, x.grad) == (Value, 3.0, "x", 40.17112299947015)


def test_a_graph_pickled_before_the_move_loads_and_is_connected() -> None:
    x, w, y = old(GRAPH)
    assert (x.grad, w.grad) == (40.17112299947015, 20.085610652829885)
    before = x.grad
    y.backward()
    assert x.grad == 2.0 * before


def test_a_node_without_leaves_pickled_before_the_move_loads() -> None:
    node = old(NO_LEAF)
    assert (type(node), node.data, node.op, node.operands) == (Value, 3.0, "where", (3.0,))


def test_every_operation_has_its_name_in_rules() -> None:
    rules = import_module("autograd.rules")
    assert rules.ADD is rules.RULES["add"]
    assert [name for name in vars(rules.table) if name[0] != "_" and not hasattr(rules, name)] == []


def test_packages_named_in_programs_are_attributes() -> None:
    code = "import autograd; print(autograd.compiler.compiled.__name__, autograd.drawing.LayoutError.__name__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("autograd.compiler.compiled LayoutError\n", "")
