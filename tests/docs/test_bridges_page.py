"""docs/bridges.md runs, from top to bottom."""

import doctest
import re

import pytest

from tests.docs.pages import ROOT, read


def test_the_sessions_print_what_they_show() -> None:
    for package in ("llvmlite", "scipy", "sympy", "pandas", "hypothesis"):
        pytest.importorskip(package)
    session = "\n".join(re.findall(r"^```python\n(.*?)^```", read(ROOT / "docs/bridges.md"), re.DOTALL | re.MULTILINE))
    test = doctest.DocTestParser().get_doctest(session, {}, "bridges.md", "bridges.md", 0)
    assert len(test.examples) > 30
    report: list[str] = []
    assert doctest.DocTestRunner().run(test, out=report.append).failed == 0, "".join(report)
