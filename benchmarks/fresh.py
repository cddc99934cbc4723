"""One form of one workload, made in a process of its own: prints what it cost, ``[seconds, megabytes]``."""

import json
import sys

from benchmarks import rivals
from benchmarks.rivals.rival import Setting
from benchmarks.workloads import ALL


def main() -> None:
    """``python -m benchmarks.fresh bs chainrule 1``: workload, form, threads."""
    name, form, threads = sys.argv[1:]
    (workload,) = (one for one in ALL if one.name == name)
    (found,) = (one for one in rivals.forms(workload)[0] if one.name == form)
    print(json.dumps(found.make(*workload.data(workload.lanes), Setting(int(threads))).cost))


if __name__ == "__main__":
    main()
