"""Hazard 22: a clean-up that needs a failed task runs, skips are transitive, and every occurrence comes to an end."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from jobistemer_tui.domain.job import JobDefinition, RunWhen
from jobistemer_tui.domain.states import OPEN_TASK_RUNS
from jobistemer_tui.domain.states import TaskRunState as S
from jobistemer_tui.engine.graph import is_over, next_step
from tests.support.engine_world import job, task

ENDS = (S.SUCCESS, S.FAILED, S.TIMEOUT, S.FAILED_STALE)
SHAPES = {
    "chain": [("a",), ("b", "a"), ("c", "b")],
    "fork": [("a",), ("b", "a"), ("c", "a")],
    "join": [("a",), ("b",), ("c", "a", "b")],
}


def play(definition: JobDefinition, ends: dict[str, S]) -> dict[str, S]:
    """Run a graph in which each task that starts ends as `ends` says, one after another."""
    states = {item.name: S.PENDING for item in definition.tasks}
    for _ in range(20):
        step = next_step(definition, states, stopping=False)
        for name in (*step.cancel, *step.skip):
            states[name] = S.CANCELED if name in step.cancel else S.SKIPPED
        states.update(dict.fromkeys(step.start, S.RUNNING))
        running = [name for name, state in states.items() if state is S.RUNNING]
        if is_over(states.values()):
            return states
        if running:
            states[running[0]] = ends[running[0]]
        else:  # what ended a running task brings the next step
            assert step.cancel, states
    raise AssertionError(states)


@pytest.mark.parametrize("strategy", ["fail-fast", "continue", "retry-on-failure"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_small_graph_with_every_outcome_ends(shape: Sequence[tuple[str, ...]], strategy: str) -> None:
    for outcomes, always in itertools.product(
        itertools.product(ENDS, repeat=3), itertools.product([False, True], repeat=3)
    ):
        tasks = [
            task(*names, run_when=RunWhen.ALWAYS if clean_up else RunWhen.SUCCESS)
            for names, clean_up in zip(shape, always, strict=True)
        ]
        definition = job(*tasks, failure_strategy=strategy)
        states = play(definition, dict(zip("abc", outcomes, strict=True)))
        for item in definition.tasks:
            assert states[item.name] not in OPEN_TASK_RUNS
            if item.run_when is RunWhen.ALWAYS:
                assert states[item.name] in ENDS, "a clean-up always runs"
            elif states[item.name] is S.SKIPPED:
                assert any(states[need] is not S.SUCCESS for need in item.needs)


def test_a_skip_reaches_all_that_hang_on_it_and_stops_at_the_clean_up() -> None:
    definition = job(
        task("a"), task("b", "a"), task("c", "b"), task("tidy", "c", run_when=RunWhen.ALWAYS), task("d", "tidy"),
        failure_strategy="continue",
    )  # fmt: skip
    states = play(definition, {"a": S.FAILED, "tidy": S.SUCCESS, "d": S.SUCCESS})
    assert states == {"a": S.FAILED, "b": S.SKIPPED, "c": S.SKIPPED, "tidy": S.SUCCESS, "d": S.SUCCESS}
