"""Programs with one mistake a line, in functions that nobody calls.

A comment behind each mistake says how mypy and pyright complain of it; neither may find anything else.
"""

from __future__ import annotations

from collections.abc import Sequence

import autograd as ag
import nn
from autograd import (
    Value,
    clip,
    compile,
    derivative,
    dot,
    draw,
    exp,
    explain,
    grad,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    maximum,
    no_grad,
    primitive,
    scan,
    scope,
    softmax,
    value_and_grad,
    vjp,
    where,
)


def cube(x: Value) -> Value:
    return x**3


def product(x: Value, y: Value) -> Value:
    return x * y


def length(point: list[Value]) -> Value:
    return ag.sum(x * x for x in point).sqrt()


def mirrored(x: Value) -> list[Value]:
    return [x, -x]


class Line(nn.Module):
    """A model of one's own."""

    def __init__(self) -> None:
        self.slope = Value(2.0)

    def __call__(self, x: Sequence[float]) -> Value:
        return self.slope * x[0]


def in_words(x: Value) -> str:
    return f"{x}"


def nodes(x: Value) -> None:
    print(x.op.upper())  # wrong: union-attr, reportOptionalMemberAccess
    Value("3")  # wrong: arg-type, reportArgumentType
    Value(None)  # wrong: arg-type, reportArgumentType
    Value(1 + 2j)  # wrong: arg-type, reportArgumentType
    Value([1.0, 2.0])  # wrong: arg-type, reportArgumentType
    Value(3.0, name=3)  # wrong: arg-type, reportArgumentType
    Value()  # wrong: call-arg, reportCallIssue
    x.dat = 3.0  # wrong: attr-defined, reportAttributeAccessIssue
    x.data = "3"  # wrong: assignment, reportAttributeAccessIssue
    x.op = "+"  # wrong: misc, reportAttributeAccessIssue
    x.name = 3  # wrong: assignment, reportAttributeAccessIssue
    print(x.data.grad)  # wrong: attr-defined, reportAttributeAccessIssue
    print(x.parents[0].value)  # wrong: attr-defined, reportAttributeAccessIssue
    x.backwards()  # wrong: attr-defined, reportAttributeAccessIssue
    x.backward("1")  # wrong: arg-type, reportArgumentType
    x.backward(retain_graph=True)  # wrong: call-arg, reportCallIssue
    x.zero_grad()  # wrong: attr-defined, reportAttributeAccessIssue


def loops(x: Value) -> None:
    scan(cube, x, [1.0])  # wrong: arg-type, reportArgumentType
    scan(lambda s, _: (s * x, None), x, length=2.0)  # wrong: arg-type, reportArgumentType
    scan(lambda s, _: (s * x, None))  # wrong: call-arg, reportCallIssue


def operators(x: Value, y: Value) -> None:
    print((x * 3).foo)  # wrong: attr-defined, reportAttributeAccessIssue
    print((3 * x).foo)  # wrong: attr-defined, reportAttributeAccessIssue
    print((x + y).foo)  # wrong: attr-defined, reportAttributeAccessIssue
    print((-x).foo)  # wrong: attr-defined, reportAttributeAccessIssue
    print((x**2).foo)  # wrong: attr-defined, reportAttributeAccessIssue
    print((2**x).foo)  # wrong: attr-defined, reportAttributeAccessIssue
    print((x > 1).foo)  # wrong: attr-defined, reportAttributeAccessIssue
    print((x == 1).data)  # wrong: attr-defined, reportAttributeAccessIssue
    print(x * "3")  # wrong: call-overload, reportOperatorIssue
    print("3" * x)  # wrong: operator, reportOperatorIssue
    print(x + None)  # wrong: call-overload, reportOperatorIssue
    print(x - [1.0])  # wrong: call-overload, reportOperatorIssue
    print(x / 2j)  # wrong: call-overload, reportOperatorIssue
    print(x ** "2")  # wrong: operator, reportOperatorIssue
    print(x < "2")  # wrong: call-overload, reportOperatorIssue
    print(x @ y)  # wrong: operator, reportOperatorIssue
    print(x & y)  # wrong: operator, reportOperatorIssue
    print(x[0])  # wrong: index, reportIndexIssue
    print(len(x))  # wrong: arg-type, reportArgumentType
    number: float = x * 2  # wrong: assignment, reportAssignmentType
    node: Value = x > number  # wrong: assignment, reportAssignmentType
    print(node)


def methods(x: Value) -> None:
    x.tanhh()  # wrong: attr-defined, reportAttributeAccessIssue
    x.tanh(1.0)  # wrong: call-arg, reportCallIssue
    x.exp().foo  # wrong: attr-defined, reportAttributeAccessIssue
    x.elu("1")  # wrong: arg-type, reportArgumentType
    x.clip(0.0)  # wrong: call-arg, reportCallIssue
    x.hypot("4")  # wrong: arg-type, reportArgumentType


def functions(x: Value) -> None:
    exp("1")  # wrong: call-overload, reportCallIssue
    exp(x).foo  # wrong: attr-defined, reportAttributeAccessIssue
    exp(1.0).backward()  # wrong: attr-defined, reportAttributeAccessIssue
    exp()  # wrong: call-overload, reportCallIssue
    exp(x, x)  # wrong: call-overload, reportCallIssue
    maximum(x)  # wrong: call-overload, reportCallIssue
    maximum(x, "1")  # wrong: call-overload, reportCallIssue
    clip(x, 0.0)  # wrong: call-overload, reportCallIssue
    where(x > 0, x)  # wrong: call-overload, reportCallIssue
    where(x > 0, x, "0").sin()  # wrong: call-overload, reportCallIssue
    where(x > 0, 1.0, 0.0).sin()  # wrong: attr-defined, reportAttributeAccessIssue
    dot([x], 2.0)  # wrong: call-overload, reportCallIssue
    dot([1.0], [2.0]).backward()  # wrong: attr-defined, reportAttributeAccessIssue
    softmax(x)  # wrong: call-overload, reportCallIssue
    softmax([x]).backward()  # wrong: attr-defined, reportAttributeAccessIssue
    ag.sum(["a"])  # wrong: list-item, reportCallIssue
    ag.max(x, 1.0).foo  # wrong: attr-defined, reportAttributeAccessIssue
    scope(3)  # wrong: arg-type, reportArgumentType
    no_grad(x)  # wrong: call-arg, reportCallIssue
    primitive(2.0)  # wrong: arg-type, reportArgumentType


def derivatives(x: Value) -> None:
    grad(cube(x))  # wrong: call-overload, reportArgumentType
    grad(in_words)  # wrong: arg-type, reportArgumentType
    grad(cube, argnums=1.5)  # wrong: call-overload, reportCallIssue
    grad(cube)(2.0).foo  # wrong: attr-defined, reportAttributeAccessIssue
    grad(cube)(2.0).backward()  # wrong: attr-defined, reportAttributeAccessIssue
    grad(length)([3.0, 4.0]).data  # wrong: attr-defined, reportAttributeAccessIssue
    grad(product, argnums=(0, 1))(1.0, 2.0).foo  # wrong: attr-defined, reportAttributeAccessIssue
    value_and_grad(cube)(2.0).data  # wrong: attr-defined, reportAttributeAccessIssue
    value_and_grad(3.0)  # wrong: call-overload, reportArgumentType
    jacobian(cube)(2.0).foo  # wrong: attr-defined, reportAttributeAccessIssue
    hessian(length)([3.0, 4.0])[0][0].data  # wrong: attr-defined, reportAttributeAccessIssue
    hvp(length)([3.0, 4.0])  # wrong: call-overload, reportCallIssue
    hvp(cube, 0, [1.0])  # wrong: call-overload, reportCallIssue
    jvp(cube, 2.0, 1.0)  # wrong: call-overload, reportCallIssue
    jvp(cube, (2.0,), (1.0,))[0].data  # wrong: attr-defined, reportAttributeAccessIssue
    vjp(cube, 2.0)[1](1.0).foo  # wrong: attr-defined, reportAttributeAccessIssue
    derivative(cube, "2")  # wrong: call-overload, reportCallIssue
    derivative(cube, 2.0, n=1.5)  # wrong: call-overload, reportCallIssue
    derivative(cube, 2.0).data  # wrong: attr-defined, reportAttributeAccessIssue
    derivative(cube)  # wrong: call-overload, reportCallIssue
    gradient(3.0, x)  # wrong: call-overload, reportCallIssue
    gradient(x * x, x).data  # wrong: attr-defined, reportAttributeAccessIssue
    gradient(x * x, [x])[0].data  # wrong: attr-defined, reportAttributeAccessIssue


def compiled(x: Value) -> None:
    compile(3.0)  # wrong: call-overload, reportArgumentType
    compile(cube, reduce="max")  # wrong: call-overload, reportCallIssue
    compile(cube, in_axis=0)  # wrong: call-overload, reportCallIssue
    compile(cube).foo  # wrong: attr-defined, reportAttributeAccessIssue
    compile(cube)(x).foo  # wrong: attr-defined, reportAttributeAccessIssue
    compile(cube).grad(2.0).foo  # wrong: attr-defined, reportAttributeAccessIssue
    compile(cube).value_and_grad(2.0).data  # wrong: attr-defined, reportAttributeAccessIssue
    compile(cube).grad(2.0, argnums=1.5)  # wrong: call-overload, reportCallIssue
    compile(cube)(2.0).foo  # wrong: attr-defined, reportAttributeAccessIssue
    compile(cube)(2.0).backward()  # wrong: attr-defined, reportAttributeAccessIssue
    compile(product)(2.0, 3).foo  # wrong: attr-defined, reportAttributeAccessIssue
    compile(length)([3.0, 4.0]).foo  # wrong: attr-defined, reportAttributeAccessIssue
    compile(mirrored)(2.0).foo  # wrong: attr-defined, reportAttributeAccessIssue
    compile(mirrored)(2.0)[0].backward()  # wrong: attr-defined, reportAttributeAccessIssue


def nets(x: Value) -> None:
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    model.foo  # wrong: attr-defined, reportAttributeAccessIssue
    model([1.0, 2.0]).foo  # wrong: union-attr, reportAttributeAccessIssue
    model.parameters().foo  # wrong: attr-defined, reportAttributeAccessIssue
    model.parameters()[0].foo  # wrong: attr-defined, reportAttributeAccessIssue
    model.parameters()[0].grad.foo  # wrong: attr-defined, reportAttributeAccessIssue
    model.layerwise([1.0, 2.0])[0].a[0].foo  # wrong: attr-defined, reportAttributeAccessIssue
    model.state_dict()["w"].foo  # wrong: attr-defined, reportAttributeAccessIssue
    nn.MLP(2, 3)  # wrong: arg-type, reportArgumentType
    nn.MLP(2, [1], activation=3)  # wrong: arg-type, reportArgumentType
    nn.Layer(2, 3)([1.0, 2.0]).foo  # wrong: attr-defined, reportAttributeAccessIssue
    nn.Layer(2, 3)([1.0, 2.0])[0].foo  # wrong: attr-defined, reportAttributeAccessIssue
    nn.Neuron(2)([1.0, 2.0]).foo  # wrong: attr-defined, reportAttributeAccessIssue
    Line()([1.0]).foo  # wrong: attr-defined, reportAttributeAccessIssue
    Line().parameters()[0].foo  # wrong: attr-defined, reportAttributeAccessIssue
    print(x)


def losses_and_optimisers(x: Value) -> None:
    nn.mse(x, 1.0).foo  # wrong: attr-defined, reportAttributeAccessIssue
    nn.mse(1.0, 1.0).backward()  # wrong: attr-defined, reportAttributeAccessIssue
    nn.half_squared_error([x], [1.0]).foo  # wrong: attr-defined, reportAttributeAccessIssue
    nn.hinge(x, 1).foo  # wrong: attr-defined, reportAttributeAccessIssue
    nn.cross_entropy([x, x], 1).foo  # wrong: attr-defined, reportAttributeAccessIssue
    nn.binary_cross_entropy(x, 1).foo  # wrong: attr-defined, reportAttributeAccessIssue
    nn.binary_cross_entropy_with_logits(x, 1).foo  # wrong: attr-defined, reportAttributeAccessIssue
    optimiser = nn.Adam([x], lr=0.1)
    optimiser.foo  # wrong: attr-defined, reportAttributeAccessIssue
    optimiser.step().foo  # wrong: func-returns-value, reportAttributeAccessIssue
    optimiser.lr.foo  # wrong: attr-defined, reportAttributeAccessIssue
    nn.SGD(x)  # wrong: arg-type, reportArgumentType
    nn.SGD([x], momentum="0.9")  # wrong: arg-type, reportArgumentType


def training(model: nn.MLP) -> None:
    X, y = [[1.0, 2.0]], [1]  # noqa: N806
    history = nn.fit(model, X, y, "hinge", progress=None)
    history.foo  # wrong: attr-defined, reportAttributeAccessIssue
    history.loss.foo  # wrong: attr-defined, reportAttributeAccessIssue
    history.loss[0].foo  # wrong: attr-defined, reportAttributeAccessIssue
    nn.fit(model, X)  # wrong: call-arg, reportCallIssue
    nn.fit(model, X, y, epoch=3)  # wrong: call-arg, reportCallIssue
    nn.accuracy(model, X, y).foo  # wrong: attr-defined, reportAttributeAccessIssue
    nn.predict(model, X).foo  # wrong: attr-defined, reportAttributeAccessIssue
    nn.predict(model, X)[0].foo  # wrong: union-attr, reportAttributeAccessIssue
    nn.evaluate(model, X, y, "hinge")[0].foo  # wrong: attr-defined, reportAttributeAccessIssue
    draw(model(X[0])).foo  # wrong: attr-defined, reportAttributeAccessIssue
    draw(model(X[0])).svg.foo  # wrong: attr-defined, reportAttributeAccessIssue
    explain(model(X[0]), model.parameters()[0]).foo  # wrong: attr-defined, reportAttributeAccessIssue
    explain(model(X[0]), model.parameters()[0]).value.foo  # wrong: attr-defined, reportAttributeAccessIssue
