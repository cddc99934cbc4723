"""docs/solvers.md shows what comes out."""

import doctest
import re

import pytest

from tests.docs.pages import ROOT, read

PAGE = read(ROOT / "docs/solvers.md")


def test_the_sessions_print_what_they_show() -> None:
    for package in ("llvmlite", "scipy"):
        pytest.importorskip(package)
    session = "\n".join(re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))
    test = doctest.DocTestParser().get_doctest(session, {}, "solvers.md", "solvers.md", 0)
    assert len(test.examples) > 15
    report: list[str] = []
    assert doctest.DocTestRunner().run(test, out=report.append).failed == 0, "".join(report)
