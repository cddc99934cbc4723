"""What docs/compiler.md shows is what comes out; the figures in the READMEs are those of the benchmarks."""

import doctest
import re
from pathlib import Path

import pytest

from autograd import Value
from autograd.compiler.codegen.abi import Block, Target
from autograd.compiler.codegen.emit import MODULE_SIZE, emit
from autograd.compiler.codegen.partition import FUNCTION_SIZE
from autograd.compiler.codegen.passes import PASSES, apply_passes
from autograd.compiler.trace import Trace
from autograd.compiler.tracer import tracing

ROOT = Path(__file__).parents[1]
COMPILER = (ROOT / "docs/compiler.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", COMPILER, re.DOTALL | re.MULTILINE)

SHOWN = ("Black-Scholes", "Heston, 50 steps", "Lotka-Volterra", "Cart-pole")  # of the benchmarks, in the READMEs


def test_the_sessions_print_what_they_show() -> None:
    session = "\n".join(block for language, block in BLOCKS if language == "python")
    test = doctest.DocTestParser().get_doctest(session, {}, "compiler.md", "compiler.md", 0)
    assert len(test.examples) > 15
    report: list[str] = []
    assert doctest.DocTestRunner().run(test, out=report.append).failed == 0, "".join(report)


def test_the_text_for_llvm_is_an_excerpt() -> None:
    (shown,) = [block for language, block in BLOCKS if language == "llvm"]
    with tracing() as tracer:
        w, x = Value(2.0, "w"), Value(1.0, "x")
        y = (w * x - 1.0) ** 2 + w * w
    trace = Trace([w, x], [y], tracer)
    program = trace.program([trace.symbol(y), *trace.gradients(y, [w, x])], ["f", "df/dw", "df/dx"])
    ready = apply_passes(program, Target(8))["prune"]
    (text,), _, _ = emit(ready, [Block(1, False), Block(1, True)], [True, True, False], Target(8))
    following = iter(text.splitlines())
    assert [line for line in (line.split(";")[0].rstrip() for line in shown.splitlines()) if line not in following] == []


def test_the_sizes_are_those_of_the_code() -> None:
    assert f"at most {FUNCTION_SIZE} operations" in COMPILER
    assert f"{MODULE_SIZE} functions" in COMPILER


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", COMPILER)
    assert targets
    assert [target for target in targets if not (ROOT / "docs" / target).exists()] == []


def test_files_that_are_named_exist() -> None:
    """Every file of the compiler's rooms has its line in the table, and every line its files."""
    rooms = COMPILER.split("## The rooms")[1].split("\n## ")[0]
    named = [name for row in re.findall(r"^\| (`.*?) \|", rooms, re.MULTILINE) for name in re.findall(r"`([\w/]+)`", row)]
    files = [path for room in ("compiler", "program") for path in (ROOT / "autograd" / room).rglob("*.py")]
    names = {path.relative_to(ROOT / "autograd").with_suffix("").as_posix() for path in files if path.stem != "__init__"}
    assert set(named) == names
    assert len(named) == len(names)


def test_the_passes_are_those_of_the_code() -> None:
    assert f"passes: {', '.join(each.__name__ for each in PASSES)} " in COMPILER


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_figures_are_those_of_the_benchmarks(name: str) -> None:
    """In the README's columns: C's f, value and gradient by chainrule, JAX, CasADi's C."""
    measured = (ROOT / "benchmarks/README.md").read_text(encoding="utf-8")
    titles, _, *rows = cells(measured[measured.index("| Time of a lane |") :].split("\n\n")[0])
    columns = [titles.index(title) for title in ("C, f alone", "chainrule", "JAX", "CasADi C")]
    text = (ROOT / name).read_text(encoding="utf-8")
    (table,) = re.findall(r"<!-- times of a lane, .*?-->\n(.*?)<!-- end -->", text, re.DOTALL)
    shown = [row[1:] for row in cells(table)[2:]]
    assert shown == [[row[column] for column in columns] for row in rows if row[0].startswith(SHOWN)]


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
