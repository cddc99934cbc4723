"""The command line: ``autograd explain "(x + y)**2" x=1 y=2``, also ``python -m autograd …``."""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from autograd import __version__
from autograd.interop.plain import on_screen

DESCRIPTION = "Scalar reverse-mode automatic differentiation that one can read, look at and trust."

EXAMPLES = """\
examples:
  autograd demo                                      train two small nets, check their gradients, draw pictures into out/
  autograd demo --quick                              the same in a few seconds
  autograd draw "(x + y)**2" x=1 y=2                 write graph.svg: the value above each edge, the gradient below it
  autograd explain "(x + y)**2" x=1 y=2 --wrt x      the chain rule for the derivative by x, with every number
  autograd check "log(x)/x" x=0.5                    are the derivatives what the values say?

'autograd COMMAND --help' tells more about a command.
"""

EXPRESSIONS = """
An expression is made of numbers, names with a number each (x=1, angle=pi/4), + - * / // % **, the functions of the
package (sin, exp, log, sqrt, sigmoid, tanh, relu, max, hypot, ...), comparisons and 'a if c else b', pi and e.
Put it in quotes.
"""

DRAW = f"""\
Draws the graph of an expression with the value of each edge above and its gradient below it.
{EXPRESSIONS}
examples:
  autograd draw "(x + y)**2" x=1 y=2
  autograd draw "sigmoid(w*x + b)" w=0.4 x=0.5 b=0.1 --wrt w -o neuron.png
"""

EXPLAIN = f"""\
Prints the chain rule: the factors of the derivative with their formulas and numbers, every path of several, and what
finite differences say.
{EXPRESSIONS}
examples:
  autograd explain "(x + y)**2" x=1 y=2 --wrt x
  autograd explain "x*sin(x*y)" x=1 y=2              by each of the names
  autograd explain "(x + y)**2" x=1 y=2 --latex      for a document
"""

CHECK = f"""\
Compares every derivative with forward mode and with differences of the expression's values, which come with a bound of
their error, and every local derivative too. Exit code 1 where one is wrong.
{EXPRESSIONS}
examples:
  autograd check "log(x)/x" x=0.5
  autograd check "abs(x - y)" x=1 y=1                a kink is told from an error
  autograd check "x**3 * y" x=2 y=3 --order 2        second derivatives too
"""

DEMO = """\
Trains a 2-16-16-1 net on scikit-learn's two moons and a 30-8-1 net on its breast cancer data, prints what they
get right of points they have not seen, compares gradients with finite differences, and writes a graph with its
gradients, loss curves and a decision boundary.
"""


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line."""

    def _print_message(self, message: str, file: Any = None) -> None:
        super()._print_message(on_screen(message, file or sys.stderr), file)

    def error(self, message: str) -> NoReturn:
        """Exit with code 2."""
        line = " ".join(message.split())
        self.exit(2, f"{self.prog}: {line if len(line) < 300 else line[:300] + '…'}; see {self.prog} --help\n")


class IntermixedParser(Parser):
    """A parser that takes options between the positional arguments."""

    _mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """What a subcommand is parsed by."""
        if self._mixing:
            return super().parse_known_args(args, namespace)
        self._mixing = True
        return self.parse_known_intermixed_args(args, namespace)


def parser() -> Parser:
    """All commands and their options."""
    layout = argparse.RawDescriptionHelpFormatter
    top = Parser(prog="autograd", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=layout)
    top.add_argument("--version", action="version", version=f"autograd {__version__} (of the distribution chainrule)")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", dest="command", parser_class=IntermixedParser)
    demo = commands.add_parser("demo", help="the main job, end to end", description=DEMO, formatter_class=layout)
    demo.add_argument("--out", default="out", type=_folder, metavar="DIR", help="folder for the pictures (default: out)")
    demo.add_argument("--seed", default=1, type=_seed, metavar="N", help="another N, other data and nets (default: 1)")
    demo.add_argument("--quick", action="store_true", help="fewer epochs: done in a few seconds")
    demo.set_defaults(run="autograd.cli.demo:run")
    _expression_commands(commands)
    return top


def _expression_commands(commands: Any) -> None:
    """``draw``, ``explain`` and ``check``, which take an expression and numbers for its names."""
    for name, about, text in (
        ("draw", "the graph of an expression as a picture", DRAW),
        ("explain", "the chain rule of an expression in words and numbers", EXPLAIN),
        ("check", "an expression's derivatives against differences", CHECK),
    ):
        layout = argparse.RawDescriptionHelpFormatter
        command = commands.add_parser(name, help=about, description=text, formatter_class=layout)
        command.add_argument("expression", metavar="EXPR", help='arithmetic in quotes, such as "(x + y)**2"')
        command.add_argument("values", metavar="NAME=NUMBER", nargs="*", help="a number for each name in it")
        command.set_defaults(run=f"autograd.cli.commands:{name}")
        if name == "draw":
            ending = "its ending says the format: .svg, .png, .pdf, .dot (default: graph.svg)"
            command.add_argument("-o", "--out", default="graph.svg", metavar="FILE", help=ending)
            command.add_argument("--wrt", metavar="NAME", help="highlight the paths from this name, grey the rest")
        elif name == "explain":
            command.add_argument("--wrt", metavar="NAME", help="the derivative by this name (default: by each)")
            command.add_argument("--steps", action="store_true", help="every edge of the graph as a factor")
            command.add_argument("--latex", action="store_true", help="print LaTeX")
        else:
            orders = "derivatives up to the N-th (default: 1)"
            command.add_argument("--order", default=1, type=_order, metavar="N", help=orders)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0, 1 where a check failed, 2 for bad input, 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a name that no translation fits shows ? in its place
    top = parser()
    options = vars(top.parse_args(_shielded(sys.argv[1:] if arguments is None else arguments)))
    command = options.pop("command")
    if command is None:
        top.print_help()
        return 0
    try:
        # By name, so that each command loads what it needs and no more.
        module, function = options.pop("run").split(":")
        code: int = getattr(import_module(module), function)(**options)
    except (ArithmeticError, ImportError, OSError, RuntimeError, ValueError) as error:
        return _complain(f"autograd {command}: {error}", 2)
    except KeyboardInterrupt:
        return _complain(f"autograd {command}: interrupted", 130)
    return code


def _shielded(arguments: Sequence[str]) -> list[str]:
    """The arguments, an expression that starts with a minus so that it isn't taken for an option."""
    return [f" {x}" if x.startswith("-") and not re.fullmatch(r"-|--|-o|-h|--[a-z]{2,}(=.*)?", x) else x for x in arguments]


def _complain(line: str, code: int) -> int:
    sys.stderr.write(f"{on_screen(line, sys.stderr)}\n")
    return code


def _folder(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("expected the name of a folder, got nothing")
    return text


def _order(text: str) -> int:
    if text not in ("1", "2", "3", "4"):
        raise argparse.ArgumentTypeError(f"expected 1, 2, 3 or 4, got {text!r}")
    return int(text)


def _seed(text: str) -> int:
    try:
        seed = int(text)
    except ValueError:
        seed = -1
    if not 0 <= seed < 2**32:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 to {2**32 - 1}, got {text!r}")
    return seed
