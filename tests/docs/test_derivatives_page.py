"""What docs/derivatives.md shows is what comes out."""

import doctest
import re

from tests.docs.pages import ROOT, read

BLOCKS = re.findall(r"^```python\n(.*?)^```", read(ROOT / "docs/derivatives.md"), re.DOTALL | re.MULTILINE)


def test_the_sessions_print_what_they_show() -> None:
    test = doctest.DocTestParser().get_doctest("\n".join(BLOCKS), {}, "derivatives.md", "derivatives.md", 0)
    assert test.examples
    report: list[str] = []
    assert doctest.DocTestRunner().run(test, out=report.append).failed == 0, "".join(report)
