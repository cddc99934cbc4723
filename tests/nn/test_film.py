"""A film of the decision boundary: frames as the model was after each epoch, written as a GIF."""

import base64
import io
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import nn
from nn.film import Film
from nn.plots import film
from tests.support import python

Image = pytest.importorskip("PIL.Image", reason="Pillow isn't installed: it comes with matplotlib")

RNG = random.Random(0)
X = [[RNG.uniform(-1.0, 1.0), RNG.uniform(-1.0, 1.0)] for _ in range(24)]
Y = [1 if a * b > 0.0 else -1 for a, b in X]


def filmed(epochs: int = 6, every: int = 1, outputs: int = 1) -> Film:
    model = nn.MLP(2, [6, outputs], "tanh", seed=0)
    y = Y if outputs == 1 else [int(t > 0) for t in Y]
    recorded = film(model, X, y, every, steps=12)
    loss = "hinge" if outputs == 1 else "cross_entropy"
    nn.fit(model, X, y, loss, "adam", epochs, 8, False, lr=0.1, seed=0, progress=False, callbacks=[recorded])
    return recorded


def images(data: bytes) -> Iterator[Any]:
    gif = Image.open(io.BytesIO(data))
    for k in range(gif.n_frames):
        gif.seek(k)
        yield gif.convert("RGB")


def test_there_is_a_frame_before_and_after_every_epoch() -> None:
    assert [frame.epoch for frame in filmed().frames] == [0, 1, 2, 3, 4, 5, 6]
    assert [frame.epoch for frame in filmed(7, every=3).frames] == [0, 3, 6]
    assert repr(filmed(2)) == "Film(3 frames, epochs 0 to 2)"


def test_a_frame_is_what_the_model_gave_then() -> None:
    recorded = filmed(3)
    model = nn.MLP(2, [6, 1], "tanh", seed=0)
    points = recorded.plane.points()
    assert list(recorded.frames[0].shades.numbers) == pytest.approx(nn.predict(model, points), rel=1e-9)
    nn.fit(model, X, Y, "hinge", "adam", 3, 8, False, lr=0.1, seed=0, progress=False)
    assert list(recorded.frames[-1].shades.numbers) == pytest.approx(nn.predict(model, points), rel=1e-9)
    assert recorded.frames[0].title == "epoch 0"
    assert recorded.frames[-1].title.startswith("epoch 3, loss 0.")


def test_a_second_training_goes_on_where_the_first_ended() -> None:
    model = nn.MLP(2, [1], seed=0)
    recorded = film(model, X, Y, steps=2)
    for epochs in (2, 1):
        nn.fit(model, X, Y, "hinge", "sgd", epochs, None, False, lr=0.01, progress=False, callbacks=[recorded])
    assert [frame.epoch for frame in recorded.frames] == [0, 1, 2, 3]


@pytest.mark.parametrize("outputs", [1, 2])
def test_the_gif_shows_the_boundary_move(outputs: int, tmp_path: Path) -> None:
    path = filmed(4, outputs=outputs).save(tmp_path / "film.gif", fps=5)
    frames = list(images(path.read_bytes()))
    assert {frame.size for frame in frames} == {(520, 440)}
    assert len(frames) >= 5
    assert frames[0].tobytes() != frames[4].tobytes()
    colours = frames[4].getcolors(1 << 20)
    assert len(colours) > 20  # shades, points, words: no empty page
    with Image.open(path) as gif:
        assert gif.info["duration"] == 200


def test_of_many_frames_some_are_drawn_the_first_and_the_last_among_them(tmp_path: Path) -> None:
    recorded = filmed(20)
    few, all_of_them = (len(list(images(recorded.save(tmp_path / "a.gif", 10, most).read_bytes()))) for most in (5, 100))
    assert few < all_of_them


def test_a_notebook_shows_the_gif() -> None:
    bundle = filmed(2)._repr_mimebundle_()
    assert base64.b64decode(bundle["image/gif"]).startswith(b"GIF8")
    assert bundle["text/plain"] == "Film(3 frames, epochs 0 to 2)"


def test_another_ending_and_other_bad_input_is_named(tmp_path: Path) -> None:
    recorded = filmed(1)
    with pytest.raises(ValueError, match=r"a film is a GIF: write a path such as 'learning.gif', got '.*film.mp4'"):
        recorded.save(tmp_path / "film.mp4")
    with pytest.raises(ValueError, match="fps must be at least 1, got 0"):
        recorded.save(tmp_path / "film.gif", fps=0)
    with pytest.raises(ValueError, match="a film of the boundary needs data of two columns, got 3"):
        film(nn.MLP(3, [1], seed=0), [[0.0, 1.0, 2.0]], [1])
    with pytest.raises(ValueError, match="every must be at least 1, got 0"):
        film(nn.MLP(2, [1], seed=0), X, Y, every=0)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_cannot_be_compiled_is_filmed_too() -> None:
    class Counting(nn.Module):
        def __init__(self) -> None:
            self.inner, self.calls = nn.MLP(2, [1], seed=0), 0

        def __call__(self, x: Any) -> float:
            self.calls += 1
            return float(self.inner([float(a) for a in x]).data)

    recorded = film(Counting(), X, Y, steps=3)
    assert len(recorded.frames[0].shades.numbers) == 9


def test_pyplot_is_left_alone() -> None:
    code = """
import sys, nn
nn.plots.film(nn.MLP(2, [1], seed=0), [[0, 0], [1, 1]], [-1, 1], steps=3)._repr_mimebundle_()
print("matplotlib.pyplot" in sys.modules)
"""
    assert python(code) == "False"
