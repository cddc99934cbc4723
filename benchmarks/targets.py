"""What each workload should reach."""

from typing import NamedTuple

from benchmarks.rivals.chainrule import OURS, ROWS


class Target(NamedTuple):
    """None: nothing is asked for."""

    form: str = OURS  # which form of ours is held to it
    in_c: float | None = None  # at most, of the time of f alone in C
    peer: float | None = None  # times as fast as the fastest peer, or within 1.2 of the roofline where that peer is near it
    jax: float | None = None  # times as fast as JAX
    torch: float | None = None
    compile_vm: float | None = None  # at most, of the time of CasADi's virtual machine
    compile_jax: float | None = None
    scan_jax: float | None = None  # the same where the loop is written by scan
    megabytes: float | None = None  # at most, while it compiles


LONG, SHORT = Target(in_c=1.0, peer=3.0, compile_vm=1.2), Target(in_c=1.0, peer=3.0, compile_vm=2.5)
WIDE = Target(jax=1.0, torch=1.0, compile_jax=3.0, megabytes=60.0)
TARGETS = {
    "bs": SHORT,
    "ba": SHORT,
    "heston": LONG,
    "heston-paths": LONG,
    "lv": LONG,
    "cartpole": LONG,
    "gmm": LONG,
    "ode": LONG,
    "asian100000": Target(peer=3.0),
    "moons": Target(ROWS, in_c=1.0, jax=4.0, compile_vm=1.2),
    "rnn50": Target(scan_jax=0.5),
    "rnn800": Target(jax=3.0, compile_jax=1.5, scan_jax=0.5),
    "net64-64-10": Target(jax=2.0),
    "net784-32-10": WIDE,
    "net784-32-10x1024": WIDE._replace(torch=None),
    "net784-128-10": Target(jax=0.9),
}


def target(name: str) -> Target:
    """Of the workload, or of all batches of its net."""
    return TARGETS.get(name) or TARGETS.get(name.partition("x")[0]) or Target()
