"""Programs with one mistake a line, in functions that nobody calls.

A comment behind each mistake says how mypy and pyright complain of it; neither may find anything else.
"""

from __future__ import annotations

import autograd as ag
from autograd import (
    Value,
    clip,
    compile,
    derivative,
    dot,
    exp,
    grad,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    maximum,
    no_grad,
    primitive,
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
    hvp(cube, 0)  # wrong: call-arg, reportCallIssue
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
    compile(cube).grad(2.0, argnums="x")  # wrong: arg-type, reportCallIssue
