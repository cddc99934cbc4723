"""Run the README's sessions under a heading and compare: ``python .ci/run_session.py "Prove a derivative"``."""

import doctest
import re
import sys
from pathlib import Path

readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
section = readme.split(f"\n## {sys.argv[1]}\n", 1)[1].split("\n## ")[0]
session = "\n".join(re.findall(r"^```python\n(.*?)^```", section, re.DOTALL | re.MULTILINE))
test = doctest.DocTestParser().get_doctest(session, {}, sys.argv[1], "README.md", 0)
failed, attempted = doctest.DocTestRunner().run(test)
if failed or not attempted:
    sys.exit(f"{failed} of {attempted} lines of {sys.argv[1]!r} failed")
sys.stdout.write(f"{attempted} lines of {sys.argv[1]!r} print what the README shows\n")
