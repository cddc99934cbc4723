"""From a function to machine code: trace → program → passes → LLVM → run, a file each.

``trace`` runs f once on Values, ``tape`` writes the graph and its derivatives down as a ``program``, ``lowering``
rewrites it in the machine's operations, ``llvm`` emits text, ``native`` makes code of it, ``kernel`` runs it.
``compiled`` is the public face, ``export`` writes programs in other languages.
"""

from autograd.compiler.compiled import Compiled, compile
from autograd.compiler.conditions import TraceError
from autograd.compiler.specialisation import BranchError
from autograd.program.instructions import ProgramError
from autograd.program.program import Program, from_json, load

__all__ = ["BranchError", "Compiled", "Program", "ProgramError", "TraceError", "compile", "from_json", "load"]
