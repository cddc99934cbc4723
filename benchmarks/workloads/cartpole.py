"""Cart and pole: 20 steps of Runge-Kutta, the cost of a trajectory, its gradient by the 20 controls of a lane."""

import math
from typing import Any

from benchmarks.workloads.workload import Workload, random

STEPS, H = 20, 0.05
POLE, HALF, GRAVITY, TOTAL = 0.1, 0.5, 9.81, 1.1  # the cart's mass is 1
START = (0.0, 0.0, 0.5, 0.0)

State = tuple[Any, Any, Any, Any]


def cost(m: Any, controls: Any, _: Any) -> Any:
    """Σ x² + 0.1ẋ² + 10(1 − cos θ) + 0.1θ̇² + 0.01u²."""
    state: State = START
    total = 0.0
    for u in controls:
        state = step(m, state, u)
        total = total + price(m, state, u)
    return total


def price(m: Any, state: State, u: Any) -> Any:
    """What a step costs."""
    x, speed, angle, turn = state
    return x * x + 0.1 * (speed * speed) + 10.0 * (1.0 - m.cos(angle)) + 0.1 * (turn * turn) + 0.01 * (u * u)


def step(m: Any, state: State, u: Any) -> State:
    """Runge and Kutta's fourth order."""
    one = rates(m, state, u)
    two = rates(m, moved(state, one, 0.5 * H), u)
    three = rates(m, moved(state, two, 0.5 * H), u)
    four = rates(m, moved(state, three, H), u)
    x, speed, angle, turn = (
        s + H / 6.0 * (a + 2.0 * (b + c) + d) for s, a, b, c, d in zip(state, one, two, three, four, strict=True)
    )
    return x, speed, angle, turn


def moved(state: State, rate: State, by: float) -> State:
    """The state a little later."""
    x, speed, angle, turn = (s + by * k for s, k in zip(state, rate, strict=True))
    return x, speed, angle, turn


def rates(m: Any, state: State, u: Any) -> State:
    """The derivative of the state by time."""
    _, speed, angle, turn = state
    sine, cosine = m.sin(angle), m.cos(angle)
    push = (u + POLE * HALF * (turn * turn) * sine) * (1.0 / TOTAL)
    turning = (GRAVITY * sine - cosine * push) / (HALF * (4.0 / 3.0 - POLE / TOTAL * (cosine * cosine)))
    return speed, push - POLE * HALF / TOTAL * turning * cosine, turn, turning


def data(lanes: int) -> tuple[Any, None]:
    """Controls within ±2 N."""
    return random().uniform(-2.0, 2.0, (STEPS, lanes)), None


C = """
enum { W = 20, D = 0, OUT = 1, STEPS = 20 };
static void derivatives(const double *s, double u, double *k) {
    double sine = sin(s[2]), cosine = cos(s[2]);
    double push = (u + 0.1 * 0.5 * s[3] * s[3] * sine) * (1.0 / 1.1);
    double turning = (9.81 * sine - cosine * push) / (0.5 * (4.0 / 3.0 - 0.1 / 1.1 * cosine * cosine));
    k[0] = s[1], k[1] = push - 0.1 * 0.5 / 1.1 * turning * cosine, k[2] = s[3], k[3] = turning;
}
static void moved(const double *s, const double *k, double by, double *to) {
    for (int j = 0; j < 4; j++) to[j] = s[j] + by * k[j];
}
static void f(const double *w, const double *d, double *out) {
    double s[4] = {0.0, 0.0, 0.5, 0.0}, t[4], one[4], two[4], three[4], four[4], h = 0.05, total = 0.0;
    for (int i = 0; i < STEPS; i++) {
        double u = w[i];
        derivatives(s, u, one);
        moved(s, one, 0.5 * h, t), derivatives(t, u, two);
        moved(s, two, 0.5 * h, t), derivatives(t, u, three);
        moved(s, three, h, t), derivatives(t, u, four);
        for (int j = 0; j < 4; j++) s[j] += h / 6.0 * (one[j] + 2.0 * (two[j] + three[j]) + four[j]);
        total += s[0] * s[0] + 0.1 * s[1] * s[1] + 10.0 * (1.0 - cos(s[2])) + 0.1 * s[3] * s[3] + 0.01 * u * u;
    }
    out[0] = total;
}
"""


def scan(jax: Any, controls: Any, _: Any) -> Any:
    """The steps as jax.lax.scan over arrays of lanes."""
    jnp = jax.numpy

    def forward(state: State, u: Any) -> Any:
        state = step(jnp, state, u)
        return state, price(jnp, state, u)

    start = tuple(jnp.full(controls.shape[1], number) for number in START)
    return jax.lax.scan(forward, start, controls)[1].sum(0)


CARTPOLE = Workload("cartpole", "Cart-pole, 20 × RK4, 20 controls", cost, data, 1024, C, jax={"scan": scan})
assert math.isclose(TOTAL, 1.0 + POLE)
