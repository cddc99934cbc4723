"""The demo, part by part: gradients that agree and ones that don't, folders that can't be written."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import nn
from autograd import Value, square
from autograd.cli import demo
from tests.support import ROOT


def test_the_difference_by_nudging_is_the_derivative() -> None:
    w = Value(1.5)
    assert demo.central_difference(lambda: w * w * w, w) == pytest.approx(6.75, rel=1e-9)
    assert w.data == 1.5


def test_gradients_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    assert demo.report_gradients(model, lambda: square(model([1.0, 2.0]) - 1.0), seed=0, count=5)
    assert "they agree" in capsys.readouterr().out


def test_a_wrong_gradient_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    model = nn.MLP(2, [3, 1], "tanh", seed=0)

    def loss() -> Any:
        value = square(model([1.0, 2.0]) - 1.0)
        wrong = value * Value(1.001) - 0.001 * value.data  # by 0.1 % in its derivative
        return wrong if value.parents else value * 1.0

    assert not demo.report_gradients(model, loss, seed=0, count=5)
    assert "DISAGREE" in capsys.readouterr().out


def test_missing_packages_are_named_with_the_remedy() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"^missing some-thing other; install with: python -m pip install some-th"):
        demo.check_packages({"no_such_module_a": "some-thing", "sys": "sys", "no_such_module_b": "other"})


@pytest.mark.parametrize("name", ["a\0b", "file/out", "file"])
def test_a_folder_that_cannot_be_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((OSError, ValueError), match=r"can't write to .*file|null"):
        demo.writable_folder(tmp_path / name, ["graph.svg"])


def test_a_picture_that_cannot_be_replaced_is_refused(tmp_path: Path) -> None:
    (tmp_path / "graph.svg").mkdir()
    with pytest.raises(OSError, match=r"can't write to .*graph.svg: it exists and can't be replaced; name another folder"):
        demo.writable_folder(tmp_path, ["graph.svg"])


def test_the_probe_leaves_nothing_behind(tmp_path: Path) -> None:
    demo.writable_folder(tmp_path / "a" / "b", ["graph.svg"])
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_an_interrupted_training_ends_the_demo() -> None:
    with pytest.raises(KeyboardInterrupt):
        demo._finished(nn.History(interrupted=True))


def test_the_quick_demo_does_the_main_job(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "autograd", "demo", "--quick", "--out", str(tmp_path / "pictures")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    accuracies = [line.split() for line in done.stdout.splitlines() if "accuracy:" in line]
    assert float(accuracies[0][5].strip(",")) >= 0.97  # two moons, test part
    assert float(accuracies[1][5].strip(",")) >= 0.93  # breast cancer, test part
    assert "they agree" in done.stdout
    assert done.stderr == ""  # progress bars show in terminals alone
    for name in demo.FILES:
        assert str(tmp_path / "pictures" / name) in done.stdout
        assert (tmp_path / "pictures" / name).stat().st_size > 1000
