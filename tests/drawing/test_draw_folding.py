"""Large graphs are folded, and the drawing says so."""

import subprocess
import sys

from autograd import Value
from autograd import sum as total
from autograd.drawing import draw

MILLION = """
import sys
from autograd import Value
from autograd.drawing import draw
x = Value(1.0, name="x"); y = Value(0.5)
for _ in range(10**6 - 2):
    y = y + x
y = y * 1.5
draw(Value(1.0) + 1, engine="wasi").svg  # imports done
sys.setrecursionlimit(200)
y.backward()
print(draw(y, engine="wasi").svg)
"""


def chain(operations):
    y = Value(1.0, name="x")
    for _ in range(operations):
        y = y * 1.0001
    y.backward()
    return y


def test_a_long_chain_is_folded_and_the_box_says_how_much(read, engine):
    picture = read(draw(chain(1000), max_nodes=300, engine=engine).svg)
    assert picture.labels("folded") == ["… 701 earlier nodes folded"]
    assert len(picture.labels("operation")) == 300
    assert "701 earlier nodes folded" in picture.root.findtext("{http://www.w3.org/2000/svg}desc")


def test_a_graph_of_max_nodes_is_drawn_whole(read):
    picture = read(draw(chain(29), max_nodes=30).svg)
    assert picture.labels("folded") == []
    assert len(picture.labels("operation")) == 29


def test_the_edge_out_of_the_fold_carries_value_and_gradient(read):
    y = chain(10)
    picture = read(draw(y, max_nodes=1).svg)
    assert picture.numbers == [("1.0009", "1.0001"), ("1.001", "1")]


def test_what_is_folded_but_used_late_gets_a_box_with_its_name(read):
    x, y = Value(1.25, name="x"), Value(0.5)
    for _ in range(500):
        y = y * x
    labels = read(draw(y, max_nodes=40).svg).labels("folded")
    assert labels[0].endswith("earlier nodes folded")
    assert set(labels[1:]) == {"x"}


def test_many_folded_operands_of_one_node_are_one_edge(read):
    y = total([Value(float(i)) * 1.0 for i in range(2000)])
    y.backward()
    picture = read(draw(y, max_nodes=1).svg)
    assert picture.numbers == [("2 000 values", "2 000 gradients"), ("1999000", "1")]


def test_a_million_nodes_are_drawn_without_recursion_in_at_most_200_kilobytes(read):
    svg = subprocess.run([sys.executable, "-c", MILLION], capture_output=True, text=True, check=True).stdout
    assert len(svg.encode()) <= 200_000
    assert "earlier nodes folded" in read(svg).labels("folded")[0]


def test_a_folded_drawing_grows_with_max_nodes_and_not_with_the_graph():
    small, large = (len(draw(chain(n), max_nodes=50).svg) for n in (500, 5000))
    assert large < 1.05 * small


def test_sixty_squarings_are_121_edges_and_not_2_to_the_60_paths(read):
    y = Value(1.0001, name="y")
    for _ in range(60):
        y = y * y
    y.backward()
    assert len(read(draw(y).svg).edges) == 121


def test_a_variable_used_80_times_is_laid_out(read, engine):
    """Without a bound on its patience Graphviz takes minutes for this one."""
    x, y = Value(1.01, name="x"), Value(1.0)
    for _ in range(80):
        y = y * x
    assert len(read(draw(y, engine=engine).svg).edges) == 161
