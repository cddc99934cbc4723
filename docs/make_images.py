"""Write the pictures of the documentation: ``python -m docs.make_images``. The player's needs Chromium."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import nn
from autograd import Value, draw

CHROMIUM = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--force-device-scale-factor=1.5"),
    *("--force-prefers-reduced-motion", "--virtual-time-budget=3000"),
)
IMAGES = Path(__file__).with_name("images")


def neuron() -> Value:
    """tanh(w₁x₁ + w₂x₂ + b), where tanh has the slope one half, after its backward pass."""
    x1, x2 = Value(2.0, name="x1"), Value(0.5, name="x2")
    w1, w2 = Value(-3.0, name="w1"), Value(1.0, name="w2")
    b = Value(6.3813735870195432, name="b")
    y: Value = (w1 * x1 + w2 * x2 + b).tanh()
    y.name = "y"
    y.backward()
    return y


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
    for suffix in ("svg", "png"):
        draw(neuron()).save(IMAGES / f"neuron.{suffix}")
    save_boundary()
    save_player(step=8)


if __name__ == "__main__":
    main()
