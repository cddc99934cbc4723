"""Write the pictures of the documentation: ``python -m docs.make_images``. The player's needs Chromium."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import nn
from autograd import Value, draw, scope
from autograd.picture import Drawing

CHROMIUM = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *(
        "--disable-background-networking",
        "--disable-component-update",
        "--hide-scrollbars",
        "--force-device-scale-factor=1.5",
    ),
    *("--force-prefers-reduced-motion", "--virtual-time-budget=3000"),
)
IMAGES = Path(__file__).with_name("images")


def neuron() -> Value:
    """tanh(w₁x₁ + w₂x₂ + b), where tanh has the derivative one half, after its backward pass."""
    x1, x2 = Value(2.0, name="x1"), Value(0.5, name="x2")
    w1, w2 = Value(-3.0, name="w1"), Value(1.0, name="w2")
    b = Value(6.3813735870195432, name="b")
    y: Value = (w1 * x1 + w2 * x2 + b).tanh()
    y.name = "y"
    y.backward()
    return y


def one_path() -> Drawing:
    """A 2-3-1 net with squared error, and the path of the weight w11 from the cost."""
    x1, x2 = Value(1.0, name="x1"), Value(1.0, name="x2")
    into = [(0.8, 0.2), (0.4, 0.9), (0.3, 0.5)]
    w = [(Value(a, name=f"w1{i}"), Value(b, name=f"w2{i}")) for i, (a, b) in enumerate(into, 1)]
    out = Value(0.0)
    for i, ((a, b), c) in enumerate(zip(w, (0.3, 0.5, 0.9), strict=True), 1):
        with scope(f"neuron {i}"):
            hidden = (x1 * a + x2 * b).sigmoid()
        with scope("output"):
            term = hidden * Value(c, name=f"w3{i}")
            out = term if i == 1 else out + term
    cost: Value = (Value(0.0, name="y_true") - out) ** 2
    cost.name = "C"
    cost.backward()
    return draw(cost, wrt=w[0][0])


def net() -> Value:
    """A 2-2-1 net in × and +, and its loss."""
    model = nn.MLP(2, [2, 1], "tanh", seed=1, spelled_out=True)
    score = model([Value(1.5, name="x1"), Value(-0.5, name="x2")])
    loss: Value = (score - Value(1.0, name="y_true")) ** 2
    loss.name = "loss"
    loss.backward()
    return loss


def folded_net() -> Value:
    """The mean squared error of a 2-16-16-1 net over 100 rows: 7 000 nodes."""
    model = nn.MLP(2, [16, 16, 1], "tanh", seed=0)
    loss: Value = nn.mse([model([0.01 * i, 1.0 - 0.02 * i]) for i in range(100)], [1.0] * 100)
    loss.name = "loss"
    loss.backward()
    return loss


def vanishing() -> Drawing:
    """Six saturated sigmoids one after the other: the gradient of each is a thousandth of the next one's."""
    a = Value(1.0, name="x")
    for i in range(6):
        with scope(f"layer {i}"):
            a = (Value(8.0, name=f"w{i}") * a).sigmoid()
    a.name = "y"
    a.backward()
    return draw(a, magnitude=True)


def drawings() -> dict[str, Drawing]:
    """All of them, by the name of their file."""
    return {
        "neuron": draw(neuron()),
        "path": one_path(),
        "net": draw(net()),
        "net_dark": draw(net(), theme="dark"),
        "folded": draw(folded_net()),
        "vanishing": vanishing(),
    }


def save_player(step: int) -> None:
    """A screenshot of the neuron's step player."""
    with tempfile.TemporaryDirectory() as folder:
        page = draw(neuron()).save(f"{folder}/neuron.html")
        target = f"{page.as_uri()}#step={step}"
        options = [f"--user-data-dir={folder}/profile", "--window-size=1180,830", f"--screenshot={IMAGES / 'player.png'}"]
        subprocess.run([str(shutil.which("chromium")), *CHROMIUM, *options, target], check=True, capture_output=True)


def save_boundary() -> None:
    """What a net has learnt of two moons."""
    from sklearn.datasets import make_moons

    from nn.plots import decision_boundary

    points, bits = make_moons(n_samples=100, noise=0.1, random_state=1)
    targets = [2.0 * bit - 1.0 for bit in bits.tolist()]
    model = nn.MLP(2, [16, 16, 1], seed=1)
    optimiser = nn.Adam(model.parameters(), lr=0.02)
    nn.fit(model, points, targets, nn.hinge, optimiser, epochs=40, batch_size=10, seed=1, progress=False)
    figure = decision_boundary(model, points, targets, "two moons, after 40 epochs")
    figure.savefig(IMAGES / "moons_boundary.png", dpi=80)


def main() -> None:
    """Draw them all."""
    IMAGES.mkdir(exist_ok=True)
    for name, drawing in drawings().items():
        for suffix in ("svg", "png"):
            drawing.save(IMAGES / f"{name}.{suffix}")
    save_boundary()
    save_player(step=8)


if __name__ == "__main__":
    main()
