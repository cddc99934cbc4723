"""What a signal's handler could do, done at every point at which Python would call one: nothing is left to chance."""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from types import CodeType, FrameType
from typing import Any


class Interrupt(BaseException):
    """What a handler raises, such as KeyboardInterrupt."""


class AtEveryStep:
    """Calls ``handler`` at the points of a package's code that run in the ``with``, but for what the handler itself calls.

    ``count`` is how many points there were; with a ``stride`` of 11 the handler is called at every eleventh.
    """

    def __init__(self, handler: Callable[[], None], stride: int = 1, package: str = "autograd"):
        self.handler, self.stride, self.package, self.count, self.inside = handler, stride, package, 0, False

    def __enter__(self) -> AtEveryStep:
        sys._getframe().f_trace_opcodes = True  # Python 3.12 asks when tracing begins whether any frame wants opcodes
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _trace(self, frame: FrameType, event: str, _: object) -> Any:
        if self.package not in frame.f_code.co_filename or self.inside:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and frame.f_lasti in _points(frame.f_code):
            self.count += 1
            if self.count % self.stride == 0:
                self.inside = True
                self.handler()
                self.inside = False
        return self._trace


@cache
def _points(code: CodeType) -> frozenset[int]:
    """Where CPython has just looked for signals: as a function begins, a call returns, a loop goes back."""
    instructions = list(dis.get_instructions(code))
    behind = [now.offset for last, now in pairwise(instructions) if last.opname.startswith(("RESUME", "CALL"))]
    return frozenset(behind + [each.argval for each in instructions if each.opname.startswith("JUMP_BACKWARD")])
