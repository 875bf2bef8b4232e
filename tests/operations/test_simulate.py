"""`simulate`: the real scheduler on a virtual clock; what it forecasts, and that it touches nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jobistemer_tui.domain.states import AttemptState, Reason
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.publish import retire
from jobistemer_tui.errors import NotFound, Refused, UsageError
from jobistemer_tui.operations import simulate_engine
from jobistemer_tui.operations.simulate import read_start, simulate
from jobistemer_tui.operations.simulate_clock import SimulatedClock
from jobistemer_tui.operations.simulate_durations import ASSUMED_S, Durations, Try
from jobistemer_tui.operations.simulate_forecast import Forecast, JobForecast, SimulationQuestion, forecast_json
from jobistemer_tui.operations.simulate_measure import load_over, step_of
from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.tables import JOB_VERSIONS
from tests.support.engine_world import START, World, job, task

HOURLY = job(schedule="0 * * * *")
"""From 06:00 on: START is 05:00:30."""


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def ask(world: World, *, hours: float = 10, slots: int = 8, **values: Any) -> Forecast:
    question = SimulationQuestion(START, START + timedelta(hours=hours), slots=slots, **values)
    before = world.snapshot()
    found = simulate(world.raw.read(lambda reader: read_start(reader, question)), question)
    assert world.snapshot() == before, "the real store is only read"
    return found


def only(forecast: Forecast) -> JobForecast:
    (found,) = forecast.jobs
    return found


def test_runs_at_each_instant(world: World) -> None:
    world.publish(HOURLY)
    found = ask(world, hours=10.5)
    assert only(found) == JobForecast(
        job="backup", runs=10, ended={"completed": 10}, not_run={}, queued=0, longest_wait_s=0.0, longest_wait_for={},
        recovered=0, waiting=0, busy_s=10 * ASSUMED_S, most_at_once=1, duration_from={"dump": "assumed"},
    )  # fmt: skip
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("policy", "runs", "queued", "not_run"),
    [
        ("skip", 5, 0, {"skipped (overlap)": 5}),
        ("queue", 7, 9, {}),
        ("allow", 10, 0, {}),
    ],
)
def test_a_job_longer_than_its_interval(
    world: World, policy: str, runs: int, queued: int, not_run: dict[str, int]
) -> None:
    world.publish(job(schedule="0 * * * *", overlap_policy=policy))
    found = ask(world, given={"backup": 90 * 60.0})
    assert (only(found).runs, only(found).queued, only(found).not_run) == (runs, queued, not_run)
    assert only(found).most_at_once == (2 if policy == "allow" else 1)
    warned = any("always overlaps itself" in text for text in found.warnings)
    assert warned is (policy != "allow")


def test_replace_cancels_the_older_run(world: World) -> None:
    world.publish(job(schedule="0 * * * *", overlap_policy="replace"))
    found = only(ask(world, given={"backup": 90 * 60.0}))
    assert found.ended == {"canceled": 9}
    assert found.runs == 10
    assert found.most_at_once == 1


def test_places_are_waited_for(world: World) -> None:
    for name in ("a", "b", "c"):
        world.publish(job(name=name, schedule="0 6 * * *"))
    found = ask(world, slots=1, given={"a": 600, "b": 600, "c": 600})
    assert sorted(one.longest_wait_s for one in found.jobs) == [0.0, 600.0, 1200.0]
    assert sorted(map(str, (one.longest_wait_for for one in found.jobs))) == [
        "{'no_slot': 1200.0}", "{'no_slot': 600.0}", "{}",
    ]  # fmt: skip
    assert any(text.endswith("waits up to 20m for a free place") for text in found.warnings)
    assert max(load.most for load in found.load) == 1


def test_processes_are_waited_for(world: World) -> None:
    for name in ("a", "b"):
        world.publish(job(name=name, schedule="0 6 * * *"))
    found = ask(world, attempts=1, given={"a": 600, "b": 600})
    assert sorted(one.longest_wait_s for one in found.jobs) == [0.0, 600.0]


def test_a_concurrency_group_is_waited_for(world: World) -> None:
    for name in ("a", "b"):
        world.publish(job(name=name, schedule="0 6 * * *", concurrency_group="disk"))
    found = ask(world, given={"a": 600, "b": 600})
    assert sorted((one.longest_wait_for for one in found.jobs), key=len) == [{}, {"group": 600.0}]
    assert any(text.endswith("waits up to 10m for its concurrency group") for text in found.warnings)


@pytest.mark.parametrize(("group", "last"), [(None, "no_slot"), ("disk", "group")])
def test_a_wait_names_all_that_it_was_for_in_order(world: World, group: str | None, last: str) -> None:
    """Regression: only the queue was named, though a free place was what let it start."""
    shared = {"concurrency_group": group} if group else {}
    world.publish(job(schedule="0,10 6 * * *", overlap_policy="queue", **shared))
    world.publish(job(name="long", schedule="5 6 * * *", priority=9, **shared))
    found = ask(world, slots=9 if group else 1, given={"backup": 1200, "long": 3000})
    waited = {one.job: one.longest_wait_for for one in found.jobs}
    assert waited == {"long": {last: 900.0}, "backup": {"overlap": 600.0, last: 3000.0}}
    assert list(waited["backup"]) == ["overlap", last]
    assert any("backup waits up to 50m for" in text for text in found.warnings)


@pytest.mark.parametrize(
    ("strategy", "recovered", "missed"),
    [("execute-all", 3, 0), ("execute-last", 1, 2), ("mark-as-missed", 0, 3)],
)
def test_downtime_is_recovered_from(world: World, strategy: str, recovered: int, missed: int) -> None:
    world.publish(job(schedule="0 * * * *", recovery_strategy=strategy))
    down = (START + timedelta(hours=2), START + timedelta(hours=5))
    found = only(ask(world, downs=[down]))
    assert found.recovered == recovered
    assert found.not_run.get("missed (downtime)", 0) == missed
    assert found.runs == 10 - missed


def test_what_ran_when_the_engine_went_down_runs_on(world: World) -> None:
    world.publish(job(schedule="0 6 * * *"))
    down = (START + timedelta(hours=1), START + timedelta(hours=5))
    found = ask(world, downs=[down], given={"backup": 7200.0})
    assert only(found).ended == {"completed": 1}
    assert only(found).busy_s == 7200.0


def test_timeouts_and_retries(world: World) -> None:
    settings: dict[str, Any] = {"task_timeout": 300.0, "retry_policy.max_retries": 1, "execution_timeout": 400.0}
    world.publish(job(schedule="0 6 * * *", **settings))
    found = only(ask(world, given={"backup": 1000.0}))
    assert found.ended == {"failed": 1}
    assert found.busy_s == 400.0


def test_a_pause_a_stop_and_a_skip_are_kept(world: World) -> None:
    names = ("paused", "stopped", "skipped")
    jobs = {name: job(name=name, schedule="0 * * * *") for name in names}
    for definition in jobs.values():
        world.publish(definition)
    until = START + timedelta(hours=3)
    world.run(control.pause, jobs["paused"].id, now=world.now, until=until, reason=None, actor="me")
    world.run(control.stop, jobs["stopped"].id, now=world.now, actor="me")
    world.run(control.skip_next, jobs["skipped"].id, now=world.now, actor="me")
    found = {one.job: one for one in ask(world).jobs}
    assert (found["paused"].runs, found["paused"].not_run) == (7, {"skipped (paused)": 3})
    assert (found["skipped"].runs, found["skipped"].not_run) == (9, {"skipped (skipped_by_user)": 1})
    assert found["stopped"].runs == 0


def test_a_job_that_never_fires_is_warned_of(world: World) -> None:
    world.publish(job(schedule="0 0 29 2 *"))
    assert ask(world).warnings == ("backup never fires in this time",)


def test_a_job_that_cannot_be_planned_spoils_no_other(world: World) -> None:
    world.publish(HOURLY)
    broken = job(name="broken", schedule="0 * * * *")
    world.publish(broken)

    def corrupt(tx: Transaction) -> None:
        version = tx.get(JOB_VERSIONS, broken.id, 1)
        assert version is not None
        tx.replace(JOB_VERSIONS, version, replace(version, definition={**version.definition, "schedule": "61 * * * *"}))

    world.run(corrupt)
    found = ask(world, hours=10.5)
    assert [one.runs for one in found.jobs] == [10, 0]
    assert found.warnings[0].startswith("broken cannot be planned: ")


def test_durations_come_from_history(world: World) -> None:
    definition = job(task("dump"), task("copy", "dump"), schedule="0 * * * *")
    world.publish(definition)
    for seconds in (100, 300, 200):
        row = world.handle_next(definition)
        world.later(seconds=seconds)
        world.end(row, AttemptState.SUCCESS)
        world.end(row, AttemptState.SUCCESS, "copy")
    world.begin(job(name="other"))
    question = SimulationQuestion(world.now, world.now + timedelta(hours=10), 8, jobs=["backup"])
    found = simulate(world.raw.read(lambda reader: read_start(reader, question)), question)
    assert only(found).duration_from == {"dump": "3 earlier tries", "copy": "3 earlier tries"}
    assert only(found).busy_s == only(found).runs * 200


def test_a_seed_draws_durations_and_outcomes(world: World) -> None:
    world.publish(HOURLY)
    for state in (AttemptState.SUCCESS, AttemptState.FAILED) * 3:
        row = world.handle_next(HOURLY)
        world.later(seconds=60)
        world.end(row, state, reason=None if state is AttemptState.SUCCESS else Reason.TASK_FAILED)

    def outcomes(seed: int) -> object:
        question = SimulationQuestion(world.now, world.now + timedelta(days=3), 8, seed=seed)
        return only(simulate(world.raw.read(lambda reader: read_start(reader, question)), question)).ended

    assert outcomes(1) == outcomes(1)
    ended = outcomes(1)
    assert isinstance(ended, dict)
    assert set(ended) == {"completed", "failed"}
    assert len({str(outcomes(seed)) for seed in range(6)}) > 1


def test_what_is_given_goes_before_history() -> None:
    known = Durations({"a": 1.0, "a/x": 2.0}, {(HOURLY.id, "x"): [Try(9.0)]}, seed=None)
    assert known.of(HOURLY.id, "a", "x", HOURLY.id).seconds == 2.0
    assert known.of(HOURLY.id, "a", "y", HOURLY.id).seconds == 1.0
    assert known.of(HOURLY.id, "b", "x", HOURLY.id).seconds == 9.0
    assert known.of(HOURLY.id, "b", "y", HOURLY.id).seconds == ASSUMED_S


def test_questions_that_make_no_sense(world: World) -> None:
    world.publish(HOURLY)
    with pytest.raises(NotFound):
        ask(world, jobs=["bakcup"])
    with pytest.raises(UsageError, match="'nobody'"):
        ask(world, given={"nobody": 1.0})
    world.run(control.stop, HOURLY.id, now=world.now, actor="me")
    assert only(ask(world)).runs == 0
    world.run(retire, world.me, HOURLY.id, world.now)
    with pytest.raises(Refused):
        ask(world, jobs=["backup"])
    assert ask(world).jobs == ()


def test_too_many_instants_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate_engine, "MOST_SLOTS", 20)
    monkeypatch.setattr(simulate_engine, "_LOOK_EVERY", 5)
    world.publish(job(schedule=["* * * * *", "@hourly"]))  # of several it is not known how many will come
    with pytest.raises(Refused, match="more than 20 instants"):
        ask(world)


def test_too_many_instants_are_refused_before_any_is_gone_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: a hundred years took minutes, and were refused at last."""
    monkeypatch.setattr(simulate_engine.SimulatedEngine, "run", None)
    world.publish(job(schedule="* * * * *"))
    with pytest.raises(Refused, match="more than 200,000 instants"):
        ask(world, hours=24 * 36_500)


def test_load_is_cut_at_whole_steps() -> None:
    end = START + timedelta(minutes=10)
    spans = [(START, START + timedelta(minutes=5)), (START + timedelta(minutes=4), end)]
    found = load_over(spans, START, end, 300)
    assert [(load.at.strftime("%H:%M"), load.most) for load in found] == [("05:00", 2), ("05:05", 2), ("05:10", 1)]
    total = sum(load.mean * length for load, length in zip(found, (270, 300, 30), strict=True))
    assert total == pytest.approx(11 * 60, rel=0.01)


@pytest.mark.parametrize(("hours", "step"), [(0.1, 60), (24, 1800), (168, 14400), (24 * 400, 86400)])
def test_a_chart_has_few_parts(hours: float, step: float) -> None:
    assert step_of(START, START + timedelta(hours=hours)) == step


async def test_the_clock_of_a_simulation_moves_instead_of_waiting() -> None:
    clock, event = SimulatedClock(START), asyncio.Event()
    assert not await clock.wait(event, START + timedelta(hours=1))
    assert clock.now() == START + timedelta(hours=1)
    clock.move_to(START)
    assert (clock.read().monotonic, clock.read().boot) == (3600.0, 3600.0), "it never goes back"
    event.set()
    assert await clock.wait(event, START + timedelta(hours=9))
    assert clock.now() == START + timedelta(hours=1)


def test_the_same_question_has_the_same_answer(world: World) -> None:
    world.publish(job(schedule="*/7 * * * *", overlap_policy="queue"))
    first, second = (ask(world, slots=1, given={"backup": 500.0}) for _ in range(2))
    assert forecast_json(first) == forecast_json(second)


def test_an_open_end_counts_what_has_not_ended(world: World) -> None:
    world.publish(job(schedule="0 6 * * *"))
    found = only(ask(world, hours=1.5, given={"backup": 86_000.0}))
    assert (found.runs, found.ended) == (1, {})
    assert found.busy_s == pytest.approx(1830.0)


def test_chains_are_followed(world: World) -> None:
    world.publish(HOURLY)
    world.publish(job(name="upload", schedule={"after": "backup"}))
    world.publish(job(name="report", schedule={"after": ["backup", "upload"]}))
    found = ask(world, hours=10.5)
    assert {one.job: one.runs for one in found.jobs} == {"backup": 10, "upload": 10, "report": 10}
    assert {one.job: one.runs for one in ask(world, jobs=("upload",)).jobs} == {"upload": 0}
