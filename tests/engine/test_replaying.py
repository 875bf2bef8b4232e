"""Which tasks of an occurrence a replay need not run again."""

from __future__ import annotations

import pytest

from jobistemer_tui.domain.job import JobDefinition, RunWhen
from jobistemer_tui.domain.states import TaskRunState as T
from jobistemer_tui.engine.replaying import carried_over
from tests.support.engine_world import job, task

CHAIN = job(task("a"), task("b", "a"), task("c", "b"))
FORK = job(task("a"), task("left", "a"), task("right", "a"), task("join", "left", "right"))
CLEANED = job(task("a"), task("b", "a"), task("clean", "b", run_when=RunWhen.ALWAYS))
OK, BAD, NOT_RUN = T.SUCCESS, T.FAILED, T.SKIPPED


@pytest.mark.parametrize(
    ("definition", "states", "start", "carried"),
    [
        (CHAIN, {"a": OK, "b": BAD, "c": NOT_RUN}, None, "a"),
        (CHAIN, {"a": BAD, "b": NOT_RUN, "c": NOT_RUN}, None, ""),
        (CHAIN, {"a": OK, "b": OK, "c": OK}, None, "a b c"),
        (CHAIN, {"a": OK, "b": OK, "c": OK}, "b", "a"),
        (CHAIN, {"a": OK, "b": OK, "c": OK}, "a", ""),
        (CHAIN, {"a": OK, "b": T.TIMEOUT, "c": NOT_RUN}, "c", "a"),
        (CHAIN, {}, None, ""),
        (CHAIN, {}, "c", ""),
        (FORK, {"a": OK, "left": OK, "right": BAD, "join": NOT_RUN}, None, "a left"),
        (FORK, {"a": OK, "left": OK, "right": OK, "join": OK}, "left", "a right"),
        (FORK, {"a": OK, "left": T.CANCELED, "right": T.FAILED_STALE, "join": NOT_RUN}, None, "a"),
        (CLEANED, {"a": OK, "b": BAD, "clean": OK}, None, "a"),
        (job(task("a"), task("new")), {"a": OK, "gone": BAD}, None, "a"),
        (job(task("new"), task("a", "new")), {"a": OK}, None, ""),
    ],
)  # fmt: skip
def test_what_is_carried_over(definition: JobDefinition, states: dict[str, T], start: str | None, carried: str) -> None:
    assert " ".join(carried_over(definition, states, start)) == carried
