"""Models in C: the bits of predict in double, six digits in float, small, and silent at every warning."""

import ctypes
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import nn
from autograd import Value, dot, log, scan, softmax, take, tanh, where
from autograd.compiler import BranchError, TraceError

needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc")
REALS = {"double": ctypes.c_double, "float": ctypes.c_float}
STRICT = ["gcc", "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wmissing-prototypes", "-Werror"]
SILENT = {"double": STRICT, "float": [*STRICT, "-Wdouble-promotion"]}


class InC:
    """A text of ``to_c``, compiled and called."""

    def __init__(
        self, text: str, folder: Path, real: str = "double", options: Sequence[str] = ("-Os",), name: str = "predict"
    ):
        source, shared = folder / "model.c", folder / f"{random.random()}.so"
        source.write_text(text)
        subprocess.run([*SILENT[real], *options, "-fPIC", "-shared", str(source), "-o", str(shared), "-lm"], check=True)
        self.number, self.loaded, self.name = REALS[real], ctypes.CDLL(str(shared)), name

    def outputs(self, row: Sequence[float], count: int) -> list[float]:
        y = (self.number * count)()
        getattr(self.loaded, self.name)((self.number * len(row))(*row), y)
        return list(y)

    def label(self, row: Sequence[float]) -> int:
        found: int = getattr(self.loaded, f"{self.name}_class")((self.number * len(row))(*row))
        return found


def rows_of(n: int, count: int = 40, size: float = 3.0) -> list[list[float]]:
    rng = random.Random(0)
    return [[rng.uniform(-size, size) for _ in range(n)] for _ in range(count)]


def as_list(prediction: Any) -> list[float]:
    return list(prediction) if isinstance(prediction, list) else [prediction]


def weights(n: int) -> list[Value]:
    rng = random.Random(n)
    return [Value(rng.gauss(0.0, 1.0)) for _ in range(n)]


def spread(model: nn.Module) -> nn.Module:
    """The model with parameters of many sizes, some of them 1, −1 and ±0."""
    rng = random.Random(0)
    for parameter in model.parameters():
        parameter.data = rng.choice((1.0, -1.0, 0.0, -0.0, rng.gauss(0.0, 2.0), rng.gauss(0.0, 1.0), rng.gauss(0.0, 0.1)))
    return model


# -- numbers -----------------------------------------------------------------------------------------


@needs_gcc
@pytest.mark.parametrize("activation", nn.ACTIVATIONS)
def test_in_double_every_activation_has_the_bits_of_predict(activation: str, tmp_path: Path) -> None:
    model = spread(nn.MLP(5, [12, 3], activation))
    in_c = InC(nn.to_c(model), tmp_path)
    for size in (1.0, 30.0):
        rows = rows_of(5, size=size)
        assert [in_c.outputs(row, 3) for row in rows] == nn.predict(model, rows)


@needs_gcc
@pytest.mark.parametrize("activation", nn.ACTIVATIONS)
def test_in_float_every_activation_has_six_digits(activation: str, tmp_path: Path) -> None:
    model = nn.MLP(5, [12, 3], activation, seed=0)
    in_c = InC(nn.to_c(model, "float"), tmp_path, "float")
    for size in (1.0, 100.0):
        for row, expected in zip(rows_of(5, size=size), nn.predict(model, rows_of(5, size=size)), strict=True):
            largest = size + max(map(abs, as_list(expected)))
            assert in_c.outputs(row, 3) == pytest.approx(expected, rel=1e-6, abs=2e-6 * largest)


@needs_gcc
def test_fused_multiply_adds_are_kept_away(tmp_path: Path) -> None:
    model, rows = nn.MLP(8, [16, 4], seed=0), rows_of(8, 100)
    in_c = InC(nn.to_c(model), tmp_path, options=("-std=gnu11", "-O3", "-march=native"))
    assert [in_c.outputs(row, 4) for row in rows] == nn.predict(model, rows)


@needs_gcc
def test_digits_have_the_bits_of_predict_and_fit_a_small_machine(tmp_path: Path) -> None:
    digits = pytest.importorskip("sklearn.datasets").load_digits()
    rows = (digits.data[1347:] / 16.0).tolist()
    model = nn.MLP(64, [32, 10], "relu", seed=0)
    predictions = nn.predict(model, rows)
    for real, most in (("double", 22_000), ("float", 12_000)):
        in_c = InC(nn.to_c(model, real), tmp_path, real)
        labels = [row.index(max(row)) for row in map(as_list, predictions)]
        assert [in_c.label(row) for row in rows] == labels
        if real == "double":
            assert [in_c.outputs(row, 10) for row in rows] == predictions
        assert size_of(tmp_path / "model.c") <= most


def size_of(source: Path) -> int:
    """Bytes of code and constants at -Os."""
    subprocess.run([*STRICT, "-Os", "-c", source.name, "-o", "model.o"], cwd=source.parent, check=True)
    shown = subprocess.run(["size", "model.o"], cwd=source.parent, capture_output=True, text=True, check=True).stdout
    text, data, bss = map(int, shown.splitlines()[1].split()[:3])
    return text + data + bss


# -- models ------------------------------------------------------------------------------------------


class Convolution(nn.Module):
    nin = 16

    def __init__(self) -> None:
        self.kernel, self.out = weights(3), nn.Layer(14, 3, "linear", seed=0)

    def __call__(self, x: Any) -> Any:
        return self.out([dot(self.kernel, x[i : i + 3]).relu() for i in range(14)])


class Recurrent(nn.Module):
    nin = 20

    def __init__(self) -> None:
        self.w, self.u, self.out = [weights(3) for _ in range(3)], weights(3), nn.Neuron(3, "linear", seed=0)

    def step(self, h: Any, t: Any) -> tuple[list[Any], None]:
        return [tanh(dot(w, h) + u * t) for w, u in zip(self.w, self.u, strict=True)], None

    def __call__(self, x: Any) -> Any:
        h = [0.0] * 3
        for t in x:
            h, _ = self.step(h, t)
        return self.out(h)


class Scanned(Recurrent):
    def __call__(self, x: Any) -> Any:
        h, _ = scan(self.step, [0.0] * 3, list(x))
        return self.out(h)


class Looked(nn.Module):
    """A table of numbers by an index."""

    nin = 2

    def __init__(self) -> None:
        self.table = weights(20)

    def __call__(self, x: Any) -> Any:
        return take(self.table, x[0]) * x[1]


class Sized(nn.Module):
    """A branch on a parameter, which C needs not."""

    nin = 2

    def __init__(self) -> None:
        self.w = weights(2)

    def __call__(self, x: Any) -> Any:
        return dot(self.w, x) if self.w[0] < 1e9 else self.w[0]


class Constant(nn.Module):
    nin = 1

    def __call__(self, x: Any) -> Any:
        del x
        return 3.0


MODELS: dict[str, tuple[Callable[[], nn.Module], int]] = {
    "neuron": (lambda: nn.Neuron(2, seed=0), 2),
    "layer": (lambda: nn.Layer(3, 4, seed=0), 3),
    "no bias": (lambda: nn.MLP(3, [5, 2], bias=False, seed=0), 3),
    "spelled out": (lambda: nn.MLP(3, [5, 2], spelled_out=True, seed=0), 3),
    "deep": (lambda: nn.MLP(3, [9, 9, 9, 9, 1], "tanh", seed=0), 3),
    "own activation": (lambda: nn.MLP(3, [8, 2], lambda z: where(z > 1.0, z * z, log(2.0 - z)), seed=0), 3),
    "activations": (lambda: nn.MLP(3, [8, 8, 2], ["gelu", "elu", "sigmoid"], seed=0), 3),
    "sequential": (
        lambda: nn.Sequential(nn.Dropout(0.5), nn.Layer(4, 3, seed=0), nn.Noise(), nn.MLP(3, [4], seed=1), softmax),
        4,
    ),
    "convolution": (Convolution, 16),
    "recurrent": (Recurrent, 20),
    "scanned": (Scanned, 20),
    "branch on a parameter": (Sized, 2),
    "constant": (Constant, 1),
}


@needs_gcc
@pytest.mark.parametrize(("make", "inputs"), MODELS.values(), ids=MODELS)
def test_any_model_that_can_be_traced_has_the_bits_of_predict(
    make: Callable[[], nn.Module], inputs: int, tmp_path: Path
) -> None:
    model, rows = make(), rows_of(inputs)
    expected = list(map(as_list, nn.predict(model, rows)))
    in_c = InC(nn.to_c(model), tmp_path)
    assert [in_c.outputs(row, len(expected[0])) for row in rows] == expected


@needs_gcc
def test_an_index_is_looked_up(tmp_path: Path) -> None:
    model, rows = Looked(), [[float(k), 0.5] for k in range(20)]
    in_c = InC(nn.to_c(model), tmp_path)
    assert [in_c.outputs(row, 1)[0] for row in rows] == nn.predict(model, rows)


@needs_gcc
def test_an_embedding_takes_its_rows_by_number(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Embedding(9, 2, seed=0), nn.flatten, nn.Layer(6, 9, "linear", seed=1), softmax)
    rows = [[float(k), float(k + 1), 0.0] for k in range(8)]
    text = nn.to_c(model, inputs=3)
    in_c = InC(text, tmp_path)
    assert [in_c.outputs(row, 9) for row in rows] == nn.predict(model, rows)
    with pytest.raises(TypeError, match="how many numbers does"):
        nn.to_c(model)


def test_layers_are_loops_whatever_their_weights_are() -> None:
    pytest.importorskip("numpy")
    texts = [nn.to_c(change(nn.MLP(64, [32, 10], seed=0))) for change in (lambda model: model, spread)]
    for text in texts:
        assert text.count("for (int") <= 12
        assert len([line for line in text.splitlines() if re.search("[a-z]{2}|}", line)]) < 60  # all but the tables' numbers


# -- scalers and classes -------------------------------------------------------------------------------


@needs_gcc
def test_scalers_are_built_in(tmp_path: Path) -> None:
    rows = [[*row, 7.0] for row in rows_of(4, size=50.0)]  # a constant column too
    targets = [sum(row) for row in rows]
    scaler, of_targets = nn.Scaler().fit(rows), nn.Scaler().fit(targets)
    model = nn.MLP(5, [6, 1], "tanh", seed=0)
    scaled = nn.predict(model, scaler.apply(rows))
    in_c = InC(nn.to_c(model, scaler=scaler), tmp_path)
    assert [in_c.outputs(row, 1)[0] for row in rows] == scaled
    both = InC(nn.to_c(model, scaler=(scaler, of_targets)), tmp_path)
    assert [both.outputs(row, 1)[0] for row in rows] == of_targets.undo(scaled)


@needs_gcc
def test_one_output_is_compared_with_the_threshold(tmp_path: Path) -> None:
    model, rows = nn.MLP(2, [4, 1], "tanh", seed=0), rows_of(2)
    for threshold in (0.0, 0.5):
        in_c = InC(nn.to_c(model, threshold=threshold), tmp_path)
        labels = [in_c.label(row) for row in rows]
        assert labels == [int(score > threshold) for score in nn.predict(model, rows)]
        assert nn.accuracy(model, rows, labels, threshold) == 1.0


@needs_gcc
def test_of_equal_outputs_the_first_is_the_class_and_nan_is_none(tmp_path: Path) -> None:
    several = InC(nn.to_c(nn.MLP(1, [3], initialiser=lambda *_: 1.0)), tmp_path)
    one = InC(nn.to_c(nn.MLP(1, [1], initialiser=lambda *_: 1.0)), tmp_path)
    assert [several.label([x]) for x in (1.0, float("nan"))] == [0, -1]
    assert [one.label([x]) for x in (1.0, -1.0, float("nan"))] == [1, 0, -1]


# -- text ----------------------------------------------------------------------------------------------


@needs_gcc
@pytest.mark.parametrize("name", ["net", "double", "sin", "maximum", "my net!", "größe"])
def test_any_name_makes_functions_that_compile(name: str, tmp_path: Path) -> None:
    model, row = nn.MLP(2, [3, 2], "hard_tanh", seed=0), [0.5, -0.25]
    text = nn.to_c(model, name=name)
    found = re.search(r"^void (\w+)\(", text, re.MULTILINE)
    assert found is not None
    in_c = InC(text, tmp_path, name=found[1])
    assert in_c.outputs(row, 2) == nn.predict(model, [row])[0]
    assert in_c.label(row) in (0, 1)


@needs_gcc
def test_no_name_of_a_model_ends_the_comment(tmp_path: Path) -> None:
    class Odd(nn.MLP):
        def __repr__(self) -> str:
            return "*/ ??/ \\ \n é → #error"

    model = Odd(2, [1], seed=0)
    assert InC(nn.to_c(model), tmp_path).outputs([1.0, 2.0], 1) == nn.predict(model, [[1.0, 2.0]])


def test_the_text_is_written_to_a_file_too(tmp_path: Path) -> None:
    text = nn.to_c(nn.MLP(2, [1], seed=0), path=tmp_path / "net.c")
    assert (tmp_path / "net.c").read_text() == text


def test_a_checkpoint_is_its_model(tmp_path: Path) -> None:
    model = nn.MLP(2, [1], seed=0)
    assert nn.to_c(nn.load(nn.save(tmp_path / "model", model))) == nn.to_c(model)


def test_floats_are_written_as_short_as_can_be() -> None:
    text = nn.to_c(nn.Neuron(1, "linear", initialiser=lambda *_: 0.1), "float")
    assert "0.1f * x[0]" in text
    assert "double" not in text


# -- what is refused -----------------------------------------------------------------------------------


class Branching(Sized):
    def __call__(self, x: Any) -> Any:
        return dot(self.w, x) if x[0] > 0 else self.w[0]


class Noisy(Sized):
    def __call__(self, x: Any) -> Any:
        return dot(self.w, x) + random.random()


class Cut(Sized):
    def __call__(self, x: Any) -> Any:
        return self.w[0] * float(x[0])


class Unsized(nn.Module):
    def __init__(self) -> None:
        self.w = weights(2)

    def __call__(self, x: Any) -> Any:
        return dot(self.w, x)


@pytest.mark.parametrize(
    ("make", "options", "error", "message"),
    [
        (Sized, {"real": "half"}, ValueError, r"to_c: real must be 'double' or 'float', .* got 'half'"),
        (Sized, {"real": ["float"]}, ValueError, r"got \['float'\]"),
        (Sized, {"name": 3}, TypeError, "name must be what the function is to be called, got int 3"),
        (Sized, {"scaler": []}, TypeError, "or a pair of them"),
        (Branching, {}, BranchError, "Branching branches on its arguments' numbers"),
        (Noisy, {}, ValueError, "is another program each time it is traced: it draws random numbers"),
        (Cut, {}, TraceError, "leaves the graph"),
        (Unsized, {}, TypeError, r"how many numbers does .* take\? Say so: nn.to_c\(model, inputs=2\)"),
        (Sized, {"scaler": nn.Scaler()}, ValueError, "this scaler knows no mean yet"),
        (Sized, {"scaler": nn.Scaler().fit([1.0, 2.0])}, ValueError, "was fitted to 1 column, got 2 columns"),
        (Sized, {"scaler": (None, nn.Scaler().fit([[1.0, 2.0], [2.0, 3.0]]))}, ValueError, "targets: .* 2 columns, got 1"),
        (Sized, {"scaler": "standard"}, TypeError, "scaler must be an nn.Scaler, or a pair of them"),
        (Sized, {"inputs": 0}, ValueError, "inputs must be at least 1"),
        (lambda: nn.MLP(3, [1], seed=0), {"inputs": 2}, ValueError, "takes 3 inputs, got 2"),
        (lambda: "mlp", {}, TypeError, "model must be an nn.Module"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_says_why(make: Any, options: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        nn.to_c(make(), **options)


def test_a_model_without_nin_takes_the_columns_of_its_scaler() -> None:
    assert "2 in, 1 out" in nn.to_c(Unsized(), scaler=nn.Scaler().fit([[1.0, 2.0], [2.0, 4.0]]))
    assert "2 in, 1 out" in nn.to_c(Unsized(), inputs=2)


@pytest.mark.parametrize(("number", "real"), [(float("nan"), "double"), (float("inf"), "float"), (1e39, "float")])
def test_a_parameter_beyond_the_type_is_named(number: float, real: str) -> None:
    model = nn.MLP(2, [1], seed=0)
    model.parameters()[1].data = number
    with pytest.raises(ValueError, match="the parameter layer0.neuron0.w1 is"):
        nn.to_c(model, real)


def test_a_file_in_place_of_a_type_is_told_where_it_goes(tmp_path: Path) -> None:
    for file in (tmp_path / "net.c", str(tmp_path / "net.c")):
        with pytest.raises(TypeError, match=r"a type of numbers, and .*net.c a file: nn.to_c\(model, path=…\)"):
            nn.to_c(nn.MLP(1, [1], seed=0), file)  # type: ignore[arg-type]
