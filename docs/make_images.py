"""Write the pictures of the documentation: ``python -m docs.make_images``."""

from pathlib import Path

from autograd import Value, draw

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


def main() -> None:
    """Draw them all."""
    IMAGES.mkdir(exist_ok=True)
    for suffix in ("svg", "png"):
        draw(neuron()).save(IMAGES / f"neuron.{suffix}")


if __name__ == "__main__":
    main()
