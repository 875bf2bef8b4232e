"""Which of several jobs an engine starts first, and what it does when it may run no more."""

from __future__ import annotations

from datetime import datetime

import pytest

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.poke import poke
from jobistemer_tui.engine.sweep import Sweep
from tests.engine.test_node import trigger
from tests.support.engine_home import EngineHome

NAMES = {"a-low": -5, "b-none": 0, "c-high": 5}


def started(home: EngineHome) -> list[str]:
    names = {home.rows(name)[0].job_id: name for name in NAMES if home.rows(name)}
    return [names[e.job_id] for e in home.events if e.kind == "occurrence_started" and e.job_id in names]


async def test_of_those_that_are_due_at_the_same_instant_the_most_urgent_is_first(home: EngineHome) -> None:
    for name, number in NAMES.items():
        home.job(name, more=f"priority = {number}")
    await home.start(max_concurrent_jobs=1)
    home.clock.advance(30)
    await home.until(lambda: all(home.rows(name, O.COMPLETED) for name in NAMES))
    assert started(home) == ["c-high", "b-none", "a-low"]


async def test_what_has_waited_comes_before_what_is_due_now_unless_that_is_more_urgent(home: EngineHome) -> None:
    gate = home.folder / "gate"
    home.job("holder", f"until [ -e {gate} ]; do sleep 0.02; done", schedule=None)
    home.job("b-none", schedule=None)
    home.job("a-low", more="priority = -5")
    home.job("c-high", more="priority = 5")
    await home.start(max_concurrent_jobs=1)
    trigger(home, "holder")
    poke(home.nodes)
    await home.until(lambda: home.rows("holder", O.RUNNING))
    trigger(home, "b-none")
    home.clock.advance(30)
    await home.until(lambda: home.rows("a-low", O.PENDING) and home.rows("c-high", O.PENDING))
    assert home.rows("c-high", O.PENDING)[0].reason is Reason.NO_SLOT
    gate.touch()
    await home.until(lambda: all(home.rows(name, O.COMPLETED) for name in NAMES))
    assert started(home) == ["c-high", "b-none", "a-low"]


async def test_a_reason_that_is_not_true_any_more_is_replaced_by_the_sweep(home: EngineHome) -> None:
    gate = home.folder / "gate"
    home.job("holder", f"until [ -e {gate} ]; do sleep 0.02; done", schedule=None)
    late = "[jobs.late]\nrun = 'true'\ntimezone = 'UTC'\nschedule = { cron = '* * * * *', jitter = '5s' }\n"
    home.write("late.toml", late)
    await home.start(max_concurrent_jobs=1)
    trigger(home, "holder")
    poke(home.nodes)
    await home.until(lambda: home.rows("holder", O.RUNNING))
    home.clock.advance(30)
    await home.until(lambda: home.rows("late", O.PENDING))
    assert home.rows("late", O.PENDING)[0].reason is Reason.JITTER
    await home.until(lambda: home.rows("late", O.PENDING)[0].reason is Reason.NO_SLOT, step=1.0)
    gate.touch()
    await home.until(lambda: home.rows("late", O.COMPLETED))


async def test_one_that_may_not_start_any_more_is_given_up_while_it_still_waits(home: EngineHome) -> None:
    gate = home.folder / "gate"
    more = "overlap_policy = 'queue'\nstart_deadline = '30s'"
    home.job("holder", f"until [ -e {gate} ]; do sleep 0.02; done", schedule=None, more=more)
    await home.start()
    trigger(home, "holder")
    poke(home.nodes)
    await home.until(lambda: home.rows("holder", O.RUNNING))
    trigger(home, "holder")
    poke(home.nodes)
    await home.until(lambda: home.rows("holder", O.MISSED), step=5.0)
    assert home.rows("holder", O.MISSED)[0].reason is Reason.TOO_LATE
    assert home.rows("holder", O.RUNNING), "while the first still runs"
    gate.touch()


async def test_one_that_is_given_up_at_its_turn_lets_the_next_go_at_once(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: the next in line waited for the sweep, as nothing else told of the place that it left."""

    async def nothing(self: Sweep, now: datetime) -> None:
        """No sweep comes to help."""

    monkeypatch.setattr(Sweep, "run", nothing)
    gate = home.folder / "gate"
    home.job("holder", f"until [ -e {gate} ]; do sleep 0.02; done", schedule=None)
    home.job("hasty", schedule=None, more="start_deadline = '10s'\npriority = 1")
    home.job("patient", schedule=None)
    await home.start(max_concurrent_jobs=1)
    for name in ("holder", "hasty", "patient"):
        trigger(home, name)
        poke(home.nodes)
        await home.until(lambda: home.rows("holder", O.RUNNING))
    home.clock.advance(11)
    await home.quiet()
    gate.touch()
    await home.until(lambda: home.rows("patient", O.COMPLETED))
    assert home.rows("hasty", O.MISSED)[0].reason is Reason.TOO_LATE


async def test_places_that_retry_waits_have_left_are_all_taken_at_once(home: EngineHome) -> None:
    """Regression: while a slot was free only so many were started, and the others by the next sweep."""
    gate = home.folder / "gate"
    home.job("flaky", "false", schedule=None, more='retry_policy = { max_retries = 1, retry_interval = "1h" }')
    for name in ("first", "second"):
        home.job(name, f"until [ -e {gate} ]; do sleep 0.02; done", schedule=None)
    await home.start(max_concurrent_jobs=2)
    trigger(home, "flaky")
    poke(home.nodes)
    await home.until(lambda: home.rows("flaky", O.RUNNING))
    await home.until(lambda: len(home.attempts(home.rows("flaky")[0])) == 2)
    await home.quiet()
    for name in ("first", "second"):
        trigger(home, name)
    poke(home.nodes)
    await home.until(lambda: all(home.rows(name, O.RUNNING) for name in ("first", "second")))
    gate.touch()
    await home.until(lambda: all(home.rows(name, O.COMPLETED) for name in ("first", "second")))
