"""``assert_derivative``: a derivative worked out by hand against the engine's, over a whole domain."""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

from autograd.interop.coerce import as_number, describe
from autograd.modes import no_grad
from autograd.testing.arguments import parameters
from autograd.testing.checking import FunctionAt, root_of
from autograd.testing.complex_step import ComplexStep
from autograd.testing.domains import HUGE, Interval
from autograd.testing.numerical import Difference
from autograd.testing.report import Check
from autograd.testing.strategies import floats_in, hypothesis_strategies
from autograd.transforms.call import single
from autograd.transforms.types import Scalar, ScalarFunction
from autograd.value import Value

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Derivative: TypeAlias = Callable[..., Scalar | Sequence[Scalar]]
Ends: TypeAlias = tuple[float, float]
Points: TypeAlias = "Interval | SearchStrategy[float]"  # of one argument


class DerivativeError(AssertionError):
    """A hand-made derivative and the engine's differ."""


def assert_derivative(
    f: ScalarFunction,
    hand: Derivative,
    domain: Ends | SearchStrategy[float] | list[Ends | SearchStrategy[float]] = (-HUGE, HUGE),
    *,
    rtol: float = 1e-9,
    atol: float = 1e-12,
    examples: int = 200,
    deterministic: bool = True,
) -> None:
    """Assert that ``hand`` is the derivative of f everywhere in the domain, its edges included.

    >>> from autograd import exp, tanh
    >>> assert_derivative(tanh, lambda x: 1 - tanh(x) ** 2)
    >>> assert_derivative(lambda x: exp(-x * x), lambda x: -x * exp(-x * x), domain=(-5, 5))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    autograd.testing.properties.DerivativeError: the derivative of <lambda> by x at x = 1.0: by hand -0.367..., by ...
      they differ by 5.0e-01 of the larger, 331356342835... ulp
      differences of the values say -0.735758882... ± ...: the derivative by hand is wrong

    f:              a function of numbers that returns one Value.
    hand:           takes the same arguments and returns the derivative, a tuple of them where f has several.
    domain:         (low, high), both included, or a strategy of hypothesis: one for all arguments, or a list of one
                    for each. Beside random numbers come the ends, ±0, ±1, tiny, huge and subnormal ones.
    rtol, atol:     two numbers agree within ``rtol`` of the larger or ``atol``; nan equals nan. With atol=0 the far
                    tails must hold too.
    examples:       how many random points are tried.
    deterministic:  try the same points on every run.

    Raises DerivativeError, an AssertionError, with the simplest counter-example hypothesis finds, and what
    differences of f's values say of it; ValueError for an empty domain or another number of derivatives than of
    arguments. Needs the package hypothesis.
    """
    st = hypothesis_strategies("assert_derivative")
    hypothesis = importlib.import_module("hypothesis")
    domains = _domains(f, domain)

    def compare(point: tuple[float, ...]) -> None:
        _compare(f, hand, point, rtol, atol)

    settings = hypothesis.settings(
        max_examples=examples,
        derandomize=deterministic,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    points = st.tuples(*(floats_in(st, x) if isinstance(x, Interval) else x for x in domains))
    try:
        with _no_files():
            settings(hypothesis.given(points)(compare))()
    except DerivativeError as error:
        raise DerivativeError(str(error)) from None  # without hypothesis's notes of its own
    for point in _corners(domains):
        compare(point)


@contextmanager
def _no_files() -> Iterator[None]:
    """What hypothesis caches, also without a database, goes to a folder that vanishes."""
    configuration = importlib.import_module("hypothesis.configuration")
    home = vars(configuration).get("__hypothesis_home_directory")
    with TemporaryDirectory() as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(home)


# Tried always, beside the edges: hypothesis draws few floats of the sizes where tails vanish and terms cancel.
SCALES = [sign * size for size in (0.1, 0.5, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 500.0) for sign in (1.0, -1.0)]

# -- points --------------------------------------------------------------------------------------------


def _domains(f: ScalarFunction, domain: Ends | SearchStrategy[float] | list[Ends | SearchStrategy[float]]) -> list[Points]:
    """An interval or a strategy for each argument of f."""
    count = _count(f)
    given = list(domain) if isinstance(domain, list) else [domain] * count
    if len(given) != count:
        raise ValueError(
            f"assert_derivative: f takes {count} arguments and domain has {len(given)} entries; give one for each"
        )
    return [_interval(entry) if isinstance(entry, tuple) else entry for entry in given]


def _count(f: ScalarFunction) -> int:
    """How many arguments f needs."""
    signature = inspect.signature(f).parameters.values()
    return sum(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in signature)


def _interval(pair: Ends) -> Interval:
    low, high = (as_number(x, "assert_derivative: an end of the domain") for x in pair)
    if not low <= high:
        raise ValueError(f"assert_derivative: the domain {pair} is empty; write (low, high)")
    return Interval(low, high)


def _corners(domains: Sequence[Points]) -> list[tuple[float, ...]]:
    """Every edge and scale once, in all arguments together; none where an argument has a strategy of its own."""
    intervals = [domain for domain in domains if isinstance(domain, Interval)]
    if len(intervals) < len(domains):
        return []
    edges = [[*interval.edges(), *(x for x in SCALES if interval.low <= x <= interval.high)] for interval in intervals]
    return [tuple(e[i % len(e)] for e in edges) for i in range(max(map(len, edges)))]


# -- one point -----------------------------------------------------------------------------------------


def _compare(f: ScalarFunction, hand: Derivative, at: Sequence[float], rtol: float, atol: float) -> None:
    names = parameters(f, len(at))
    point = FunctionAt(lambda values: root_of(single(f(*values), f)), at, names)
    for i, by_hand in enumerate(_by_hand(hand, at)):
        ours = point.reverse.get(point.leaves[i], 0.0)
        if not _agree(ours, by_hand, rtol, atol):
            where = ", ".join(f"{name} = {x!r}" for name, x in zip(names, at, strict=True))
            head = f"the derivative of {getattr(f, '__name__', f)} by {names[i]} at {where}: "
            lines = [
                f"{head}by hand {by_hand!r}, by the engine {ours!r}",
                *_distance(ours, by_hand),
                _opinion(point, i, by_hand),
            ]
            raise DerivativeError("\n  ".join(lines))


def _by_hand(hand: Derivative, at: Sequence[float]) -> list[float]:
    """The hand-made derivatives; nan where a function of ``math`` raises, ±inf where it overflows."""
    try:
        with no_grad():
            result = hand(*map(Value, at))
    except OverflowError:
        result = (math.inf,) * len(at)
    except (ValueError, ZeroDivisionError):
        result = (math.nan,) * len(at)
    partials = tuple(result) if isinstance(result, tuple | list) else (result,)
    if len(partials) != len(at):
        raise ValueError(
            f"assert_derivative: hand gave {len(partials)} derivatives for {len(at)} arguments: {describe(partials)}"
        )
    return [
        d._number if isinstance(d, Value) else as_number(d, "assert_derivative: the derivative by hand") for d in partials
    ]


def _agree(a: float, b: float, rtol: float, atol: float) -> bool:
    return a == b or (a != a and b != b) or math.isclose(a, b, rel_tol=rtol, abs_tol=atol)


def _distance(a: float, b: float) -> list[str]:
    larger = max(abs(a), abs(b))
    if not 0.0 < larger < math.inf:
        return []
    ulps = abs(a / math.ulp(larger) - b / math.ulp(larger))
    return [f"they differ by {abs(a / larger - b / larger):.1e} of the larger, {ulps:.0f} ulp"]


def _opinion(point: FunctionAt, i: int, by_hand: float) -> str:
    """Which of the two the values of f agree with; where that is both, which the complex step does."""
    check = point.check(i)
    by_values = check.difference
    if not math.isfinite(by_values.error):
        return f"differences of the values say nothing here: {check.verdict}"
    if check.complex_step is None or not (_fits(by_hand, by_values) and _fits(check.reverse, by_values)):
        return f"differences of the values say {_judgement(by_hand, check, by_values)}"
    return f"the complex step says {_judgement(by_hand, check, check.complex_step)}"


def _judgement(by_hand: float, check: Check, estimate: Difference | ComplexStep) -> str:
    verdict = {
        (False, True): "the derivative by hand is wrong",
        (True, False): "the engine's is wrong; check_gradients(f, …) says which rule",
        (True, True): "no telling which is right",
        (False, False): f"neither fits ({check.verdict})",
    }[_fits(by_hand, estimate), _fits(check.reverse, estimate)]
    return f"{estimate.value!r} ± {estimate.error:.1e}: {verdict}"


def _fits(derivative: float, estimate: Difference | ComplexStep) -> bool:
    return abs(derivative - estimate.value) <= estimate.error + 1e-12 * abs(derivative)
