"""The functions that are timed, a file each, with the same by hand in other languages beside it."""

from benchmarks.workloads import ba, bs, cartpole, gmm, heston, lv, moons
from benchmarks.workloads.workload import Workload

ALL = [bs.BS, heston.HESTON, heston.EACH_PATH, lv.LV, cartpole.CARTPOLE, ba.BA, gmm.GMM, moons.MOONS]
NAMES = [workload.name for workload in ALL]

__all__ = ["ALL", "NAMES", "Workload"]
