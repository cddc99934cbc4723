"""Tries lines of code: ``python comparison_trial.py PACKAGE``, lines as JSON on stdin, an outcome a line on stdout.

It runs in the package's own environment, where this project needn't be, so it imports nothing of it.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import warnings
from importlib.metadata import version
from typing import Any

PRELUDES = {
    "hips": """
import autograd, autograd.numpy as np, autograd.extend, autograd.scipy.special as sp
x0 = np.array([[2.0, 0.5], [0.5, 1.0]])
def d(f, x): return float(autograd.grad(f)(x))
""",
    "jax": """
import jax, jax.numpy as jnp, jax.scipy.special as jsp
jax.config.update("jax_enable_x64", True)
x0 = jnp.array([[2.0, 0.5], [0.5, 1.0]])
def d(f, x): return float(jax.grad(f)(x))
""",
    "torch": """
import torch
torch.set_default_dtype(torch.float64)
T = torch.tensor
x0 = T([[2.0, 0.5], [0.5, 1.0]])
def d(f, x): return float(torch.func.grad(f)(T(x)))
""",
    "casadi": """
import casadi as ca, numpy as np
X, Y, P = map(ca.SX.sym, "xyp")
def d(f, x): return float(ca.Function("f", [X], [ca.gradient(f(X), X)])(x))
""",
    "ours": """
import autograd as ag, nn, numpy as np
x0 = np.array([[2.0, 0.5], [0.5, 1.0]])
def d(f, x): return float(ag.grad(f)(x))
""",
}
VERSIONS = {"hips": "autograd", "jax": "jax", "torch": "torch", "casadi": "casadi"}


def names(package: str) -> dict[str, Any]:
    """What a package's lines may use."""
    found: dict[str, Any] = {"__name__": "trial"}
    exec("import tempfile\ntry:\n    import pandas, sympy\nexcept ImportError:\n    pass\n" + PRELUDES[package], found)
    return found


def tried(line: str, known: dict[str, Any]) -> tuple[str, str]:
    """yes, partial or missing; and why it is missing."""
    mark, source = ("partial", line[1:]) if line.startswith("~") else ("yes", line)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            *body, last = ast.parse(source).body
            here = dict(known)
            exec(compile(ast.Module(body, []), "line", "exec"), here)
            assert isinstance(last, ast.Expr)
            result = eval(compile(ast.Expression(last.value), "line", "eval"), here)
            return (mark, "") if bool(result) else ("missing", "another number")
    except Exception as error:
        said = f"{type(error).__name__}: {error}".partition("\n")[0]
        return "missing", re.sub(r"(/[\w.+-]+)+/", "…/", said)[:160]  # where packages lie on a machine says nothing


def main(package: str) -> None:
    """Try the lines of stdin."""
    known = names(package)
    print(json.dumps(version(VERSIONS[package]) if package in VERSIONS else ""), flush=True)
    for line in json.load(sys.stdin):
        print(json.dumps(tried(line, known)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
