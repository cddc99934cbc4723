"""The functions that are timed, a file each, with the same by hand in other languages beside it."""

from benchmarks.workloads import asian, ba, bs, cartpole, gmm, gru, heston, lv, moons, nets, ode, rnn
from benchmarks.workloads.workload import Workload

EIGHT = [bs.BS, heston.HESTON, heston.EACH_PATH, lv.LV, cartpole.CARTPOLE, ba.BA, gmm.GMM, moons.MOONS]
ALL = [*EIGHT, ode.ODE, asian.ASIAN, *rnn.RNNS, *gru.GRUS, *nets.NETS]
# For tests: the same formulas, shorter.
SMALL = [ode.ODE, asian.asian(20, 8), rnn.rnn(12, 8), gru.gru(12, 8), nets.net((5, 4, 3), 8)]


def named(begin: str) -> list[Workload]:
    """The workload of that name; or those whose names begin so."""
    return [one for one in ALL if one.name == begin] or [one for one in ALL if one.name.startswith(begin)]


__all__ = ["ALL", "EIGHT", "SMALL", "Workload", "named"]
