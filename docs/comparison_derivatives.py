"""The derivatives of docs/comparison.md: a line for each package, whose last expression must be true.

``~`` before a line: it runs, and is a detour, or has a part of what the row says.
"""

from __future__ import annotations

from typing import NamedTuple


class Feature(NamedTuple):
    """What users ask for, and what is tried with each package."""

    section: str
    name: str
    hips: str
    jax: str
    torch: str
    casadi: str
    ours: str


DERIVATIVES, SOLVERS, SPARSE = "Derivatives", "Solvers with derivatives", "Sparse derivatives"

OF_DERIVATIVES = [
    # -- derivatives
    Feature(
        DERIVATIVES, "gradient by a dict",
        "autograd.grad(lambda p: p['a'] * p['b'])({'a': 2.0, 'b': 3.0})['a'] == 3.0",
        "jax.grad(lambda p: p['a'] * p['b'])({'a': 2.0, 'b': 3.0})['a'] == 3.0",
        "torch.func.grad(lambda p: p['a'] * p['b'])({'a': T(2.0), 'b': T(3.0)})['a'] == 3.0",
        "ca.gradient(X['a'] * X['b'], X)",
        "ag.grad(lambda p: p['a'] * p['b'])({'a': 2.0, 'b': 3.0})['a'] == 3.0",
    ),
    Feature(
        DERIVATIVES, "value and gradient in one call",
        "autograd.value_and_grad(lambda x: x**3)(2.0) == (8.0, 12.0)",
        "jax.value_and_grad(lambda x: x**3)(2.0) == (8.0, 12.0)",
        "torch.func.grad_and_value(lambda x: x**3)(T(2.0))[1] == 8.0",
        "ca.Function('f', [X], [X**3, ca.gradient(X**3, X)])(2.0)[1] == 12.0",
        "ag.value_and_grad(lambda x: x**3)(2.0) == (8.0, 12.0)",
    ),
    Feature(
        DERIVATIVES, "gradient with more that f returns",
        "autograd.grad_and_aux(lambda x: (x * x, 7.0))(3.0) == (6.0, 7.0)",
        "jax.grad(lambda x: (x * x, 7.0), has_aux=True)(3.0) == (6.0, 7.0)",
        "torch.func.grad(lambda x: (x * x, x + 4.0), has_aux=True)(T(3.0))[1] == 7.0",
        "ca.Function('f', [X], [ca.gradient(X * X, X), X + 4.0])(3.0)[1] == 7.0",
        "ag.grad(lambda x: (x * x, 'more'), has_aux=True)(3.0) == (6.0, 'more')",
    ),
    Feature(
        DERIVATIVES, "Jacobian with more that f returns",
        "autograd.jacobian(lambda x: (x * x, 7.0), has_aux=True)(np.array([3.0]))[1] == 7.0",
        "jax.jacrev(lambda x: (x * x, 7.0), has_aux=True)(jnp.array([3.0]))[1] == 7.0",
        "torch.func.jacrev(lambda x: (x * x, x), has_aux=True)(T([3.0]))[1] == 3.0",
        "ca.Function('f', [X], [ca.jacobian(X * X, X), X + 4.0])(3.0)[1] == 7.0",
        "ag.jacobian(lambda x: ([x[0] * x[0]], 7.0), has_aux=True)([3.0])[1] == 7.0",
    ),
    Feature(
        DERIVATIVES, "Jacobian, forward",
        "autograd.jacfwd(lambda x: x * x)(np.array([3.0])) == 6.0",
        "jax.jacfwd(lambda x: x * x)(jnp.array([3.0]))[0, 0] == 6.0",
        "torch.func.jacfwd(lambda x: x * x)(T([3.0]))[0, 0] == 6.0",
        "ca.Function('f', [X], [X * X]).forward(1)(3.0, 9.0, 1.0) == 6.0",
        "ag.jacfwd(lambda x: [x[0] * x[0]])([3.0])[0][0] == 6.0",
    ),
    Feature(
        DERIVATIVES, "Jacobian, backward",
        "autograd.jacobian(lambda x: x * x)(np.array([3.0])) == 6.0",
        "jax.jacrev(lambda x: x * x)(jnp.array([3.0]))[0, 0] == 6.0",
        "torch.func.jacrev(lambda x: x * x)(T([3.0]))[0, 0] == 6.0",
        "ca.Function('f', [X], [X * X]).reverse(1)(3.0, 9.0, 1.0) == 6.0",
        "ag.jacobian(lambda x: [x[0] * x[0]])([3.0])[0][0] == 6.0",
    ),
    Feature(
        DERIVATIVES, "Hessian",
        "autograd.hessian(lambda x: x[0]**3)(np.array([2.0]))[0, 0] == 12.0",
        "jax.hessian(lambda x: x[0]**3)(jnp.array([2.0]))[0, 0] == 12.0",
        "torch.func.hessian(lambda x: x[0]**3)(T([2.0]))[0, 0] == 12.0",
        "ca.Function('f', [X], [ca.hessian(X**3, X)[0]])(2.0) == 12.0",
        "ag.hessian(lambda x: x[0]**3)([2.0])[0][0] == 12.0",
    ),
    Feature(
        DERIVATIVES, "Hessian times a vector, as a function",
        "autograd.hessian_vector_product(lambda x: x[0]**3)(np.array([2.0]), np.array([1.0])) == 12.0",
        "~jax.jvp(jax.grad(lambda x: x**3), (2.0,), (1.0,))[1] == 12.0",
        "torch.autograd.functional.hvp(lambda x: x**3, T(2.0), T(1.0))[1] == 12.0",
        "~ca.Function('f', [X], [ca.jtimes(ca.gradient(X**3, X), X, ca.DM(1.0))])(2.0) == 12.0",
        "ag.hvp(lambda x: x[0]**3)([2.0], [1.0])[0] == 12.0",
    ),
    Feature(
        DERIVATIVES, "Hessian times vectors of several arguments",
        "autograd.hessian_vector_product(lambda x, y: x * x * y, (0, 1))(1.0, 2.0, (1.0, 0.0)) == (4.0, 2.0)",
        "~jax.jvp(jax.grad(lambda x, y: x * x * y, (0, 1)), (1.0, 2.0), (1.0, 0.0))[1] == (4.0, 2.0)",
        "torch.autograd.functional.hvp(lambda x, y: x * x * y, (T(1.0), T(2.0)), (T(1.0), T(0.0)))[1] == (4.0, 2.0)",
        "~ca.Function('f', [X, Y], [ca.jtimes(ca.gradient(X * X * Y, ca.vertcat(X, Y)), ca.vertcat(X, Y), "
        "ca.DM([1, 0]))])(1, 2)[0] == 4",
        "ag.hvp(lambda x, y: x * x * y, argnums=(0, 1))(1.0, 2.0, (1.0, 0.0)) == (4.0, 2.0)",
    ),
    Feature(
        DERIVATIVES, "jvp",
        "autograd.make_jvp(lambda x: x**3)(2.0)(1.0)[1] == 12.0",
        "jax.jvp(lambda x: x**3, (2.0,), (1.0,))[1] == 12.0",
        "torch.func.jvp(lambda x: x**3, (T(2.0),), (T(1.0),))[1] == 12.0",
        "ca.Function('f', [X], [ca.jtimes(X**3, X, ca.DM(1.0))])(2.0) == 12.0",
        "ag.jvp(lambda x: x**3, (2.0,), (1.0,))[1] == 12.0",
    ),
    Feature(
        DERIVATIVES, "vjp",
        "autograd.make_vjp(lambda x: x**3)(2.0)[0](1.0) == 12.0",
        "jax.vjp(lambda x: x**3, 2.0)[1](1.0)[0] == 12.0",
        "torch.func.vjp(lambda x: x**3, T(2.0))[1](T(1.0))[0] == 12.0",
        "ca.Function('f', [X], [ca.jtimes(X**3, X, ca.DM(1.0), True)])(2.0) == 12.0",
        "ag.vjp(lambda x: x**3, 2.0)[1](1.0)[0] == 12.0",
    ),
    Feature(
        DERIVATIVES, "linearize: many tangents, one walk",
        "autograd.linearize(lambda x: x**3, 2.0)[1](1.0) == 12.0",
        "jax.linearize(lambda x: x**3, 2.0)[1](1.0) == 12.0",
        "torch.func.linearize(lambda x: x**3, T(2.0))[1](T(1.0)) == 12.0",
        "~f = ca.Function('f', [X], [ca.linearize(X**3, X, ca.DM(2.0))])\nf(1.0) - f(0.0) == 12.0",
        "ag.linearize(lambda x: x**3, 2.0)[1](1.0) == 12.0",
    ),
    Feature(
        DERIVATIVES, "Taylor coefficients of high order",
        "autograd.taylor(np.exp, 0.0, 3)",
        "from jax.experimental import jet\nabs(jet.jet(jnp.exp, (0.0,), ((1.0, 0.0, 0.0),))[1][2] - 1.0) < 1e-12",
        "torch.func.taylor(torch.exp, T(0.0), 3)",
        "~ca.Function('f', [X], [ca.taylor(ca.exp(X), X, 0.0, 3)])(1.0) - 8 / 3 < 1e-15",
        "ag.taylor(ag.exp, 0.0, 3)[2] == 0.5",
    ),
    Feature(
        DERIVATIVES, "stop_gradient",
        "autograd.stop_gradient(2.0)",
        "jax.grad(lambda x: x * jax.lax.stop_gradient(x))(2.0) == 2.0",
        "torch.func.grad(lambda x: x * x.detach())(T(2.0)) == 2.0",
        "x = ca.MX.sym('x')\nca.Function('f', [x], [ca.gradient(x * ca.stop_diff(x, 1), x)])(2.0) == 2.0",
        "ag.grad(lambda x: x * ag.stop_gradient(x))(2.0) == 2.0",
    ),
    Feature(
        DERIVATIVES, "an operation of one's own",
        "f = autograd.extend.primitive(lambda x: x**3)\n"
        "autograd.extend.defvjp(f, lambda y, x: lambda g: g * 3.0 * x**2)\nautograd.grad(f)(2.0) == 12.0",
        "f = jax.custom_vjp(lambda x: x**3)\nf.defvjp(lambda x: (x**3, x), lambda x, g: (g * 3.0 * x**2,))\njax.grad(f)(2.0) == 12.0",
        "class Cube(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n"
        "        ctx.save_for_backward(x)\n        return x**3\n    @staticmethod\n    def backward(ctx, g):\n"
        "        return g * 3.0 * ctx.saved_tensors[0]**2\n"
        "x = torch.tensor(2.0, requires_grad=True)\nCube.apply(x).backward()\nx.grad == 12.0",
        "~ca.Function('f', [X], [X**3], {'custom_jacobian': ca.Function('jac_f', [X, Y], [3 * X**2])})(2.0) == 8.0",
        "f = ag.primitive(lambda y, x: 3.0 * x**2)(lambda x: x**3)\nag.grad(f)(2.0) == 12.0",
    ),
    Feature(
        DERIVATIVES, "gradient checkpointing",
        "autograd.checkpoint(lambda x: x**3)(2.0) == 8.0",
        "jax.grad(jax.checkpoint(lambda x: x**3))(2.0) == 12.0",
        "from torch.utils.checkpoint import checkpoint\nx = torch.tensor(2.0, requires_grad=True)\n"
        "checkpoint(lambda x: x**3, x, use_reentrant=False).backward()\nx.grad == 12.0",
        "ca.checkpoint(X)",
        "ag.checkpoint(lambda x: x**3)",
    ),
    Feature(
        DERIVATIVES, "complex numbers",
        "abs(autograd.grad(lambda x: np.real(np.exp(1j * x)))(1.0) + np.sin(1.0)) < 1e-15",
        "abs(jax.grad(lambda x: jnp.real(jnp.exp(1j * x)))(1.0) + jnp.sin(1.0)) < 1e-15",
        "abs(torch.func.grad(lambda x: torch.real(torch.exp(1j * x)))(T(1.0)) + torch.sin(T(1.0))) < 1e-15",
        "ca.exp(1j * X)",
        "ag.grad(lambda x: (1j * x).real)(1.0)",
    ),
    Feature(
        DERIVATIVES, "where: the side that isn't chosen poisons nothing",
        "autograd.grad(lambda x: np.where(x > 0.0, np.sqrt(x), 0.0))(0.0) == 0.0",
        "jax.grad(lambda x: jnp.where(x > 0.0, jnp.sqrt(x), 0.0))(0.0) == 0.0",
        "torch.func.grad(lambda x: torch.where(x > 0.0, torch.sqrt(x), 0.0))(T(0.0)) == 0.0",
        "d(lambda x: ca.if_else(x > 0.0, ca.sqrt(x), 0.0), 0.0) == 0.0",
        "ag.grad(lambda x: ag.where(x > 0.0, ag.sqrt(x), 0.0))(0.0) == 0.0",
    ),
    # -- solvers
    Feature(
        SOLVERS, "root of an equation",
        "autograd.root(lambda x, a: x * x - a, 1.0, 2.0)",
        "abs(jax.grad(lambda a: jax.lax.custom_root(lambda x: x * x - a, 1.0, lambda f, x0: jnp.sqrt(a), "
        "lambda g, y: y / g(1.0)))(4.0) - 0.25) < 1e-12",
        "torch.root(lambda x, a: x * x - a, T(1.0))",
        "r = ca.rootfinder('r', 'newton', {'x': X, 'p': P, 'g': X * X - P})\n"
        "abs(ca.Function('f', [P], [ca.gradient(r(x0=1.0, p=P)['x'], P)])(4.0) - 0.25) < 1e-9",
        "abs(ag.grad(lambda a: ag.root(lambda x, a: x * x - a, 1.0, a))(4.0) - 0.25) < 1e-12",
    ),
    Feature(
        SOLVERS, "fixed point",
        "from autograd.misc.fixed_points import fixed_point\nabs(autograd.grad(lambda a: fixed_point(lambda a: lambda x: "
        "0.5 * (x + a / x), a, 1.0, lambda x, y: np.abs(x - y), 1e-12))(4.0) - 0.25) < 1e-9",
        "jax.fixed_point(lambda x, a: 0.5 * (x + a / x), 1.0, 4.0)",
        "torch.fixed_point(lambda x, a: 0.5 * (x + a / x), 1.0, 4.0)",
        "r = ca.rootfinder('r', 'newton', {'x': X, 'p': P, 'g': 0.5 * (X + P / X) - X})\n"
        "abs(ca.Function('f', [P], [ca.gradient(r(x0=1.0, p=P)['x'], P)])(4.0) - 0.25) < 1e-9",
        "abs(ag.grad(lambda a: ag.fixed_point(lambda x, a: 0.5 * (x + a / x), 1.0, a))(4.0) - 0.25) < 1e-9",
    ),
    Feature(
        SOLVERS, "optimum, and its derivative",
        "autograd.minimize(lambda x, a: (x - a)**2, 1.0, 4.0)",
        "from jax.scipy.optimize import minimize\njax.grad(lambda a: minimize(lambda x: jnp.sum((x - a)**2), "
        "jnp.array([1.0]), method='BFGS').x[0])(4.0) == 1.0",
        "torch.minimize(lambda x, a: (x - a)**2, 1.0, 4.0)",
        "s = ca.nlpsol('s', 'sqpmethod', {'x': X, 'p': P, 'f': (X - P)**2}, {'print_time': False, 'print_header': False, "
        "'print_iteration': False, 'print_status': False, 'qpsol': 'qrqp', 'qpsol_options': {'print_iter': False, "
        "'print_header': False, 'print_info': False}})\nq = ca.MX.sym('q')\n"
        "abs(ca.Function('g', [q], [ca.jacobian(s(x0=1.0, p=q)['x'], q)])(4.0) - 1.0) < 1e-9",
        "abs(ag.grad(lambda a: ag.minimize(lambda x, a: (x - a)**2, 1.0, a).x)(4.0) - 1.0) < 1e-9",
    ),
    Feature(
        SOLVERS, "ordinary differential equation",
        "from autograd.scipy.integrate import odeint\nabs(autograd.grad(lambda a: odeint(lambda y, t, a: -a * y, "
        "np.array([1.0]), np.array([0.0, 1.0]), tuple([a]))[1, 0])(1.0) + np.exp(-1.0)) < 1e-6",
        "from jax.experimental.ode import odeint\nabs(jax.grad(lambda a: odeint(lambda y, t, a: -a * y, jnp.array([1.0]), "
        "jnp.array([0.0, 1.0]), a)[1, 0])(1.0) + jnp.exp(-1.0)) < 1e-6",
        "torch.odeint(lambda y, t: -y, T(1.0), T([0.0, 1.0]))",
        "i = ca.integrator('i', 'cvodes', {'x': X, 'p': P, 'ode': -P * X}, 0.0, 1.0)\n"
        "abs(ca.Function('f', [P], [ca.gradient(i(x0=1.0, p=P)['xf'], P)])(1.0) + np.exp(-1.0)) < 1e-5",
        "abs(ag.grad(lambda a: ag.odeint(lambda y, t, a: -a * y, 1.0, [0.0, 1.0], a)[-1])(1.0) + np.exp(-1.0)) < 1e-6",
    ),
    # -- sparse
    Feature(
        SPARSE, "sparse Jacobian, its pattern found",
        "autograd.jacobian(lambda x: x[1:] * x[:-1], sparse=True)(np.ones(50)).nnz == 98",
        "from jax.experimental import sparse\nsparse.jacrev(lambda x: x[1:] * x[:-1])(jnp.ones(50)).nse == 98",
        "torch.func.jacrev(lambda x: x[1:] * x[:-1], sparse=True)(torch.ones(50)).nnz == 98",
        "x = ca.SX.sym('x', 50)\nca.jacobian(x[1:] * x[:-1], x).nnz() == 98",
        "ag.jacobian(lambda x: [a * b for a, b in zip(x[1:], x[:-1])], sparse=True)([1.0] * 50).nnz == 98",
    ),
    Feature(
        SPARSE, "sparse Hessian, its pattern found",
        "autograd.hessian(lambda x: np.sum(x[1:] * x[:-1]), sparse=True)(np.ones(50)).nnz == 98",
        "jax.hessian(lambda x: jnp.sum(x[1:] * x[:-1]), sparse=True)(jnp.ones(50)).nse == 98",
        "torch.func.hessian(lambda x: torch.sum(x[1:] * x[:-1]), sparse=True)(torch.ones(50))",
        "x = ca.SX.sym('x', 50)\nca.hessian(ca.dot(x[1:], x[:-1]), x)[0].nnz() == 98",
        "ag.hessian(lambda x: sum(a * b for a, b in zip(x[1:], x[:-1])), sparse=True)([1.0] * 50).nnz == 98",
    ),
]  # fmt: skip
