"""The command line: ``autograd demo``, also ``python -m autograd demo``."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

DESCRIPTION = "Scalar reverse-mode automatic differentiation that one can read, look at and trust."

EXAMPLES = """\
examples:
  autograd demo                  train two small nets, check their gradients, draw pictures into out/
  autograd demo --quick          the same in a few seconds
  autograd demo --out pictures   write somewhere else

'autograd COMMAND --help' tells more about a command.
"""

DEMO = """\
Trains a 2-16-16-1 net on scikit-learn's two moons and a 30-8-1 net on its breast cancer data, prints what they
get right of points they have not seen, compares gradients with finite differences, and writes a graph with its
gradients, loss curves and a decision boundary.
"""


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        """Exit with code 2."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def parser() -> Parser:
    """All commands and their options."""
    layout = argparse.RawDescriptionHelpFormatter
    top = Parser(prog="autograd", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=layout)
    commands = top.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    demo = commands.add_parser("demo", help="the main job, end to end", description=DEMO, formatter_class=layout)
    demo.add_argument("--out", default="out", type=_folder, metavar="DIR", help="folder for the pictures (default: out)")
    demo.add_argument("--seed", default=1, type=_seed, metavar="N", help="another N, other data and nets (default: 1)")
    demo.add_argument("--quick", action="store_true", help="fewer epochs: done in a few seconds")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0, 1 where a check failed, 2 for bad input, 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without → shows ? in its place
    top = parser()
    options = vars(top.parse_args(arguments))
    command = options.pop("command")
    if command is None:
        top.print_help()
        return 0
    try:
        # By name: nn is built on autograd, and autograd imports nothing of it.
        code: int = import_module(f"nn.{command}").run(**options)
    except (ArithmeticError, ImportError, OSError, RuntimeError, ValueError) as error:
        return _complain(f"autograd {command}: {error}", 2)
    except KeyboardInterrupt:
        return _complain(f"autograd {command}: interrupted", 130)
    return code


def _complain(line: str, code: int) -> int:
    sys.stderr.write(f"{line}\n")
    return code


def _folder(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("expected the name of a folder, got nothing")
    return text


def _seed(text: str) -> int:
    try:
        seed = int(text)
    except ValueError:
        seed = -1
    if not 0 <= seed < 2**32:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 to {2**32 - 1}, got {text!r}")
    return seed


if __name__ == "__main__":
    sys.exit(main())
