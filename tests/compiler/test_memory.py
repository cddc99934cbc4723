"""What a trace takes goes with it, without the collector of circles."""

import gc

import autograd as ag
from autograd import Value
from autograd.program.tape import Tape


def test_neither_graph_nor_tape_outlives_a_trace() -> None:
    def f(x: Value) -> Value:
        for _ in range(50):
            x = ag.sin(x) * x**2.5
        return x

    gc.collect()
    before = {id(each) for each in gc.get_objects()}
    gc.disable()
    try:
        compiled = ag.compile(f)
        assert compiled.value_and_grad(0.5)[0] == compiled(0.5)
        new = [each for each in gc.get_objects() if id(each) not in before]
        assert [each for each in new if isinstance(each, Value) and each.op] == []
        assert [each for each in new if isinstance(each, Tape) and each.nodes] == []
    finally:
        gc.enable()
