"""The rule table in JavaScript: formulas are printed from the table, float functions are in floats.js and special.js.

>>> from autograd.rules.table import RULES
>>> print(partials_source(RULES["tanh"], 1))
(y, x0) => [square(sech(x0))]
>>> print(value_source(RULES["sech"]))
(x0) => {
  const t1 = exp(-abs(x0));
  return div(2 * t1, 1 + t1 * t1);
}
"""

from __future__ import annotations

import inspect
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib import resources

from autograd.program.languages import JAVASCRIPT
from autograd.program.printer import statements
from autograd.program.tape import Number, Tape
from autograd.rules import special
from autograd.rules.table import RULES, Rule

# Of special.py.
CONSTANTS = ("SQRT_2PI", "BERNOULLI", "LGAMMA_AT_2", "DIGAMMA_ROOT", "DIGAMMA_ROOT_LOW", "DIGAMMA_AT_ROOT")

number = JAVASCRIPT.number_text


def function_source(function: Callable[..., Number | Sequence[Number]], names: Sequence[str], many: bool = False) -> str:
    """What ``function(m, *names)`` computes as an arrow function; with ``many`` results an array of them.

    What is used once stands where it is used.
    """
    tape = Tape(names, as_written=True)
    results = function(tape.m, *tape.inputs)
    outputs = list(results) if isinstance(results, Sequence) else [results]
    code = tape.program(outputs, [""] * len(outputs))
    uses = Counter([*code.outputs, *(place for _, node in code.operations() for place in node.args)])
    steps, texts = statements(code, JAVASCRIPT, names, lambda place, n: f"t{n + 1}" if uses[place] > 1 else None)
    result = f"[{', '.join(texts)}]" if many else texts[0]
    head = f"({', '.join(names)}) =>"
    lines = "".join(f"  const {target} = {text};\n" for target, _, text in steps)
    return f"{head} {{\n{lines}  return {result};\n}}" if lines else f"{head} {result}"


def value_source(rule: Rule) -> str:
    """The value of a composite operation as an arrow function."""
    assert rule.form is not None
    arity = len(inspect.signature(rule.form).parameters) - 1  # without m
    return function_source(rule.form, _operands(arity))


def partials_source(rule: Rule, arity: int) -> str:
    """The local derivatives of an operation on ``arity`` operands as an arrow function of its result and them."""
    return function_source(rule.partials, ("y", *_operands(arity)), many=True)


def _operands(arity: int) -> tuple[str, ...]:
    return tuple(f"x{i}" for i in range(arity))


def key(rule: Rule, arity: int) -> str:
    """What an operation on so many operands is called: ``dot/4``."""
    return f"{rule.name}/{arity}"


def functions_of(operations: Iterable[tuple[Rule, int]]) -> str:
    """An object ``operations``: for each key [value, local derivatives]. Before it all functions that these need.

    >>> source = functions_of([(RULES["tanh"], 1), (RULES["sum"], 3)])
    >>> print(source[source.index("const sech") :])
    const sech = (x0) => {
      const t1 = exp(-abs(x0));
      return div(2 * t1, 1 + t1 * t1);
    };
    const square = (x0) => x0 * x0;
    const operations = {
      "tanh/1": [tanh, (y, x0) => [square(sech(x0))]],
      "sum/3": [sum, (y, x0, x1, x2) => [1, 1, 1]],
    };
    <BLANKLINE>
    """
    rows = {key(rule, n): f"[{rule.name}, {partials_source(rule, n)}]" for rule, n in operations}
    table = "".join(f"  {json.dumps(name)}: {row},\n" for name, row in rows.items())
    values, words = _values(table)
    special_functions = file("special.js")
    if words.isdisjoint(re.findall(r"^(?:const|function) (\w+)", special_functions, re.MULTILINE)):
        special_functions = ""
    else:
        values[:0] = [f"const {name} = {json.dumps(getattr(special, name))};\n" for name in CONSTANTS]
    return f"{file('floats.js')}{''.join(values)}{special_functions}const operations = {{\n{table}}};\n"


def _values(source: str) -> tuple[list[str], set[str]]:
    """The composite values that a source calls, directly or not, in the order of their names; and all words in them."""
    values: dict[str, str] = {}
    words = set(re.findall(r"\w+", source))
    while missing := sorted(name for name in words - set(values) if name in RULES and RULES[name].form):
        values |= {name: f"const {name} = {value_source(RULES[name])};\n" for name in missing}
        words.update(re.findall(r"\w+", "".join(values.values())))
    return [values[name] for name in sorted(values)], words


def file(name: str) -> str:
    """A file of this package, as text."""
    return resources.files("autograd.player").joinpath("assets", name).read_text(encoding="utf-8")
