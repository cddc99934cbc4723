"""From a function to machine code: trace → program → passes → LLVM → run.

``trace`` runs f once on Values and writes the graph and its derivatives down as a program, see ``autograd.program``.
``codegen`` makes LLVM text of that by passes, ``runtime`` machine code of the text. ``specialisation`` does this for one
shape of arguments, ``compiled`` is the public face.
"""

from autograd.compiler.compiled import Compiled, compile
from autograd.compiler.conditions import BranchError, TraceError
from autograd.compiler.frozen import frozen
from autograd.compiler.runtime.code_cache import cache_directory
from autograd.program.instructions import ProgramError
from autograd.program.program import Program, from_json, load

__all__ = [
    "BranchError",
    "Compiled",
    "Program",
    "ProgramError",
    "TraceError",
    "cache_directory",
    "compile",
    "from_json",
    "frozen",
    "load",
]


def __dir__() -> list[str]:
    return sorted(__all__)
