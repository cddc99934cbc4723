"""Modes left in any order and anywhere: by generators, in other threads and tasks, by the collector, after an interrupt."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, suppress
from itertools import permutations, product
from typing import Any

import pytest

from autograd import Value, detect_anomaly, no_grad, scope
from autograd.compiler.tracer import tracing
from autograd.modes import anomaly, context
from autograd.modes.recording import current_scope
from tests.steps import AtEveryStep, Interrupt

Mode = Callable[[], AbstractContextManager[Any]]
MODES: dict[str, Mode] = {
    "no_grad": no_grad,
    "enable_grad": context.enable_grad,
    "detect_anomaly": detect_anomaly,
    "without_anomaly": anomaly.without_anomaly,
    "scope": lambda: scope("neuron"),
    "compiling": tracing,
}


def state() -> tuple[object, ...]:
    """What is on here."""
    x = Value(1.0)
    return context.recording(), anomaly.watching(), anomaly.judging(), current_scope(), len((x * x).parents)


OFF = (True, False, False, None, 2)


def inside(mode: Mode) -> Iterator[None]:
    with mode():
        yield


def opened(*modes: Mode) -> list[Iterator[None]]:
    generators = [inside(mode) for mode in modes]
    for each in generators:
        next(each)
    return generators


def close(generator: Iterator[None]) -> None:
    assert next(generator, "end") == "end"


@pytest.mark.parametrize("names", list(product(MODES, MODES)), ids="-".join)
def test_generators_closed_in_the_order_in_which_they_were_opened_leave_nothing_on(names: tuple[str, str]) -> None:
    for generator in opened(*[MODES[name] for name in names]):
        close(generator)
    assert (state(), context.active) == (OFF, {})


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_leaving_a_mode_takes_away_itself_alone(order: tuple[int, ...]) -> None:
    kinds: list[Mode] = [no_grad, lambda: scope("a"), context.enable_grad, no_grad]
    generators = opened(*kinds)
    on = set(range(4))
    for k in order:
        close(generators[k])
        on.discard(k)
        recording = [k == 2 for k in sorted(on) if k != 1]
        assert context.recording() == (recording[-1] if recording else True)
        assert current_scope() == (("a",) if 1 in on else None)
        assert len(context.active) == len(on)
    assert state() == OFF


def in_a_thread(run: Callable[[], Any]) -> None:
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_a_mode_entered_in_one_thread_may_be_left_in_another(mode: Mode) -> None:
    (generator,) = opened(mode)
    seen: list[Any] = []

    def close_and_look() -> None:
        close(generator)
        seen.append(state())

    in_a_thread(close_and_look)
    assert (state(), seen, context.active) == (OFF, [OFF], {})
    in_a_thread(lambda: seen.append(opened(mode)[0]))
    close(seen[-1])
    assert (state(), context.active) == (OFF, {})


def test_a_mode_that_the_collector_leaves_in_another_thread_is_off_in_its_own() -> None:
    cycle: list[Any] = opened(no_grad)
    cycle.append(cycle)
    assert not context.recording()
    del cycle
    in_a_thread(gc.collect)
    assert (state(), context.active) == (OFF, {})


def test_a_mode_around_one_that_was_left_elsewhere_holds() -> None:
    with no_grad():
        (generator,) = opened(context.enable_grad)
        assert context.recording()
        in_a_thread(lambda: close(generator))
        assert not context.recording()
    assert (state(), context.active) == (OFF, {})


def test_an_async_generator_that_its_loop_closes_leaves_nothing_on() -> None:
    async def items() -> AsyncIterator[int]:
        with no_grad():
            yield 1
            yield 2

    async def first() -> bool:
        async for _ in items():
            break
        gc.collect()
        for _ in range(3):
            await asyncio.sleep(0)
        return context.recording()

    assert asyncio.run(first())
    assert (state(), context.active) == (OFF, {})


def test_a_task_keeps_the_modes_in_which_it_was_started() -> None:
    async def later() -> bool:
        await asyncio.sleep(0.001)
        return context.recording()

    async def main() -> tuple[bool, bool]:
        with no_grad():
            task = asyncio.create_task(later())
        return context.recording(), await task

    assert asyncio.run(main()) == (True, False)
    assert not context.active


def test_generators_that_always_overlap_hold_no_modes_that_were_left() -> None:
    (last,) = opened(no_grad)
    for _ in range(1000):
        (new,) = opened(no_grad)
        close(last)
        last = new
    gc.collect()
    assert len([each for each in gc.get_objects() if isinstance(each, context.Mode)]) < 50
    close(last)
    assert (state(), context.active) == (OFF, {})


def test_a_handler_may_enter_modes_while_one_is_entered_or_left() -> None:
    def handler() -> None:
        before = state()
        with no_grad(), scope("handler"):
            assert not context.recording()
        assert state() == before

    with AtEveryStep(handler) as steps, no_grad(), scope("a"), detect_anomaly():
        pass
    assert steps.count > 20
    assert (state(), context.active) == (OFF, {})


def test_after_an_interrupt_at_any_step_nothing_is_on() -> None:
    k, interrupted = 0, True
    while interrupted:
        k += 1

        def interrupt() -> None:
            raise Interrupt

        with suppress(Interrupt):
            with AtEveryStep(interrupt, k), no_grad(), scope("a"), detect_anomaly():
                pass
            interrupted = False
        assert (state(), context.active) == (OFF, {}), k
    assert k > 20
