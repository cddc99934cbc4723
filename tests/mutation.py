"""Does the suite see a wrong rule? Every rule, formula and special function is broken in every small way, one at a time.

    python -m tests.mutation                  # all mutants; exit code 1 if the suite lets any pass
    python -m tests.mutation tanh logaddexp   # of these rules and functions only
    python -m tests.mutation --list           # print the mutants, run nothing

Four kinds of mutant:

- *sign*: a local derivative or a value negated; a unary minus taken away; + for −, − for +, += for −=.
- *swapped*: the operands of −, ÷, ** or an inequality; any two arguments of a call; both sides of ``where`` and of
  ``if … else``; two local derivatives of a rule, two results of a function.
- *dropped*: a + b and a · b become a and b; a − b becomes a and −b; a ÷ b becomes a.
- *factor*: a local derivative, or the value of a composite operation, times 1 + 2⁻⁴⁸, that is 1 + 16 ulp of 1:
  between 16 and 32 ulp of the number.

A mutant's code takes the place of the function's own (``__code__``), so that all who hold the function run it. Then
the suite's own tests run, those that run the function in question and the quickest first, until one fails.

Not made, since they would compute the same: see ``COMMUTATIVE``, ``in_absolute``, ``same``, ``scales`` and ``always_equal``.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import itertools
import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from autograd.functions import composed
from autograd.rules import composites, kinks, partials, quantiles, special, table
from autograd.rules.table import RULES
from tests.functions import test_composed
from tests.rules import test_edge_cases, test_special, test_table

FACTOR = 1.0 + 2.0**-48
SECONDS = 10.0  # more than any test takes: a mutant may loop for ever, which counts as caught
KINDS = ("sign", "swapped", "dropped", "factor")
SUITE = (test_table, test_edge_cases, test_special, test_composed)
# Calls that give the same bits whatever the order of their arguments (after m): extremes, lengths and sums of two;
# two_product is exact either way, min_norm_subgradient(l, r) is max(min(l, r), min(0, max(l, r))).
COMMUTATIVE = {"m.maximum", "m.minimum", "m.hypot", "m.norm", "max", "min_norm_subgradient", "two_product", "scaled_length"}
COMMUTATIVE |= {"scaled", "f.maximum", "f.minimum", "f.mul", "f.sub"}  # f.sub is of deviations, which are squared
# Those where the first two may change places: clip(x, low, high) = min(max(x, low), high).
COMMUTATIVE_PAIR = {"clip", "f.clip"}
AT_IMPORT = {"_checked"}  # decorators, which have run before a mutant comes


class Mutant(NamedTuple):
    """``code`` instead of ``function``'s own; ``names`` are the function's and its rule's, ``place`` is file:line."""

    function: FunctionType
    code: CodeType
    names: tuple[str, ...]
    kind: str
    place: str
    change: str


class Check(NamedTuple):
    """A test of the suite with its arguments."""

    name: str
    run: Callable[[], None]


# -- what is mutated ---------------------------------------------------------------------------------


class Target(NamedTuple):
    """A function that lives, its syntax tree, and the rule it belongs to; ``role`` is "value", "partials" or ""."""

    function: FunctionType
    tree: Any
    rule: str
    role: str
    file: str


def targets() -> Iterator[Target]:
    """The functions of the rule table, of the formulas and of the special functions."""
    forms = {rule.form: rule.name for rule in RULES.values() if rule.form}
    for call in ast.walk(_parsed(table)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("elementary", "composite"):
            yield from _of_rule(call)
    for module in (kinks, composites, partials, quantiles, special, composed):
        for tree in _parsed(module).body:
            if isinstance(tree, ast.FunctionDef) and tree.name not in AT_IMPORT and not _overload(tree):
                function = inspect.unwrap(getattr(module, tree.name))
                rule = forms.get(function, "")
                yield Target(function, tree, rule, "value" if rule else "", _file(module))


def _of_rule(call: ast.Call) -> Iterator[Target]:
    if isinstance(call.args[0], ast.Constant):
        rule = RULES[str(call.args[0].value)]
        functions = (rule.form or rule.value, rule.partials)
        for role, tree, function in zip(("value", "partials"), call.args[1:3], functions, strict=True):
            if isinstance(tree, ast.Lambda):
                yield Target(function, tree, rule.name, role, _file(table))  # type: ignore[arg-type]


def _overload(tree: ast.FunctionDef) -> bool:
    return "overload" in map(ast.unparse, tree.decorator_list)


def _parsed(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _file(module: ModuleType) -> str:
    return "/".join(Path(str(module.__file__)).parts[-2:])


# -- how: one expression ---------------------------------------------------------------------------------


def alternatives(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What may stand in an expression's place: the kind of mutation and the other expression."""
    match node:
        case ast.UnaryOp(ast.USub(), operand):
            yield "sign", operand
        case ast.BinOp(left, operator, right):
            yield from _of_operator(left, operator, right)
        case ast.AugAssign(target, ast.Add() | ast.Sub() as operator, number):
            yield "sign", ast.AugAssign(target, _opposite(operator), number)
        case ast.Compare(left, [ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE() as operator], [right]):
            yield "swapped", ast.Compare(right, [operator], [left])
        case ast.IfExp(test, body, orelse):
            yield "swapped", ast.IfExp(test, orelse, body)
        case ast.Call(function, arguments, keywords):
            yield from _of_call(function, arguments, keywords)
        case ast.Return(ast.Tuple(elements)):
            yield from (("swapped", ast.Return(ast.Tuple(other, ast.Load()))) for other in _swaps(elements))


def _of_operator(left: Any, operator: Any, right: Any) -> Iterator[tuple[str, ast.AST]]:
    match operator:
        case ast.Add():
            yield from [("sign", ast.BinOp(left, ast.Sub(), right)), ("dropped", left), ("dropped", right)]
        case ast.Sub():
            yield from [("sign", ast.BinOp(left, ast.Add(), right)), ("swapped", ast.BinOp(right, ast.Sub(), left))]
            yield from [("dropped", left), ("dropped", ast.UnaryOp(ast.USub(), right))]
        case ast.Mult():
            yield from [("dropped", left), ("dropped", right)]
        case ast.Div() | ast.Pow() | ast.FloorDiv() | ast.Mod():
            yield from [("swapped", ast.BinOp(right, operator, left)), ("dropped", left)]


def _opposite(operator: ast.operator) -> ast.operator:
    return ast.Sub() if isinstance(operator, ast.Add) else ast.Add()


def _of_call(function: Any, arguments: list[Any], keywords: list[Any]) -> Iterator[tuple[str, ast.AST]]:
    name = ast.unparse(function)
    fixed = 1 if name == "m.where" or (arguments and ast.unparse(arguments[0]) == "m") else 0  # a condition, or m itself
    if name == "m.div":
        yield "dropped", arguments[0]
    if name not in COMMUTATIVE and not keywords:
        others = list(_swaps(arguments[fixed:]))
        for other in others[1:] if name in COMMUTATIVE_PAIR else others:
            yield "swapped", ast.Call(function, arguments[:fixed] + other, [])


def _swaps(elements: list[Any]) -> Iterator[list[Any]]:
    """The list with two elements exchanged that aren't the same."""
    for i, j in itertools.combinations(range(len(elements)), 2):
        if not same(elements[i], elements[j]):
            other = list(elements)
            other[i], other[j] = other[j], other[i]
            yield other


def same(a: ast.AST, b: ast.AST) -> bool:
    """Whether two expressions read the same, so that to swap them changes nothing."""
    return ast.dump(a) == ast.dump(b)


# -- how: one rule ---------------------------------------------------------------------------------------


def of_result(target: Target) -> Iterator[tuple[str, str, str]]:
    """Mutations of all that a function returns: their kind, what is changed, and text of Python."""
    if target.role == "value":
        yield "sign", "value negated", "-(RESULT)"
        yield "factor", "value × (1 + 16 ulp)", f"{FACTOR!r} * (RESULT)"
    if target.role != "partials":
        return
    at = test_table.variables(target.rule, max(test_table.points(target.rule), key=len))
    for i in at:
        yield "sign", f"∂{i} negated", f"[-d if i == {i} else d for i, d in enumerate(RESULT)]"
        if scales(target.rule, at.index(i)):
            yield "factor", f"∂{i} × (1 + 16 ulp)", f"[d * {FACTOR!r} if i == {i} else d for i, d in enumerate(RESULT)]"
    for i, j in itertools.combinations(at, 2):
        if not always_equal(target.rule, at.index(i), at.index(j)):
            yield "swapped", f"∂{i} ↔ ∂{j}", f"(lambda d: [*d[:{i}], d[{j}], *d[{i + 1}:{j}], d[{i}], *d[{j + 1}:]])(RESULT)"


def scales(rule: str, i: int) -> bool:
    """Whether the i-th derivative is ever anything but 0, which no factor changes."""
    return any(exact[i] for exact in test_table.exact_partials(rule) if len(exact) > i)


def always_equal(rule: str, i: int, j: int) -> bool:
    """Whether two derivatives are the same number everywhere."""
    return all(float(exact[i]) == float(exact[j]) for exact in test_table.exact_partials(rule) if len(exact) > max(i, j))


def returned(tree: Any) -> tuple[Any, str]:
    """Where a function's result stands: the node and the field."""
    return (tree, "body") if isinstance(tree, ast.Lambda) else (tree.body[-1], "value")


# -- mutants -----------------------------------------------------------------------------------------------


def mutants() -> Iterator[Mutant]:
    """Every mutant of every target."""
    for target in targets():
        for kind, change, text in of_result(target):
            owner, field = returned(target.tree)
            result = getattr(owner, field)
            other = ast.parse(text.replace("RESULT", ast.unparse(result)), mode="eval").body
            yield _mutant(target, owner, field, None, other, kind, change)
        for owner, field, index, node in nodes(target.tree):
            for kind, other in alternatives(node):  # type: ignore[assignment]
                if kind == "swapped" and isinstance(node, ast.BinOp) and in_absolute(owner):
                    continue
                yield _mutant(target, owner, field, index, other, kind, f"{source(node)}  →  {source(other)}")


def in_absolute(owner: ast.AST) -> bool:
    """Whether an expression is the argument of abs, where a − b is as good as b − a."""
    return isinstance(owner, ast.Call) and ast.unparse(owner.func) in ("abs", "m.abs")


def source(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def nodes(tree: Any) -> list[tuple[Any, str, int | None, Any]]:
    """Every node of a function's body: its owner, the field, the index in it or None, and the node."""
    result = []
    for owner in ast.walk(tree):
        for field, content in ast.iter_fields(owner):
            if field in ("annotation", "returns") or (field == "args" and isinstance(owner, ast.FunctionDef | ast.Lambda)):
                continue
            for index, node in enumerate(content) if isinstance(content, list) else [(None, content)]:
                if isinstance(node, ast.AST):
                    result.append((owner, field, index, node))
    return result


def _mutant(target: Target, owner: Any, field: str, index: int | None, other: Any, kind: str, change: str) -> Mutant:
    """The function compiled with ``other`` in the place; the tree is left as it was."""
    content = getattr(owner, field)
    original = content if index is None else content[index]
    _put(owner, field, index, ast.copy_location(other, original))
    try:
        code = _compiled(target.tree, target.function.__code__.co_filename)
    finally:
        _put(owner, field, index, original)
    names = (target.rule, target.function.__name__)
    return Mutant(target.function, code, names, kind, f"{target.file}:{original.lineno}", change)  # type: ignore[arg-type]


def _put(owner: Any, field: str, index: int | None, node: Any) -> None:
    if index is None:
        setattr(owner, field, node)
    else:
        getattr(owner, field)[index] = node


def _compiled(tree: Any, filename: str) -> CodeType:
    module: Any = ast.Expression(tree) if isinstance(tree, ast.Lambda) else ast.Module([tree], [])
    code = compile(ast.fix_missing_locations(module), filename, "eval" if isinstance(tree, ast.Lambda) else "exec")
    name = "<lambda>" if isinstance(tree, ast.Lambda) else tree.name
    return next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)


@contextmanager
def patched(mutant: Mutant) -> Iterator[None]:
    """The mutant in the function's place."""
    original = mutant.function.__code__
    mutant.function.__code__ = mutant.code  # type: ignore[misc]
    try:
        yield
    finally:
        mutant.function.__code__ = original  # type: ignore[misc]


# -- the suite -----------------------------------------------------------------------------------------------


def checks() -> Iterator[Check]:
    """Every test of the suite's files about rules with every set of its arguments, but for those of hypothesis."""
    for module in SUITE:
        for name, test in vars(module).items():
            if name.startswith("test_") and isinstance(test, FunctionType) and not hasattr(test, "hypothesis"):
                for arguments in _arguments(test):
                    yield Check(f"{name}[{', '.join(map(str, arguments.values()))}]", lambda t=test, a=arguments: t(**a))  # type: ignore[misc]


def _arguments(test: Any) -> Iterator[dict[str, Any]]:
    """What pytest would call a test with: every combination of its parameters."""
    tables = []
    for mark in getattr(test, "pytestmark", []):
        if mark.name == "parametrize":
            names, rows = mark.args
            names = names.replace(" ", "").split(",") if isinstance(names, str) else names
            tables.append([dict(zip(names, row if len(names) > 1 else [row], strict=True)) for row in rows])
    for parts in itertools.product(*tables):
        yield {name: value for part in parts for name, value in part.items()}


def reached(check: Check, wanted: set[CodeType]) -> tuple[float, set[CodeType]]:
    """Which of the functions wanted a check runs, and the seconds it takes."""
    reached_codes: set[CodeType] = set()

    def watch(frame: Any, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code in wanted:
            reached_codes.add(frame.f_code)

    start = time.perf_counter()
    sys.setprofile(watch)
    try:
        check.run()
    finally:
        sys.setprofile(None)
    return time.perf_counter() - start, reached_codes


def checks_by_function(wanted: set[CodeType]) -> dict[CodeType, list[Check]]:
    """For every function the checks that run it, the quickest first. Exact references are computed and cached on the way."""
    table = list(checks())
    for check in table:
        check.run()
    timed = sorted(((*reached(check, wanted), check) for check in table), key=lambda row: row[0])
    return {code: [check for _, reached_codes, check in timed if code in reached_codes] for code in wanted}


def caught_by(mutant: Mutant, table: list[Check]) -> str:
    """The name of the first check that fails on a mutant, "" if all pass."""
    with patched(mutant):
        for check in table:
            if not passes(check):
                return check.name
    return ""


def passes(check: Check) -> bool:
    """Whether a check passes, in time."""
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        check.run()
    except Exception:
        return False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
    return True


def _too_long(*_: Any) -> None:
    raise TimeoutError


# -- the command ---------------------------------------------------------------------------------------------


def survivors(chosen: list[Mutant], jobs: int = 1) -> list[Mutant]:
    """The mutants that no check of the suite catches."""
    table = checks_by_function({mutant.function.__code__ for mutant in chosen})
    work = [(mutant, table[mutant.function.__code__]) for mutant in chosen]
    before = signal.signal(signal.SIGALRM, _too_long)
    try:
        return [mutant for mutant, caught in zip(chosen, _each_caught(work, jobs), strict=True) if not caught]
    finally:
        signal.signal(signal.SIGALRM, before)


_WORK: list[tuple[Mutant, list[Check]]] = []


def _caught(i: int) -> str:
    return caught_by(*_WORK[i])


def _each_caught(work: list[tuple[Mutant, list[Check]]], jobs: int) -> list[str]:
    """By forked processes, which inherit the mutants and the references: code can't be sent."""
    _WORK[:] = work
    if jobs == 1:
        return list(map(_caught, range(len(work))))
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        return pool.map(_caught, range(len(work)), chunksize=4)


def line(mutant: Mutant) -> str:
    name = " of ".join(dict.fromkeys(name for name in reversed(mutant.names) if name not in ("", "<lambda>")))
    return f"{mutant.place}: {name}, {mutant.kind}: {mutant.change}"


def say(text: str) -> None:
    """Print what isn't empty."""
    if text:
        print(text)  # noqa: T201 - a command prints


def main() -> int:
    """The command; the number of survivors decides the exit code."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", help="rules or functions (default: all)")
    options.add_argument("--list", action="store_true", help="print the mutants and run nothing")
    options.add_argument("--jobs", type=int, default=multiprocessing.cpu_count(), help="processes (default: one a core)")
    asked = options.parse_args()
    chosen = [mutant for mutant in mutants() if not asked.names or set(asked.names) & set(mutant.names)]
    if asked.list:
        say("\n".join(map(line, chosen)))
        return 0
    start = time.perf_counter()
    left = survivors(chosen, asked.jobs)
    say("\n".join(map(line, left)))
    for kind in KINDS:
        made, missed = (sum(mutant.kind == kind for mutant in some) for some in (chosen, left))
        say(f"{kind:8} {made:5} mutants, {made - missed:5} caught")
    say(f"{'all':8} {len(chosen):5} mutants, {len(chosen) - len(left):5} caught, {time.perf_counter() - start:.0f} s")
    return 1 if left or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
