"""Write docs/comparison.md: what users ask for, tried line by line with other packages and with ours.

    python -m docs.make_comparison                      # our lines; the others' outcomes as they are stored
    python -m docs.make_comparison jax=PYTHON torch=PYTHON hips=PYTHON casadi=PYTHON    # theirs too, by these interpreters
    python -m docs.make_comparison --count FOLDER       # how many of our lines a checkout misses

HIPS autograd installs the name that this package has, so it needs an environment of its own. Lines and outcomes are stored
in docs/comparison.json.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

from mpmath import mp

from autograd.interop.files import write_atomically
from docs import comparison_trial
from docs.comparison_features import FEATURES
from docs.comparison_operations import OPERATIONS

HERE = Path(__file__).parent
FILE, PAGE = HERE / "comparison.json", HERE / "comparison.md"
TITLES = {"hips": "HIPS autograd", "jax": "JAX", "torch": "PyTorch", "casadi": "CasADi", "ours": "ours"}
MARKS = {"yes": "yes", "partial": "partial", "missing": "–"}
Row = dict[str, Any]

HEAD = """# Comparison

What users of automatic differentiation ask for, and whether it is there: in {packages}, and here.
Made by `python -m docs.make_comparison`, which tries a line for every cell; the lines, and what came, are in
[comparison.json](comparison.json).

- **yes**: the line ran, and its answer was right.
- **partial**: it ran, and is a detour, or does a part of what the row says.
- **–**: nothing of that name or kind. It may be composed by hand, or be in a package that builds on this one.

A derivative of an operation is right where it is mpmath's to 1e-7. What needs hardware isn't tried: JAX and PyTorch run on
accelerators, ours by `program.to_jax()` alone. Rows are from what these packages document, ours included; they don't weigh
the same.

"""


def expected(reference: str, at: float) -> float:
    """The derivative by mpmath."""
    with mp.workdps(30):
        return float(mp.diff(lambda x: eval(reference, {"mp": mp, "x": x}), mp.mpf(at)))


def rows() -> list[Row]:
    """Every row: its section, its name, and the line of each package."""
    found: list[Row] = []
    for each in FEATURES:
        found.append({"section": each.section, "name": each.name, "lines": {key: getattr(each, key) for key in TITLES}})
    for op in OPERATIONS:
        slope = expected(op.reference, op.at)
        check = f"abs(d(lambda x: {{}}, {op.at}) - {slope!r}) <= 1e-7 * {max(1.0, abs(slope))!r}"
        found.append(
            {"section": "Operations", "name": op.name, "lines": {key: check.format(getattr(op, key)) for key in TITLES}}
        )
    return found


def outcomes(package: str, lines: list[str], python: str, path: str = "") -> tuple[str, list[tuple[str, str]]]:
    """The package's version, and what became of each line, in a process of its own; a line that ends it is missing."""
    environment = {**os.environ, "PYTHONPATH": path} if path else {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done: list[tuple[str, str]] = []
    installed = ""
    folder = path or tempfile.mkdtemp()  # some write files
    while len(done) < len(lines):
        call = [python, "-W", "ignore", comparison_trial.__file__, package]
        rest = json.dumps(lines[len(done) :])
        process = subprocess.run(call, input=rest, capture_output=True, text=True, env=environment, cwd=folder)
        answers = [json.loads(line) for line in process.stdout.splitlines() if line.startswith(('"', "["))]
        if not answers:
            raise SystemExit(f"{package} can't be tried with {python}:\n{process.stderr[-2000:]}")
        installed, done = answers[0], done + [tuple(each) for each in answers[1:]]
        if len(done) < len(lines):
            done.append(("missing", "the process ended"))
    return installed, done


def page(stored: dict[str, Any]) -> str:
    """The page of what is stored."""
    versions = stored["versions"]
    packages = ", ".join(f"{TITLES[key]} {versions[key]}" for key in TITLES if key != "ours")
    titles = [TITLES[key] for key in TITLES]
    text = HEAD.format(packages=packages) + _table("Lines that are", titles, _counts(stored["rows"]))
    first = stored["first"]
    missing = sum(row["outcomes"]["ours"][0] == "missing" for row in stored["rows"])
    text += f"Of our {len(stored['rows'])} lines {first['missing']} were missing at commit {first['commit']}, "
    text += f"and {missing} are now.\n"
    for section, group in groupby(stored["rows"], lambda row: row["section"]):
        body = [[row["name"], *[MARKS[row["outcomes"][key][0]] for key in TITLES]] for row in group]
        text += f"\n## {section}\n\n" + _table(section, titles, body)
    return text.rstrip("\n") + "\n"


def _counts(found: list[Row]) -> list[list[str]]:
    counted = {key: Counter(row["outcomes"][key][0] for row in found) for key in TITLES}
    return [[mark, *[str(counted[key][mark]) for key in TITLES]] for mark in MARKS]


def _table(first: str, titles: list[str], body: list[list[str]]) -> str:
    lines = [[first, *titles], ["---"] * (len(titles) + 1), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n\n"


def count(folder: str) -> int:
    """How many of our lines a checkout misses."""
    _, found = outcomes("ours", [row["lines"]["ours"] for row in rows()], sys.executable, folder)
    return sum(mark == "missing" for mark, _ in found)


def main() -> None:
    """Try lines, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("interpreters", nargs="*", help="hips=PYTHON jax=PYTHON torch=PYTHON casadi=PYTHON")
    parser.add_argument("--count", metavar="FOLDER", help="print how many of our lines a checkout misses")
    parser.add_argument("--first", metavar="COMMIT=MISSING", help="what the first checkout missed")
    options = parser.parse_args()
    if options.count:
        print(f"{count(options.count)} of {len(rows())} lines are missing")
        return
    before = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"versions": {}, "rows": [], "first": {}}
    known = {(row["section"], row["name"]): row["outcomes"] for row in before["rows"]}
    found, versions = rows(), dict(before["versions"])
    for row in found:
        row["outcomes"] = dict(known.get((row["section"], row["name"]), {}))
    interpreters = dict(each.split("=", 1) for each in options.interpreters)
    for package, python in [*interpreters.items(), ("ours", sys.executable)]:
        path = str(HERE.parent) if package == "ours" else ""
        versions[package], each = outcomes(package, [row["lines"][package] for row in found], python, path)
        for row, outcome in zip(found, each, strict=True):
            row["outcomes"][package] = list(outcome)
    first = before["first"]
    if options.first:
        commit, _, missing = options.first.partition("=")
        first = {"commit": commit, "missing": int(missing)}
    stored = {"versions": versions, "first": first, "rows": found}
    write_atomically(FILE, json.dumps(stored, indent=1, ensure_ascii=False) + "\n")
    write_atomically(PAGE, page(stored))


if __name__ == "__main__":
    main()
