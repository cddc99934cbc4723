"""How languages write statements: assignments, declarations, loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autograd.program.operations import COMPARISONS, LOGIC
from autograd.program.printer import CHOICE, Form
from autograd.program.printer import LOGIC as BINDS_AS_LOGIC


class FunctionText(NamedTuple):
    """What stands in a function: lines, outputs as expressions, the operations that occur, and lines behind the outputs."""

    lines: list[str]
    results: list[str]
    ops: set[str]
    last: Sequence[str] = ()


class Syntax(NamedTuple):
    """How a language writes statements. In the templates ``{0}`` is what is assigned to, ``{1}`` what it is given."""

    local: str  # a variable that is assigned once
    local_condition: str
    assign: str
    loop: str  # {0} is the iteration, {1} how many there are
    end: str
    array: str  # {1} is its length
    condition_array: str
    variable: str  # where it is declared
    condition: str
    table: str  # {1} are its numbers
    indent: str = "    "
    inputs: str = ""  # the arguments as an array
    large_array: str = ""  # one that is freed by ``free``
    free: str = ""
    output: str = ""  # {0} is its number; none where outputs are returned
    choice: Form = Form("{0} ? {1} : {2}", CHOICE, (BINDS_AS_LOGIC, BINDS_AS_LOGIC, CHOICE))
    number_argument: str = ""  # what becomes of an argument that is a number
    array_argument: str = ""  # of one that has {1} numbers
    is_functional: bool = False  # arrays aren't changed and loops are functions: {2} is the name, {3} what is carried
    assign_item: str = ""  # an array of which one item is another: {1} is the item, {2} what it is given

    def assigned(self, target: str, op: str, text: str) -> str:
        """A variable that is assigned once."""
        return (self.local_condition if op in COMPARISONS or op in LOGIC else self.local).format(target, text)


def _c_syntax(real: str) -> Syntax:
    """That of C, with numbers of the type ``real``."""
    return Syntax(
        local=f"const {real} {{0}} = {{1}};",
        local_condition="const int {0} = {1};",
        assign="{0} = {1};",
        loop="for (int {0} = 0; {0} < {1}; {0}++) {{",
        end="}",
        array=f"{real} {{0}}[{{1}}];",
        condition_array="int {0}[{1}];",
        variable=f"{real} {{0}};",
        condition="int {0};",
        table=f"static const {real} {{0}}[] = {{{{{{1}}}}}};",
        large_array=f"{real} *{{0}} = malloc({{1}} * sizeof *{{0}});\nif (!{{0}}) abort();",
        free="free({0});",
        output="y[{0}] = {1};",
    )


C_SYNTAX, C_FLOAT_SYNTAX = map(_c_syntax, ("double", "float"))
PYTHON_SYNTAX = Syntax(
    local="{0} = {1}",
    local_condition="{0} = {1}",
    assign="{0} = {1}",
    loop="for {0} in range({1}):",
    end="",
    array="{0} = [0.0] * {1}",
    condition_array="{0} = [False] * {1}",
    variable="",
    condition="",
    table="{0} = [{1}]",
    inputs="{0} = [{1}]",
    choice=Form("{1} if {0} else {2}", CHOICE, (BINDS_AS_LOGIC, BINDS_AS_LOGIC, CHOICE)),
)
JAVASCRIPT_SYNTAX = Syntax(
    local="const {0} = {1};",
    local_condition="const {0} = {1};",
    assign="{0} = {1};",
    loop="for (let {0} = 0; {0} < {1}; {0}++) {{",
    end="}",
    array="const {0} = new Float64Array({1});",
    condition_array="const {0} = new Array({1});",
    variable="let {0};",
    condition="let {0};",
    table="const {0} = [{1}];",
    indent="  ",
    inputs="const {0} = [{1}];",
)
NUMBA_SYNTAX = PYTHON_SYNTAX._replace(
    number_argument="{0} = float({0})",
    array_argument="{0} = np.asarray({0}).astype(np.float64).ravel().reshape({1})",
    array="{0} = np.zeros({1})",
    condition_array="{0} = np.zeros({1}, np.bool_)",
    table="{0} = np.array([{1}])",
    inputs="{0} = np.array([{1}])",
)
JAX_SYNTAX = PYTHON_SYNTAX._replace(
    number_argument="{0} = jnp.asarray({0}, float).reshape(())",
    array_argument="{0} = jnp.asarray({0}, float).reshape({1})",
    loop="def {2}({0}, carried):",
    end="{3} = lax.fori_loop(0, {1}, {2}, ({3}))",
    array="{0} = jnp.zeros({1})",
    condition_array="{0} = jnp.zeros({1}, bool)",
    variable="{0} = 0.0",
    condition="{0} = False",
    table="{0} = jnp.array([{1}])",
    inputs="{0} = jnp.stack([{1}])",
    choice=Form("jnp.where({0}, {1}, {2})"),
    is_functional=True,
    assign_item="{0} = {0}.at{1}.set({2})",
)
