"""Compare gradients with JAX and PyTorch on random graphs, and keep the reference values in tests/data.

    python -m tests.peers.make_graphs               # compare, print the figures, write the file
    python -m tests.peers.make_graphs --dry         # compare and print only
    python -m tests.peers.make_graphs --dry --seed 7 --count 1000 --peers torch

The graphs are those of the seed, the same on every machine; the peers' last digits depend on their versions, which
the file names. Exit code 1 where a gradient of ours isn't mpmath's.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import date

from tests.peers.comparison import Compared, compare, counts, summary, wrong
from tests.peers.graphs import COUNT, SEED, all_graphs
from tests.peers.libraries import LIBRARIES, library
from tests.peers.stored import FILE, row_of, write
from tests.peers.verdicts import Kind


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=COUNT, help=f"random graphs (default: {COUNT})")
    options.add_argument("--seed", type=int, default=SEED, help=f"of the random graphs (default: {SEED})")
    options.add_argument("--peers", nargs="*", default=list(LIBRARIES), choices=list(LIBRARIES), help="compare with these")
    options.add_argument("--dry", action="store_true", help="write nothing")
    chosen = options.parse_args()
    peers, start = [library(name) for name in chosen.peers], time.perf_counter()
    compared = list(progress(compare(all_graphs(chosen.seed, chosen.count), peers)))
    versions = ", ".join(f"{peer.name} {peer.version}" for peer in peers)
    sys.stdout.write(f"{versions}, in {time.perf_counter() - start:.0f} s\n{summary(compared)}\n")
    if not chosen.dry:
        figures = {peer.name: {kind: counts(compared, peer.name)[kind] for kind in Kind} for peer in peers}
        header = {"versions": {peer.name: peer.version for peer in peers}, "figures": figures, "date": str(date.today())}
        write(header | {"seed": chosen.seed, "count": chosen.count}, map(row_of, compared))
        sys.stdout.write(f"wrote {FILE.name}, {FILE.stat().st_size // 1000} kB\n")
    sys.exit("\n".join(wrong(compared)) or 0)


def progress(compared: Iterable[Compared]) -> Iterator[Compared]:
    """The same, told on stderr every thousand graphs."""
    for done, each in enumerate(compared, 1):
        yield each
        if done % 1000 == 0:
            sys.stderr.write(f"{done} graphs\n")


if __name__ == "__main__":
    main()
