"""A new operation is a line in six files, and whoever forgets one reads here which, and what to write.

    autograd/rules/table.py                  its value and its local derivatives
    autograd/functions/__init__.py           its public function, and the name in ``__all__``
    autograd/value.py                        its method, for an operation of one number
    tests/references.py                      the same in mpmath, and where to compare
    autograd/testing/domains.py              where it is defined, and where values show its derivative
    autograd/testing/complex_functions.py    the same on complex numbers, or its name in NO_COMPLEX_FORM

A value that isn't a formula of other operations is a function of floats in ieee.py or special.py, and so it is in the
player's floats.js or special.js. ``autograd.symbolic`` writes an operation as ``name(x)`` and its derivative as the rule
does, unless notation.py and textbook.py know better. ``python -m docs.make_accuracy`` measures its row of the page.
"""

from __future__ import annotations

import builtins
import inspect
import re
import shutil
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import pytest

from autograd import Value, functions
from autograd.player.javascript import file
from autograd.rules.table import RULES, Rule
from autograd.testing.complex_functions import FUNCTIONS, NO_COMPLEX_FORM, STEPS
from autograd.testing.domains import DOMAINS
from tests.functions.test_functions import HELPERS
from tests.references import REFERENCES
from tests.support import ROOT


def words(*sources: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", "".join(sources)))


class Places(NamedTuple):
    """The names that are entered, by place."""

    rules: Collection[str] = frozenset(RULES)
    public: Collection[str] = frozenset(vars(functions))
    exported: Collection[str] = frozenset(functions.__all__) | frozenset(dir(builtins))  # which no star import may hide
    methods: Collection[str] = frozenset(vars(Value))
    references: Collection[str] = frozenset(REFERENCES)
    domains: Collection[str] = frozenset(DOMAINS)
    complex_functions: Collection[str] = frozenset(FUNCTIONS) | STEPS | NO_COMPLEX_FORM
    javascript: Collection[str] = words(file("floats.js"), file("special.js"))


PLACES = Places()
NAMES = sorted({*RULES, *REFERENCES, *DOMAINS, *PLACES.complex_functions, *functions.__all__})


def takes_one_number(rule: Rule) -> bool:
    _, _, *operands = inspect.signature(rule.partials).parameters.values()
    return [x.kind for x in operands] == [inspect.Parameter.POSITIONAL_OR_KEYWORD]


def missing(name: str, places: Places) -> list[str]:
    """The files that an operation isn't entered in, each with the line to write."""
    if name not in places.rules:
        return [f'autograd/rules/table.py: {name.upper()} = elementary("{name}", …, lambda m, y, x: (…,))']
    rule = RULES[name]
    advice = [
        (places.references, f'tests/references.py: "{name}": Reference(…), in REFERENCES'),
        (places.domains, f'autograd/testing/domains.py: "{name}" in DOMAINS'),
        (
            places.complex_functions,
            f'autograd/testing/complex_functions.py: "{name}": lambda z: …, in FUNCTIONS, or "{name}" in NO_COMPLEX_FORM',
        ),
    ]
    if name not in HELPERS:
        make = "unary" if takes_one_number(rule) else "binary"
        advice += [
            (places.public, f'autograd/functions/__init__.py: {name} = {make}(rules.{name.upper()}, "…")'),
            (places.exported, f'autograd/functions/__init__.py: "{name}" in __all__'),
        ]
        if takes_one_number(rule):
            advice += [(places.methods, f"autograd/value.py: {name} = method(rules.{name.upper()}), in class Value")]
    if rule.form is None:
        advice += [(places.javascript, f"autograd/player/assets/special.js: function {name}(x) {{…}}")]
    return [text for names, text in advice if name not in names]


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_is_entered_everywhere(name: str) -> None:
    assert missing(name, PLACES) == []


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("rules", 'autograd/rules/table.py: TANH = elementary("tanh", …, lambda m, y, x: (…,))'),
        ("public", 'autograd/functions/__init__.py: tanh = unary(rules.TANH, "…")'),
        ("exported", 'autograd/functions/__init__.py: "tanh" in __all__'),
        ("methods", "autograd/value.py: tanh = method(rules.TANH), in class Value"),
        ("references", 'tests/references.py: "tanh": Reference(…), in REFERENCES'),
        ("domains", 'autograd/testing/domains.py: "tanh" in DOMAINS'),
        (
            "complex_functions",
            'autograd/testing/complex_functions.py: "tanh": lambda z: …, in FUNCTIONS, or "tanh" in NO_COMPLEX_FORM',
        ),
        ("javascript", "autograd/player/assets/special.js: function tanh(x) {…}"),
    ],
)
def test_a_place_left_out_is_named(place: str, message: str) -> None:
    names = set(getattr(PLACES, place))
    names.remove("tanh")
    assert missing("tanh", PLACES._replace(**{place: names})) == [message]


def test_a_helper_of_the_table_needs_no_public_function() -> None:
    assert missing("step", PLACES._replace(public=set(), exported=set(), methods=set())) == []


# -- one that is really entered ---------------------------------------------------------------------------

# The file, the line it comes before, and the line.
# that is near ±1, and as sin(π(½ − |x|)) by its zeros, where ½ − |x| is exact.
SINPI = [
    (
        "autograd/rules/table.py",
        "SINH = ",
        'SINPI = elementary("sinpi", special.sinpi, lambda m, y, x: (math.pi * '
        "m.where(m.abs(y) < 0.7, 1.0 - 2.0 * m.square(m.sinpi(0.5 * x)), m.sinpi(0.5 - m.abs(x))),))",
    ),
    ("autograd/functions/__init__.py", "# -- arithmetic", '__all__ += ["sinpi"]'),
    ("autograd/functions/__init__.py", "sinh = ", 'sinpi = unary(rules.SINPI, "sin(πx), exact at integers.", 0.25)'),
    ("autograd/value.py", "    sinh = ", "    sinpi = method(rules.SINPI)"),
    (
        "tests/references.py",
        '    "sinh": ',
        '    "sinpi": Reference(mp.sinpi, signed(1e-5, 30.0), whole=between(-3, 3)),',
    ),
    ("autograd/testing/domains.py", '    **_one(SMALL, REAL, "erf"', '    **_one(SMALL, REAL, "sinpi"),'),
    (
        "autograd/testing/complex_functions.py",
        '    "sinc": ',
        '    "sinpi": lambda z: (-1.0) ** round(z.real) * cmath.sin(math.pi * (z - round(z.real))),',
    ),
]
# The files of tests that go through the rule table, wherever they are.
TESTS = ("table", "new_operation", "functions", "forward", "strategies", "power", "complex_step", "operations")
TESTS += ("formula_table", "formula_python", "javascript_rules")  # type: ignore[assignment]


@pytest.fixture(scope="module")
def with_sinpi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree in which sinpi is entered."""
    tree = tmp_path_factory.mktemp("tree")
    for folder in ("autograd", "nn", "tests"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tree)
    for path, before, line in SINPI:
        text = (tree / path).read_text(encoding="utf-8")
        assert text.count(f"\n{before}") == 1, f"{path}: {before}"
        (tree / path).write_text(text.replace(f"\n{before}", f"\n{line}\n{before}"), encoding="utf-8")
    return tree


def test_six_files_are_enough(with_sinpi: Path) -> None:
    assert len({path for path, _, _ in SINPI}) == 6
    files = [next((with_sinpi / "tests").rglob(f"test_{name}.py")) for name in TESTS]
    command = [sys.executable, "-m", "pytest", "-q", "-k", "sinpi or test_every_rule", *files]
    done = subprocess.run(command, cwd=with_sinpi, capture_output=True, text=True, check=False)  # type: ignore[arg-type]
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 35  # type: ignore[index]


def test_it_works_in_every_mode(with_sinpi: Path) -> None:
    code = """
from autograd import Value, compile, derivative, explain, formula, jvp, sinpi
from autograd.testing import check_gradients
x = Value(0.25, name="x")
y = x.sinpi()
y.backward()
assert x.grad == derivative(sinpi, 0.25) == jvp(sinpi, (0.25,), (1.0,))[1] == compile(sinpi).grad(0.25) > 2.2
assert check_gradients(sinpi, 0.25) and derivative(sinpi, 0.25, 2) < -6.9
assert str(formula(y)) == "sinpi(x)" and "sinpi" in str(explain(y, x))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=with_sinpi, capture_output=True, text=True, check=False)
    assert done.stderr == ""
