"""Black-Scholes: the price of a call and its five Greeks, every lane an option of its own."""

import math
from typing import Any

import numpy as np

from benchmarks.workloads.workload import Workload, numpy_functions, random

ROOT_HALF = math.sqrt(0.5)


def call(m: Any, w: Any, d: Any) -> Any:
    """S·N(d1) − K·e^(−rT)·N(d2)."""
    S, K, r, v, T = w
    spread = v * m.sqrt(T)
    d1 = (m.log(S / K) + (r + 0.5 * (v * v)) * T) / spread
    d2 = d1 - spread
    return S * normal(m, d1) - K * m.exp(-(r * T)) * normal(m, d2)


def normal(m: Any, x: Any) -> Any:
    """The normal distribution by the error function."""
    return 0.5 * (1.0 + m.erf(x * ROOT_HALF))


def data(lanes: int) -> tuple[Any, None]:
    """S, K, r, v, T."""
    draw = random()
    ranges = [(80.0, 120.0), (80.0, 120.0), (0.01, 0.05), (0.1, 0.5), (0.2, 2.0)]
    return np.array([draw.uniform(low, high, lanes) for low, high in ranges]), None


C = """
enum { W = 5, D = 0, OUT = 1 };
static double normal(double x) { return 0.5 * (1.0 + erf(x * 0.70710678118654752440)); }
static void f(const double *w, const double *d, double *out) {
    double S = w[0], K = w[1], r = w[2], v = w[3], T = w[4];
    double spread = v * sqrt(T), d1 = (log(S / K) + (r + 0.5 * v * v) * T) / spread;
    out[0] = S * normal(d1) - K * exp(-r * T) * normal(d1 - spread);
}
"""


def by_numba(njit: Any) -> Any:
    """The Greeks by their formulas."""
    from math import erf, exp, log, pi, sqrt

    @njit
    def greeks(w: Any, d: Any) -> Any:
        lanes = w.shape[1]
        value, gradient = np.empty(lanes), np.empty((5, lanes))
        for i in range(lanes):
            S, K, r, v, T = w[0, i], w[1, i], w[2, i], w[3, i], w[4, i]
            root = sqrt(T)
            d1 = (log(S / K) + (r + 0.5 * v * v) * T) / (v * root)
            N1, N2 = 0.5 * (1.0 + erf(d1 * ROOT_HALF)), 0.5 * (1.0 + erf((d1 - v * root) * ROOT_HALF))
            density, discount = exp(-0.5 * d1 * d1) / sqrt(2.0 * pi), exp(-r * T)
            value[i] = S * N1 - K * discount * N2
            gradient[0, i], gradient[1, i], gradient[2, i] = N1, -discount * N2, K * T * discount * N2
            gradient[3, i] = S * density * root
            gradient[4, i] = S * density * v / (2.0 * root) + r * K * discount * N2
        return value, gradient

    return greeks


def by_numpy(w: Any, d: Any) -> Any:
    """The same on arrays. SciPy's erf where it is installed, Python's number by number else."""
    S, K, r, v, T = w
    root = np.sqrt(T)
    d1 = (np.log(S / K) + (r + 0.5 * v * v) * T) / (v * root)
    N1, N2 = 0.5 * (1.0 + array_erf(d1 * ROOT_HALF)), 0.5 * (1.0 + array_erf((d1 - v * root) * ROOT_HALF))
    vega = S * root * np.exp(-0.5 * d1 * d1) / math.sqrt(2.0 * math.pi)
    discounted = K * np.exp(-r * T)
    gradient = [N1, -discounted * N2 / K, T * discounted * N2, vega, vega * v / (2.0 * T) + r * discounted * N2]
    return S * N1 - discounted * N2, np.array(gradient)


try:
    from scipy.special import erf as array_erf
except ImportError:
    array_erf = numpy_functions().erf

BS = Workload("bs", "Black-Scholes call, 5 Greeks", call, data, 4096, C, numba=by_numba, numpy=by_numpy)
