"""Every combination of the strategies of a job, of the task that fails and of its sibling, played to its end."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from jobistemer_tui.domain.job import JobDefinition, RunWhen
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.domain.states import TaskRunState as T
from jobistemer_tui.engine.transactions.advance import start_retry
from tests.support.engine_world import World, job, task

WORDS = ("fail-fast", "continue", "retry-on-failure")
OVERRIDES = (None, *WORDS)


def own(word: str | None) -> dict[str, Any]:
    return {} if word is None else {"failure_strategy": word}


def the_job(strategy: str, bad: str | None, other: str | None) -> JobDefinition:
    """`bad` will fail, `other` runs beside it, `after` and `last` hang on `bad`, `tidy` cleans up after all."""
    return job(
        task("bad", settings=own(bad)), task("other", settings=own(other)),
        task("after", "bad"), task("last", "after"), task("tidy", "last", "other", run_when=RunWhen.ALWAYS),
        failure_strategy=strategy,
    )  # fmt: skip


def fail_for_good(world: World, row: Occurrence) -> int:
    """Let `bad` fail until it is not tried again; gives how many tries it had."""
    while True:
        world.end(row, A.FAILED, "bad", reason=Reason.TASK_FAILED)
        newest = world.attempts(row, "bad")[-1]
        if newest.state is not A.PLANNED:
            return newest.number
        others = {name: run.state for name, run in world.task_runs(row).items() if name != "bad"}
        assert others == {"other": T.RUNNING, "after": T.PENDING, "last": T.PENDING, "tidy": T.PENDING}
        world.now = newest.not_before or world.now
        assert world.run(start_retry, world.me, newest.id, world.now) is not None


@pytest.mark.parametrize(("strategy", "bad", "other"), list(itertools.product(WORDS, OVERRIDES, OVERRIDES)))
def test_what_becomes_of_each_task(world: World, strategy: str, bad: str | None, other: str | None) -> None:
    row = world.begin(the_job(strategy, bad, other))
    tries = fail_for_good(world, row)
    fast = (bad or strategy) != "continue"
    stopped = fast and (other or strategy) != "continue"
    assert tries == (4 if (bad or strategy) == "retry-on-failure" else 1)

    left_out = T.CANCELED if fast and strategy != "continue" else T.SKIPPED
    reason = Reason.SIBLING_FAILED if left_out is T.CANCELED else Reason.NEED_NOT_MET
    runs = world.task_runs(row)
    assert [(runs[name].state, runs[name].reason) for name in ("after", "last")] == [(left_out, reason)] * 2
    assert runs["tidy"].state is T.PENDING, "it cleans up after the one that still runs"
    assert (runs["tidy"].reason, runs["tidy"].detail) == (Reason.NEEDS, {"needs": ["other"]})

    world.end(row, A.CANCELED if stopped else A.SUCCESS, "other")
    assert world.task_runs(row)["tidy"].state is T.RUNNING
    assert world.occurrence(row).state is O.RUNNING
    world.end(row, A.SUCCESS, "tidy")
    done = world.occurrence(row)
    assert done.state is (O.FAILED if fast else O.COMPLETED_WITH_ERRORS)
    assert done.reason is Reason.TASK_FAILED
    assert world.task_runs(row)["other"].state is (T.CANCELED if stopped else T.SUCCESS)


@pytest.mark.parametrize("strategy", WORDS)
def test_a_clean_up_that_fails_is_a_failure_like_any_other(world: World, strategy: str) -> None:
    settings: dict[str, Any] = {"failure_strategy": strategy, "retry_policy.max_retries": 0}
    row = world.begin(job(task("work"), task("tidy", "work", run_when=RunWhen.ALWAYS), **settings))
    world.end(row, A.SUCCESS, "work")
    world.end(row, A.FAILED, "tidy", reason=Reason.TASK_FAILED)
    expected = O.COMPLETED_WITH_ERRORS if strategy == "continue" else O.FAILED
    assert world.occurrence(row).state is expected


def test_a_written_policy_of_no_retries_is_stronger_than_the_three_of_retry_on_failure(world: World) -> None:
    settings: dict[str, Any] = {"failure_strategy": "retry-on-failure", "retry_policy.max_retries": 0}
    row = world.begin(job(**settings))
    world.end(row, A.FAILED, reason=Reason.TASK_FAILED)
    assert world.occurrence(row).state is O.FAILED


def test_the_three_retries_wait_half_a_minute_one_and_two(world: World) -> None:
    row = world.begin(job(failure_strategy="retry-on-failure"))
    waits = []
    for _ in range(3):
        world.end(row, A.FAILED, reason=Reason.TASK_FAILED)
        planned = world.attempts(row)[-1]
        assert planned.reason is Reason.RETRY
        assert planned.not_before is not None
        waits.append(planned.not_before - world.now)
        world.now = planned.not_before
        world.run(start_retry, world.me, planned.id, world.now)
    assert waits == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
