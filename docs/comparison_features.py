"""What of docs/comparison.md is neither derivatives nor operations: compiled code, pictures, training, other packages."""

from __future__ import annotations

from docs.comparison_derivatives import OF_DERIVATIVES, Feature

COMPILED, LOOKING, TRUST = "Loops, lanes, compiled code", "Looking inside", "Trust"
TRAINING, ARRAYS, OTHERS = "Training", "Arrays and linear algebra", "Other packages"

FEATURES = [
    *OF_DERIVATIVES,
    # -- loops, lanes, compiled code
    Feature(
        COMPILED, "compiled value and gradient",
        "autograd.jit(autograd.value_and_grad(np.sin))(1.0)",
        "jax.jit(jax.value_and_grad(jnp.sin))(1.0)[1] == jnp.cos(1.0)",
        "f = torch.compile(lambda x: torch.sin(x) * 2.0)\nx = torch.tensor(1.0, requires_grad=True)\nf(x).backward()\n"
        "abs(x.grad - 2.0 * torch.cos(T(1.0))) < 1e-12",
        "ca.Function('f', [X], [ca.sin(X), ca.cos(X)], {'jit': True, 'compiler': 'shell'})(1.0)[1] == np.cos(1.0)",
        "abs(ag.compile(ag.sin).value_and_grad(1.0)[1] - np.cos(1.0)) < 1e-15",
    ),
    Feature(
        COMPILED, "compiled, with Python's if on values",
        "autograd.jit(lambda x: x if x > 0 else -x)(-2.0)",
        "jax.jit(lambda x: x if x > 0 else -x)(-2.0) == 2.0",
        "~torch.compile(lambda x: x if x > 0 else -x)(T(-2.0)) == 2.0",
        "(lambda x: x if x > 0 else -x)(X)",
        "ag.compile(lambda x: x if x > 0 else -x, in_axes=0)(np.array([-2.0, 3.0])).tolist() == [2.0, 3.0]",
    ),
    Feature(
        COMPILED, "over lanes: vmap",
        "autograd.vmap(autograd.grad(np.sin))(np.zeros(3))",
        "jax.vmap(jax.grad(jnp.sin))(jnp.zeros(3)).sum() == 3.0",
        "torch.func.vmap(torch.func.grad(torch.sin))(torch.zeros(3)).sum() == 3.0",
        "ca.Function('f', [X], [ca.gradient(ca.sin(X), X)]).map(3)(ca.DM.zeros(1, 3))[2] == 1.0",
        "ag.compile(ag.sin, in_axes=0).grad(np.zeros(3)).sum() == 3.0",
    ),
    Feature(
        COMPILED, "a loop with a state: scan",
        "autograd.scan(lambda s, x: (s + x, s), 0.0, np.ones(3))",
        "jax.lax.scan(lambda s, x: (s + x, s), 0.0, jnp.ones(3))[0] == 3.0",
        "from torch._higher_order_ops.scan import scan\nscan(lambda s, x: (s + x, s.clone()), T(0.0), torch.ones(3))[0] == 3.0",
        "ca.Function('f', [X, Y], [X + Y]).mapaccum(3)(0.0, ca.DM.ones(1, 3))[2] == 3.0",
        "ag.scan(lambda s, x: (s + x, s), 0.0, [1.0, 1.0, 1.0])[0] == 3.0",
    ),
    Feature(
        COMPILED, "machine code kept on disk",
        "autograd.cache_directory('.')",
        "jax.config.update('jax_compilation_cache_dir', tempfile.mkdtemp()) is None",
        "import torch._inductor.config\ntorch._inductor.config.fx_graph_cache in (True, False)",
        "~ca.Function('f', [X], [X]).save(tempfile.mkdtemp() + '/f.casadi') is None",
        "import autograd.compiler\nautograd.compiler.cache_directory(tempfile.mkdtemp()) is None or True",
    ),
    Feature(
        COMPILED, "lanes shared among an executor's workers",
        "autograd.over(None)",
        "jax.jit(lambda x: x).over(None)",
        "torch.compile(lambda x: x).over(None)",
        "~ca.Function('f', [X], [X * X]).map(4, 'thread')(ca.DM.ones(1, 4))[3] == 1.0",
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as e:\n"
        "    y = ag.compile(lambda x: x * x, in_axes=0, reduce='sum').over(e)(np.ones(4))\ny == 4.0",
    ),
    Feature(
        COMPILED, "as C",
        "autograd.to_c(np.sin)", "jax.jit(jnp.sin).to_c()", "torch.export.to_c(torch.sin)",
        "'f' in ca.CodeGenerator('f.c').dump() if ca.CodeGenerator('f.c').add(ca.Function('f', [X], [X * X])) is None else False",
        "f = ag.compile(ag.sin)\nf(1.0)\n'sin(' in f.program.to_c()",
    ),
    Feature(
        COMPILED, "as NumPy, of its own",
        "autograd.to_numpy(np.sin)", "jax.jit(jnp.sin).to_numpy()", "torch.export.to_numpy(torch.sin)",
        "ca.Function('f', [X], [X]).to_numpy()",
        "f = ag.compile(ag.sin)\nf(1.0)\n'np.sin' in f.program.to_numpy()",
    ),
    Feature(
        COMPILED, "as a function of JAX",
        "autograd.to_jax(np.sin)", "jax.jit(jnp.sin)(0.0) == 0.0", "torch.export.to_jax(torch.sin)",
        "ca.Function('f', [X], [X]).to_jax()",
        "f = ag.compile(ag.sin)\nf(1.0)\n'jnp.sin' in f.program.to_jax()",
    ),
    Feature(
        COMPILED, "as a function of Numba",
        "autograd.to_numba(np.sin)", "jax.jit(jnp.sin).to_numba()", "torch.export.to_numba(torch.sin)",
        "ca.Function('f', [X], [X]).to_numba()",
        "f = ag.compile(ag.sin)\nf(1.0)\n'math.sin' in f.program.to_numba()",
    ),
    Feature(
        COMPILED, "as JavaScript",
        "autograd.to_javascript(np.sin)", "jax.jit(jnp.sin).to_javascript()", "torch.export.to_javascript(torch.sin)",
        "ca.Function('f', [X], [X]).to_javascript()",
        "f = ag.compile(ag.sin)\nf(1.0)\n'Math.sin' in f.program.to_javascript()",
    ),
    Feature(
        COMPILED, "as ONNX",
        "autograd.to_onnx(np.sin)", "jax.jit(jnp.sin).to_onnx()",
        "torch.onnx.export is not None", "ca.Function('f', [X], [X]).to_onnx()",
        "f = ag.compile(ag.sin)\nf(1.0)\nf.program.to_onnx()",
    ),
    Feature(
        COMPILED, "saved to a file and loaded",
        "autograd.save(np.sin)",
        "import jax.export\njax.export.deserialize(jax.export.export(jax.jit(jnp.sin))(1.0).serialize()).call(0.0) == 0.0",
        "class M(torch.nn.Module):\n    def forward(self, x):\n        return torch.sin(x)\n"
        "torch.export.export(M(), (T(1.0),)).module()(T(0.0)) == 0.0",
        "ca.Function.deserialize(ca.Function('f', [X], [ca.sin(X)]).serialize())(0.0) == 0.0",
        "from autograd.program.program import from_json\nf = ag.compile(ag.sin)\nf(1.0)\n"
        "from_json(f.program.to_json()).digest == f.program.digest",
    ),
    # -- looking inside
    Feature(
        LOOKING, "a picture of the graph with values and gradients",
        "autograd.draw(np.sin)", "jax.draw(jnp.sin)", "torch.draw(torch.sin)",
        "~from casadi.tools import dotgraph\ndotgraph(X * X)",
        "y = ag.Value(2.0) * 3.0\ny.backward()\n'<svg' in ag.draw(y).svg",
    ),
    Feature(
        LOOKING, "the chain rule in words and numbers",
        "autograd.explain(np.sin)", "jax.explain(jnp.sin)", "torch.explain(torch.sin)", "ca.explain(X)",
        "x = ag.Value(2.0, name='x')\n'cos' in str(ag.explain(ag.sin(x), x))",
    ),
    Feature(
        LOOKING, "a derivative as a formula",
        "autograd.formula(np.sin)",
        "~'cos' in str(jax.make_jaxpr(jax.grad(jnp.sin))(1.0))",
        "torch.formula(torch.sin)",
        "'cos' in str(ca.gradient(ca.sin(X), X))",
        "x = ag.Value(2.0, name='x')\n'cos' in str(ag.formula(ag.gradient(ag.sin(x), x, create_graph=True)))",
    ),
    Feature(
        LOOKING, "formulas in LaTeX",
        "autograd.latex(np.sin)", "jax.latex(jnp.sin)", "torch.latex(torch.sin)", "ca.latex(X)",
        "x = ag.Value(2.0, name='x')\n'frac' in ag.formula(1.0 / x).latex",
    ),
    Feature(
        LOOKING, "gradients of intermediate results",
        "autograd.intermediate(np.sin)",
        "jax.intermediate(jnp.sin)",
        "x = torch.tensor(2.0, requires_grad=True)\ny = x * x\ny.retain_grad()\n(y * 3.0).backward()\ny.grad == 3.0",
        "~ca.gradient(3 * Y, Y).is_constant()",
        "x = ag.Value(2.0)\ny = x * x\n(y * 3.0).backward()\ny.grad == 3.0",
    ),
    # -- trust
    Feature(
        TRUST, "gradients checked by differences",
        "from autograd.test_util import check_grads\ncheck_grads(np.sin, modes=['rev'])(1.0) is None",
        "from jax.test_util import check_grads\ncheck_grads(jnp.sin, (1.0,), 2) is None",
        "torch.autograd.gradcheck(torch.sin, torch.tensor(1.0, requires_grad=True))",
        "ca.check_gradients(X)",
        "from autograd.testing import check_gradients\nbool(check_gradients(ag.sin, 1.0))",
    ),
    Feature(
        TRUST, "strategies for hypothesis",
        "autograd.testing.strategies", "jax.testing.strategies", "torch.testing.strategies", "ca.strategies",
        "from autograd.testing import strategies\nstrategies.expressions() is not None",
    ),
    Feature(
        TRUST, "the operation that made a nan is named",
        "autograd.detect_anomaly",
        "jax.config.update('jax_debug_nans', True)\ntry:\n    jax.jit(jnp.log)(-1.0)\n    found = False\n"
        "except FloatingPointError:\n    found = True\njax.config.update('jax_debug_nans', False)\nfound",
        "with torch.autograd.detect_anomaly():\n    x = torch.tensor(0.0, requires_grad=True)\n    try:\n"
        "        (torch.sqrt(x) * 0.0).backward()\n        found = False\n    except RuntimeError:\n        found = True\nfound",
        "ca.detect_anomaly",
        "try:\n    with ag.detect_anomaly():\n        ag.log(ag.Value(-1.0))\n    found = False\n"
        "except ag.AnomalyError:\n    found = True\nfound",
    ),
    # -- training
    Feature(
        TRAINING, "layers",
        "autograd.nn.Linear(2, 1)", "~__import__('jax.example_libraries.stax').example_libraries.stax.Dense(3) is not None",
        "torch.nn.Linear(2, 1)(torch.ones(2)).shape == (1,)", "ca.Linear(2, 1)",
        "isinstance(nn.MLP(2, [3, 1])([1.0, 2.0]), ag.Value)",
    ),
    Feature(
        TRAINING, "convolution layer",
        "autograd.nn.Conv(1, 1, 3)", "~__import__('jax.example_libraries.stax').example_libraries.stax.Conv(1, (3, 3)) is not None",
        "torch.nn.Conv1d(1, 1, 3)(torch.ones(1, 1, 5)).shape == (1, 1, 3)", "ca.Conv(1, 1, 3)", "nn.Conv1d(1, 1, 3)",
    ),
    Feature(
        TRAINING, "attention layer",
        "autograd.nn.Attention(4, 1)", "jax.nn.dot_product_attention(*[jnp.ones((1, 2, 1, 4))] * 3).shape == (1, 2, 1, 4)",
        "torch.nn.MultiheadAttention(4, 1)(*[torch.ones(2, 4)] * 3)[0].shape == (2, 4)", "ca.Attention(4, 1)",
        "nn.MultiheadAttention(4, 1)",
    ),
    Feature(
        TRAINING, "Adam",
        "from autograd.misc.optimizers import adam\n"
        "abs(adam(lambda x, i: 2.0 * x, np.array([1.0]), num_iters=500, step_size=0.1)[0]) < 0.1",
        "from jax.example_libraries.optimizers import adam\nadam(0.1)[2](adam(0.1)[0](1.0)) == 1.0",
        "torch.optim.Adam([torch.zeros(1)]) is not None", "ca.Adam", "nn.Adam(nn.MLP(1, [1]).parameters()) is not None",
    ),
    Feature(
        TRAINING, "a training loop",
        "autograd.fit", "jax.fit", "torch.fit", "ca.fit",
        "m = nn.MLP(1, [1])\nlen(nn.fit(m, [[0.0], [1.0]], [0.0, 1.0], epochs=2, loss='mse').loss) >= 2",
    ),
    Feature(
        TRAINING, "estimators of scikit-learn",
        "autograd.Classifier", "jax.Classifier", "torch.Classifier", "ca.Classifier", "nn.Classifier() is not None",
    ),
    # -- arrays
    Feature(
        ARRAYS, "single precision",
        "autograd.grad(lambda x: x * x)(np.float32(2.0)).dtype == np.float32",
        "jax.grad(lambda x: x * x)(jnp.float32(2.0)).dtype == jnp.float32",
        "torch.func.grad(lambda x: x * x)(torch.tensor(2.0, dtype=torch.float32)).dtype == torch.float32",
        "ca.SX.sym('x', 1, 1, 'float32')",
        "ag.grad(lambda x: x * x)(np.float32(2.0)).dtype == np.float32",
    ),
    Feature(
        ARRAYS, "matrix products",
        "autograd.grad(lambda a: np.sum(a @ a))(np.eye(2)).shape == (2, 2)",
        "jax.grad(lambda a: jnp.sum(a @ a))(jnp.eye(2)).shape == (2, 2)",
        "torch.func.grad(lambda a: torch.sum(a @ a))(torch.eye(2)).shape == (2, 2)",
        "A = ca.SX.sym('A', 2, 2)\nca.gradient(ca.sum1(ca.sum2(A @ A)), A).shape == (2, 2)",
        "ag.grad(lambda a: (a @ a).sum())(np.eye(2)).shape == (2, 2)",
    ),
    *[
        Feature(
            ARRAYS, name,
            f"autograd.grad(lambda x: np.sum({hips}))(x0).shape == (2, 2)",
            f"jax.grad(lambda x: jnp.sum({jax}))(x0).shape == (2, 2)",
            f"torch.func.grad(lambda x: torch.sum({torch}))(x0).shape == (2, 2)",
            f"A = ca.SX.sym('A', 2, 2)\nca.gradient(ca.sum1(ca.sum2(ca.{casadi}(A))), A).shape == (2, 2)",
            f"ag.grad(lambda x: np.sum({ours}))(x0).shape == (2, 2)",
        )
        for name, hips, jax, torch, casadi, ours in [
            ("determinant", "np.linalg.det(x)", "jnp.linalg.det(x)", "torch.linalg.det(x)", "det", "np.linalg.det(x)"),
            ("inverse", "np.linalg.inv(x)", "jnp.linalg.inv(x)", "torch.linalg.inv(x)", "inv", "np.linalg.inv(x)"),
            ("Cholesky factor", "np.linalg.cholesky(x)", "jnp.linalg.cholesky(x)", "torch.linalg.cholesky(x)", "chol",
             "np.linalg.cholesky(x)"),
            ("eigenvalues", "np.linalg.eigh(x)[0]", "jnp.linalg.eigvalsh(x)", "torch.linalg.eigvalsh(x)", "eig_symbolic",
             "np.linalg.eigvalsh(x)"),
            ("Fourier transform", "np.real(np.fft.fft(x))", "jnp.real(jnp.fft.fft(x))", "torch.fft.fft(x).real", "fft",
             "np.fft.fft(x).real"),
            ("sorting", "np.sort(x.ravel()) * np.arange(4)", "jnp.sort(x.ravel()) * jnp.arange(4)",
             "torch.sort(x.ravel())[0] * torch.arange(4)", "sort", "np.sort(x.ravel()) * np.arange(4)"),
            ("einsum", "np.einsum('ij,jk->ik', x, x)", "jnp.einsum('ij,jk->ik', x, x)", "torch.einsum('ij,jk->ik', x, x)",
             "einsum", "np.einsum('ij,jk->ik', x, x)"),
        ]
    ],
    # -- others
    Feature(
        OTHERS, "scipy.optimize.minimize(…, jac=True), nothing converted",
        "from scipy.optimize import minimize\nminimize(autograd.value_and_grad(lambda x: np.sum((x - 2.0)**2)), [0.0], jac=True).success",
        "from scipy.optimize import minimize\nminimize(jax.value_and_grad(lambda x: jnp.sum((x - 2.0)**2)), [0.0], jac=True).success",
        "from scipy.optimize import minimize\nminimize(torch.func.grad_and_value(lambda x: torch.sum((x - 2.0)**2)), [0.0], jac=True)",
        "~from scipy.optimize import minimize\n"
        "minimize(ca.Function('f', [X], [(X - 2)**2, 2 * (X - 2)]), [0.0], jac=True).success",
        "from scipy.optimize import minimize\nminimize(ag.value_and_grad(lambda x: (x[0] - 2.0)**2), [0.0], jac=True).success",
    ),
    Feature(
        OTHERS, "functions from SymPy",
        "x = sympy.Symbol('x')\nautograd.grad(sympy.lambdify(x, sympy.sin(x), modules=autograd.numpy))(0.0) == 1.0",
        "x = sympy.Symbol('x')\njax.grad(sympy.lambdify(x, sympy.sin(x), modules='jax'))(0.0) == 1.0",
        "x = sympy.Symbol('x')\ntorch.func.grad(sympy.lambdify(x, sympy.sin(x), modules='torch'))(T(0.0)) == 1.0",
        "x = sympy.Symbol('x')\nd(sympy.lambdify(x, sympy.sin(x), modules=ca), 0.0) == 1.0",
        "x = sympy.Symbol('x')\nag.grad(sympy.lambdify(x, sympy.sin(x), modules=ag))(0.0) == 1.0",
    ),
    Feature(
        OTHERS, "expressions for SymPy",
        "autograd.to_sympy(np.sin)", "jax.to_sympy(jnp.sin)", "torch.to_sympy(torch.sin)", "sympy.sympify(ca.sin(X)) == 0",
        "ag.formula(ag.sin(ag.Value(1.0, name='x'))).sympy == sympy.sin(sympy.Symbol('x'))",
    ),
    Feature(
        OTHERS, "a column of pandas as an argument",
        "autograd.grad(lambda x: np.sum(x * x))(pandas.Series([1.0, 2.0])).tolist() == [2.0, 4.0]",
        "jax.grad(lambda x: jnp.sum(x * x))(pandas.Series([1.0, 2.0])).tolist() == [2.0, 4.0]",
        "torch.func.grad(lambda x: torch.sum(x * x))(pandas.Series([1.0, 2.0])).tolist() == [2.0, 4.0]",
        "ca.Function('f', [X], [X * X])(pandas.Series([1.0, 2.0]))",
        "ag.grad(lambda x: sum(v * v for v in x))(pandas.Series([1.0, 2.0])).tolist() == [2.0, 4.0]",
    ),
]  # fmt: skip
