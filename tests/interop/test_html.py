"""The tables that notebooks show."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value
from autograd.interop.html import table


class Cells(HTMLParser):
    """The texts of a table's cells, and the tags it is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert set(dict(attributes)) <= {"style"}
        if tag in ("td", "th", "caption"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.cells[-1] += data


@given(st.text())
def test_a_text_is_never_markup(text: str) -> None:
    read = Cells(table([text], [[text]], caption=text))
    assert read.tags <= {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert len(set(read.cells)) == 1


def test_numbers_have_six_significant_digits_and_what_is_not_known_a_dash() -> None:
    assert Cells(table(["x"], [[1 / 3], [12], [None], [float("inf")], [1e-300]])).cells[1:] == [
        "0.333333",
        "12",
        "–",
        "inf",
        "1e-300",
    ]


def test_a_value_shows_name_number_gradient_and_operation() -> None:
    x = Value(2.0, name="x")
    y = x * 3.0
    assert Cells(y._repr_html_()).cells == ["name", "value", "gradient", "operation", "–", "6", "–", "×"]
    y.backward(create_graph=True)
    assert Cells(x._repr_html_()).cells[4:] == ["x", "2", "3", "–"]


def test_a_model_shows_each_layer_with_its_parameters_and_gradients() -> None:
    model = nn.MLP(2, [4, 1], seed=0)
    before = Cells(model._repr_html_()).cells
    assert [before[i] for i in (0, 6, 7, 8, 10, 11, 13)] == [
        "MLP(2 → 4 relu → 1 linear; 17 parameters)",
        "layer0",
        "Layer(2 → 4 relu)",
        "12",
        "–",
        "layer1",
        "5",
    ]
    model([1.0, 2.0]).backward()
    assert float(Cells(model._repr_html_()).cells[15]) > 0


def test_a_module_shows_parameters_of_its_own_too() -> None:
    assert Cells(nn.Neuron(2, seed=0)._repr_html_()).cells[6::5] == ["w0", "w1", "b"]


def test_a_history_shows_eight_epochs_at_most_the_first_and_the_last_among_them() -> None:
    history = nn.History(loss=[1 / n for n in range(1, 101)], accuracy=[0.5] * 100)
    cells = Cells(history._repr_html_()).cells
    assert cells[1:4] == ["epoch", "loss", "accuracy"]
    assert cells[4::3] == ["1", "15", "29", "43", "58", "72", "86", "100"]
    assert Cells(nn.History(loss=[2.0])._repr_html_()).cells[-1] == "2"
    assert Cells(nn.History()._repr_html_()).cells[1:] == ["epoch"]
