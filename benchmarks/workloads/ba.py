"""Bundle adjustment, ADBench's: the reprojection error of a point in a camera, two numbers, by 15."""

from typing import Any

import numpy as np

from benchmarks.workloads.workload import Workload, random

CAMERA = (
    -0.758453,
    -1.109613,
    -0.845551,
    34.556073,
    39.676747,
    53.881673,
    419.194514,
    5.864426,
    -8.518870,
    0.087812,
    0.002739,
)
POINT, WEIGHT, FEATURE = (7.203245, 0.001144, 3.023326), (0.417022,), (271.760969, 834.209256)


def residual(m: Any, w: Any, feature: Any) -> list[Any]:
    """weight·(p·L·focal + principal point − feature); w is the camera (11), the point (3) and the weight."""
    rotation, centre, focal, principal, (k1, k2) = w[0:3], w[3:6], w[6], w[7:9], w[9:11]
    px, py, pz = rotated(m, rotation, [w[11 + i] - centre[i] for i in range(3)])
    px, py = px / pz, py / pz
    square = px * px + py * py
    scale = (1.0 + k1 * square + k2 * (square * square)) * focal
    return [w[14] * (px * scale + principal[0] - feature[0]), w[14] * (py * scale + principal[1] - feature[1])]


def rotated(m: Any, r: Any, x: Any) -> list[Any]:
    """Rodrigues' formula, for a rotation that isn't none."""
    angle = m.sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2])
    cosine, sine, inverse = m.cos(angle), m.sin(angle), 1.0 / angle
    u = [r[i] * inverse for i in range(3)]
    cross = [u[1] * x[2] - u[2] * x[1], u[2] * x[0] - u[0] * x[2], u[0] * x[1] - u[1] * x[0]]
    along = (u[0] * x[0] + u[1] * x[1] + u[2] * x[2]) * (1.0 - cosine)
    return [x[i] * cosine + cross[i] * sine + u[i] * along for i in range(3)]


def data(lanes: int) -> tuple[Any, Any]:
    """Observations within a tenth of ADBench's."""
    near = random().uniform(0.9, 1.1, (17, lanes)) * np.array([*CAMERA, *POINT, *WEIGHT, *FEATURE])[:, None]
    return near[:15].copy(), near[15:].copy()


C = """
enum { W = 15, D = 2, OUT = 2 };
static void f(const double *w, const double *feature, double *out) {
    double angle = sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2]), cosine = cos(angle), sine = sin(angle);
    double inverse = 1.0 / angle, u[3], x[3], p[3];
    for (int i = 0; i < 3; i++) u[i] = w[i] * inverse, x[i] = w[11 + i] - w[3 + i];
    double cross[3] = {u[1] * x[2] - u[2] * x[1], u[2] * x[0] - u[0] * x[2], u[0] * x[1] - u[1] * x[0]};
    double along = (u[0] * x[0] + u[1] * x[1] + u[2] * x[2]) * (1.0 - cosine);
    for (int i = 0; i < 3; i++) p[i] = x[i] * cosine + cross[i] * sine + u[i] * along;
    double px = p[0] / p[2], py = p[1] / p[2], square = px * px + py * py;
    double scale = (1.0 + w[9] * square + w[10] * square * square) * w[6];
    out[0] = w[14] * (px * scale + w[7] - feature[0]);
    out[1] = w[14] * (py * scale + w[8] - feature[1]);
}
"""


def by_numba(njit: Any) -> Any:
    """Both rows of the Jacobian by the chain rule, first through the projection, then through the rotation."""
    from math import cos, sin, sqrt

    @njit
    def jacobian(w: Any, feature: Any) -> Any:
        lanes = w.shape[1]
        value, gradient = np.empty((2, lanes)), np.empty((2, 15, lanes))
        for i in range(lanes):
            a, b, c = w[0, i], w[1, i], w[2, i]
            x, y, z = w[11, i] - w[3, i], w[12, i] - w[4, i], w[13, i] - w[5, i]
            square = a * a + b * b + c * c
            angle = sqrt(square)
            cosine, sine, inverse = cos(angle), sin(angle), 1.0 / angle
            a, b, c = a * inverse, b * inverse, c * inverse
            cx, cy, cz = b * z - c * y, c * x - a * z, a * y - b * x
            dot = a * x + b * y + c * z
            along = dot * (1.0 - cosine)
            X, Y, Z = (
                x * cosine + cx * sine + a * along,
                y * cosine + cy * sine + b * along,
                z * cosine + cz * sine + c * along,
            )
            px, py = X / Z, Y / Z
            q = px * px + py * py
            focal, k1, k2, weight = w[6, i], w[9, i], w[10, i], w[14, i]
            L, dL = 1.0 + k1 * q + k2 * q * q, k1 + 2.0 * k2 * q
            for k in range(2):
                p = px if k == 0 else py
                error = p * L * focal + w[7 + k, i] - feature[k, i]
                value[k, i], gradient[k, 14, i] = weight * error, error
                gradient[k, 6, i] = weight * p * L
                gradient[k, 7, i], gradient[k, 8, i] = weight * (1 - k), weight * k
                gradient[k, 9, i], gradient[k, 10, i] = weight * focal * p * q, weight * focal * p * q * q
                wf = weight * focal
                ux = wf * (2.0 * px * dL * p + (L if k == 0 else 0.0))
                uy = wf * (2.0 * py * dL * p + (L if k == 1 else 0.0))
                gx, gy, gz = ux / Z, uy / Z, -(ux * px + uy * py) / Z
                # Adjoints of Rodrigues' formula: of x, of the axis, of the angle.
                ag = a * gx + b * gy + c * gz
                nx, ny, nz = gy * c - gz * b, gz * a - gx * c, gx * b - gy * a
                hx = cosine * gx + sine * nx + a * ag * (1.0 - cosine)
                hy = cosine * gy + sine * ny + b * ag * (1.0 - cosine)
                hz = cosine * gz + sine * nz + c * ag * (1.0 - cosine)
                gradient[k, 11, i], gradient[k, 12, i], gradient[k, 13, i] = hx, hy, hz
                gradient[k, 3, i], gradient[k, 4, i], gradient[k, 5, i] = -hx, -hy, -hz
                more = ag * (1.0 - cosine)
                ua = sine * (y * gz - z * gy) + along * gx + more * x
                ub = sine * (z * gx - x * gz) + along * gy + more * y
                uc = sine * (x * gy - y * gx) + along * gz + more * z
                turn = -sine * (x * gx + y * gy + z * gz) + cosine * (cx * gx + cy * gy + cz * gz) + dot * sine * ag
                radial = turn - (ua * a + ub * b + uc * c) * inverse
                gradient[k, 0, i] = ua * inverse + a * radial
                gradient[k, 1, i] = ub * inverse + b * radial
                gradient[k, 2, i] = uc * inverse + c * radial
        return value, gradient

    return jacobian


BA = Workload("ba", "Bundle adjustment, 2×15 Jacobian", residual, data, 4096, C, outputs=2, numba=by_numba)
