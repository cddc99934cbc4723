"""Run the README's programs and compare what they print: all, or those under a heading.

python .ci/run_session.py
python .ci/run_session.py "Prove a derivative"
"""

import doctest
import re
import sys
from pathlib import Path

readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
heading = sys.argv[1] if len(sys.argv) > 1 else "README.md"
text = readme.split(f"\n## {heading}\n", 1)[1].split("\n## ")[0] if len(sys.argv) > 1 else readme
blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
runner = doctest.DocTestRunner()
for block in blocks:
    if ">>>" in block:
        runner.run(doctest.DocTestParser().get_doctest(block, {}, heading, "README.md", 0))
    else:
        exec(block, {"__name__": "__main__"})
failed, attempted = runner.failures, runner.tries
if failed or not attempted:
    sys.exit(f"{failed} of {attempted} lines of {heading!r} failed")
sys.stdout.write(f"{attempted} lines of {heading!r} print what the README shows\n")
