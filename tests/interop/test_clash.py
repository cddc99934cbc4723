"""PyPI's ``autograd`` (HIPS) has our import name: both imports say what happened and how to mend it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograd.interop.clash import other_autograd

ROOT = Path(__file__).parents[2]
MEND = "pip uninstall autograd chainrule, then pip install . in a clone of chainrule"


def run(code: str, *folders: Path, warnings: str = "default") -> subprocess.CompletedProcess[str]:
    """``code`` in a fresh interpreter that finds ``folders`` first, then this checkout."""
    path = os.pathsep.join(map(str, (*folders, ROOT)))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": warnings}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT.parent, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("metadata", ["autograd-1.8.0.dist-info", "autograd-1.3-py3.11.egg-info"])
def test_importing_ours_beside_hips_warns_at_the_users_line(tmp_path: Path, metadata: str) -> None:
    (tmp_path / metadata).mkdir()
    done = run("1\nimport autograd", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("RuntimeWarning") == 1
    assert "<string>:2: RuntimeWarning: two packages named autograd are installed" in done.stderr
    assert metadata in done.stderr
    assert MEND in done.stderr


def test_the_warning_can_be_made_an_error(tmp_path: Path) -> None:
    (tmp_path / "autograd-1.8.0.dist-info").mkdir()
    done = run("import autograd", tmp_path, warnings="error")
    assert done.returncode == 1
    assert "RuntimeWarning: two packages named autograd" in done.stderr


@pytest.mark.parametrize(
    "other", ["autograd_gamma-0.5.0.dist-info", "chainrule-0.1.0.dist-info", "autograd", "autograd-notes"]
)
def test_other_names_are_no_clash(tmp_path: Path, other: str) -> None:
    (tmp_path / other).mkdir()
    assert other_autograd([str(tmp_path), str(tmp_path / "missing"), str(tmp_path / "lib.zip")]) is None


def test_importing_ours_alone_is_silent(tmp_path: Path) -> None:
    done = run("import autograd, nn", tmp_path, warnings="error")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_nn_on_another_autograd_says_how_to_mend_it(tmp_path: Path) -> None:
    package = tmp_path / "autograd"
    package.mkdir()
    (package / "__init__.py").write_text("def grad(f): return f")
    done = run("import nn", tmp_path)
    assert done.returncode == 1
    *_, last = done.stderr.strip().splitlines()
    assert last.startswith("ImportError: nn is built on the autograd of the distribution chainrule")
    assert str(package) in last
    assert MEND in last
