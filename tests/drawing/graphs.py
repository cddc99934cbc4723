"""Random graphs to draw."""

from __future__ import annotations

import random

from autograd import Value


def random_graph(seed: int, nodes: int) -> Value:
    """A graph of sums, products and functions over a few leaves, some used often, gradients in place."""
    draw = random.Random(seed)
    leaves = [Value(draw.uniform(-2, 2), name=f"leaf {i}" * draw.randint(1, 3)) for i in range(draw.randint(1, 5))]
    pool = [leaf * 1.5 for leaf in leaves] + leaves
    while len(pool) < nodes:
        a, b = draw.choice(pool[-8:]), draw.choice(pool)
        pool.append(draw.choice([a * b, a + b, a - b, a.tanh(), a.sigmoid(), a * 3, a**2, b.softplus()]))
    root = pool[-1]
    root.backward()
    return root


GROUPS = [(), ("net",), ("net", "neuron 0"), ("net", "neuron 1"), ("loss",), ("a long name of a group",)]


def scoped_graph(seed: int, nodes: int) -> Value:
    """A random graph whose nodes belong to random groups: some in long runs, some changing with every node."""
    draw = random.Random(seed)
    paths, steady = GROUPS[: draw.randint(2, len(GROUPS))], draw.random() < 0.6
    pool = []
    for i in range(draw.randint(1, 5)):
        pool.append(Value(draw.uniform(-2, 2), name=f"leaf {i}" * draw.randint(1, 3)))
        pool[-1].scope = draw.choice(paths) or None
    path: tuple[str, ...] = ()
    while len(pool) < nodes:
        a, b = draw.choice(pool[-8:]), draw.choice(pool)
        path = path if steady and draw.random() < 0.7 else draw.choice(paths)
        node = draw.choice([a * b, a + b, a - b, a / (b + 3.0), a.tanh(), a * 3, a**2, b.softplus()])
        node.scope = path or None
        pool.append(node)
    pool[-1].backward()
    return pool[-1]
