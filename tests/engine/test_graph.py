"""Which task is next: tables for each rule, and random graphs that must always come to an end."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobistemer_tui.domain.job import JobDefinition, RunWhen, TaskDefinition
from jobistemer_tui.domain.states import OPEN_TASK_RUNS, TASK_RUN_MOVES, OccurrenceState, Reason, Who
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import TaskRunState as S
from jobistemer_tui.engine.graph import is_over, next_step, outcome, why_waiting
from tests.support.engine_world import job, task

ENDS = (S.SUCCESS, S.FAILED, S.TIMEOUT, S.FAILED_STALE)
FAILURES = (S.FAILED, S.TIMEOUT, S.FAILED_STALE)


def cleanup(name: str, *needs: str) -> TaskDefinition:
    return task(name, *needs, run_when=RunWhen.ALWAYS)


def step(definition: JobDefinition, stopping: bool = False, **states: S) -> tuple[tuple[str, ...], ...]:
    given_states = {item.name: states.get(item.name, S.PENDING) for item in definition.tasks}
    found = next_step(definition, given_states, stopping=stopping)
    return found.start, found.skip, found.cancel


CHAIN = job(task("a"), task("b", "a"), task("c", "b"))
FORK = job(task("a"), task("b"), task("c", "a", "b"))
CLEANED = job(task("a"), task("b", "a"), cleanup("c", "b"))


@pytest.mark.parametrize(
    ("definition", "states", "start", "skip", "cancel"),
    [
        (CHAIN, {}, ("a",), (), ()),
        (CHAIN, {"a": S.RUNNING}, (), (), ()),
        (CHAIN, {"a": S.SUCCESS}, ("b",), (), ()),
        (CHAIN, {"a": S.RETRYING}, (), (), ()),
        (CHAIN, {"a": S.FAILED}, (), (), ("b", "c")),
        (FORK, {}, ("a", "b"), (), ()),
        (FORK, {"a": S.SUCCESS, "b": S.RUNNING}, (), (), ()),
        (FORK, {"a": S.FAILED, "b": S.RUNNING}, (), (), ("b", "c")),
        (FORK, {"a": S.TIMEOUT, "b": S.RETRYING}, (), (), ("b", "c")),
        (CLEANED, {"a": S.FAILED}, ("c",), (), ("b",)),
        (CLEANED, {"a": S.SUCCESS, "b": S.RUNNING}, (), (), ()),
        (CLEANED, {"a": S.SUCCESS, "b": S.SUCCESS}, ("c",), (), ()),
    ],
)
def test_step(
    definition: JobDefinition,
    states: dict[str, S],
    start: tuple[str, ...],
    skip: tuple[str, ...],
    cancel: tuple[str, ...],
) -> None:
    assert step(definition, False, **states) == (start, skip, cancel)


def test_skips_are_transitive_in_one_step_when_the_others_go_on() -> None:
    definition = job(task("a"), task("b", "a"), task("c", "b"), task("d"), failure_strategy="continue")
    assert step(definition, a=S.FAILED) == (("d",), ("b", "c"), ())


def test_a_clean_up_waits_until_a_cancelled_task_is_gone() -> None:
    definition = job(task("a"), task("b"), cleanup("c", "b"))
    assert step(definition, a=S.FAILED, b=S.RUNNING) == ((), (), ("b",))
    assert step(definition, a=S.FAILED, b=S.CANCELED) == (("c",), (), ())


def test_a_task_set_to_continue_survives_a_failing_sibling() -> None:
    definition = job(task("a"), task("b", settings={"failure_strategy": "continue"}), task("c"))
    assert step(definition, a=S.FAILED, b=S.RUNNING, c=S.RUNNING) == ((), (), ("c",))


def test_a_failing_task_set_to_continue_takes_nobody_with_it() -> None:
    definition = job(task("a", settings={"failure_strategy": "continue"}), task("b"))
    assert step(definition, a=S.FAILED, b=S.RUNNING) == ((), (), ())


def test_stopping_cancels_all_that_is_open_and_starts_nothing() -> None:
    assert step(CLEANED, stopping=True, a=S.SUCCESS, b=S.RUNNING) == ((), (), ("b", "c"))


def test_no_more_tasks_start_than_may_run_at_once() -> None:
    definition = job(*(task(name) for name in "abcd"), max_parallel_tasks=2)
    assert step(definition) == (("a", "b"), (), ())
    assert step(definition, a=S.RUNNING) == (("b",), (), ())
    assert step(definition, a=S.RUNNING, b=S.RUNNING) == ((), (), ())
    assert step(definition, a=S.RETRYING, b=S.RUNNING) == (("c",), (), ())


def test_a_task_that_returns_from_a_retry_comes_before_those_that_have_not_begun() -> None:
    """Regression: a retry that came back was one task more than may run at once."""
    definition = job(*(task(name) for name in "abcd"), max_parallel_tasks=2)
    states = {"a": S.RETRYING, "b": S.RUNNING, "c": S.PENDING, "d": S.PENDING}
    assert next_step(definition, states, stopping=False, returning=["a"]).start == ()
    assert next_step(definition, {**states, "b": S.SUCCESS}, stopping=False, returning=["a"]).start == ("c",)
    held = {"a": S.SUCCESS, "b": S.RUNNING, "c": S.PENDING, "d": S.PENDING}
    assert next_step(definition, held, stopping=False, returning=["d"]).start == (), "it has its place already"


def test_every_task_that_has_not_begun_says_why() -> None:
    definition = job(task("a"), task("b"), task("c"), task("d", "a", "b"), cleanup("e", "d"), max_parallel_tasks=1)
    states = {"a": S.RUNNING, "b": S.PENDING, "c": S.SUCCESS, "d": S.PENDING, "e": S.PENDING}
    assert why_waiting(definition, states) == {
        "b": (Reason.MAX_PARALLEL_TASKS, {"limit": 1}),
        "d": (Reason.NEEDS, {"needs": ["a", "b"]}),
        "e": (Reason.NEEDS, {"needs": ["d"]}),
    }
    later = {**states, "a": S.SUCCESS, "b": S.RUNNING}
    assert why_waiting(definition, later)["d"] == (Reason.NEEDS, {"needs": ["b"]})


@pytest.mark.parametrize(
    ("states", "canceling", "late", "expected"),
    [
        ((S.SUCCESS, S.SUCCESS), None, False, (O.COMPLETED, None)),
        ((S.SUCCESS, S.FAILED), None, False, (O.FAILED, Reason.TASK_FAILED)),
        ((S.SUCCESS, S.TIMEOUT), None, False, (O.FAILED, Reason.TIMEOUT)),
        ((S.FAILED, S.TIMEOUT), None, False, (O.FAILED, Reason.TASK_FAILED)),
        ((S.FAILED, S.FAILED_STALE), None, False, (O.FAILED_STALE, Reason.SUPERVISOR_LOST)),
        ((S.SUCCESS, S.CANCELED), Reason.USER, False, (O.CANCELED, Reason.USER)),
        ((S.SUCCESS, S.SUCCESS), Reason.USER, False, (O.COMPLETED, None)),
        ((S.SUCCESS, S.FAILED), Reason.USER, False, (O.FAILED, Reason.TASK_FAILED)),
        ((S.SUCCESS, S.CANCELED), None, True, (O.FAILED, Reason.TIMEOUT)),
        ((S.SUCCESS, S.TIMEOUT), None, True, (O.FAILED, Reason.TIMEOUT)),
    ],
)
def test_outcome(
    states: tuple[S, S], canceling: Reason | None, late: bool, expected: tuple[OccurrenceState, Reason | None]
) -> None:
    definition = job(task("a"), task("b"))
    by_name = dict(zip("ab", states, strict=True))
    assert outcome(definition, by_name, canceling=canceling, out_of_time=late) == expected


def test_work_that_succeeded_in_time_is_complete_even_if_that_is_recorded_after_the_deadline() -> None:
    """Regression: an engine that was away until after the deadline called a finished run a time-out."""
    assert outcome(job(task("a")), {"a": S.SUCCESS}, canceling=None, out_of_time=True) == (O.COMPLETED, None)
    assert outcome(job(task("a")), {"a": S.FAILED}, canceling=None, out_of_time=True) == (
        O.FAILED,
        Reason.TASK_FAILED,
    )


def test_a_failure_of_a_task_set_to_continue_is_an_error_but_no_failure() -> None:
    definition = job(task("a", settings={"failure_strategy": "continue"}), task("b"))
    ended = outcome(definition, {"a": S.FAILED, "b": S.SUCCESS}, canceling=None, out_of_time=False)
    assert ended == (O.COMPLETED_WITH_ERRORS, Reason.TASK_FAILED)


# --- random graphs


@dataclass
class Course:
    """A random graph being run: which tasks started, in which state everything is, and who ended before whom."""

    definition: JobDefinition
    states: dict[str, S]
    started: list[str]

    def move(self, name: str, new: S) -> None:
        old = self.states[name]
        assert Who.OWNER in TASK_RUN_MOVES[old, new], (old, new)
        self.states[name] = new

    def apply(self, *, stopping: bool) -> None:
        """One step of the graph, with what must hold of it."""
        before = dict(self.states)
        found = next_step(self.definition, before, stopping=stopping)
        assert len({*found.start, *found.skip, *found.cancel}) == len((*found.start, *found.skip, *found.cancel))
        for name in found.cancel:
            if self.states[name] is not S.RUNNING:
                self.move(name, S.CANCELED)
        for name in found.skip:
            self.move(name, S.SKIPPED)
        for name in found.start:
            self.check_start(name)
            self.move(name, S.RUNNING)
            self.started.append(name)

    def check_start(self, name: str) -> None:
        item = self.definition.task(name)
        ends = [self.states[need] for need in item.needs]
        if item.run_when is RunWhen.ALWAYS:
            assert not any(state in OPEN_TASK_RUNS for state in ends), (name, ends)
        else:
            assert all(state is S.SUCCESS for state in ends), (name, ends)


@st.composite
def graphs(draw: st.DrawFn) -> JobDefinition:
    count = draw(st.integers(1, 7))
    tasks = []
    for number in range(count):
        needs = draw(st.lists(st.sampled_from(range(number)), unique=True)) if number else []
        always = draw(st.booleans())
        settings = draw(st.sampled_from([{}, {"failure_strategy": "continue"}, {"failure_strategy": "fail-fast"}]))
        tasks.append(
            task(
                f"t{number}",
                *(f"t{need}" for need in needs),
                run_when=RunWhen.ALWAYS if always else RunWhen.SUCCESS,
                settings=settings,
            )
        )
    limit = draw(st.one_of(st.none(), st.integers(1, 3)))
    strategy = draw(st.sampled_from(["fail-fast", "continue", "retry-on-failure"]))
    return job(*draw(st.permutations(tasks)), failure_strategy=strategy, max_parallel_tasks=limit)


def end_one(course: Course, data: st.DataObject, told: set[str]) -> None:
    """Something that runs ends, or goes into a retry wait; something that waits for its retry goes on."""
    moving = [name for name, state in course.states.items() if state in (S.RUNNING, S.RETRYING)]
    assert moving, f"stuck: {course.states}"
    name = data.draw(st.sampled_from(moving))
    if course.states[name] is S.RETRYING:
        course.move(name, S.RUNNING)
    elif name in told:
        course.move(name, data.draw(st.sampled_from([S.CANCELED, S.SUCCESS])))
    else:
        course.move(name, data.draw(st.sampled_from([*ENDS, S.RETRYING])))


@settings(max_examples=60)
@given(graphs(), st.data(), st.integers(0, 30))
def test_every_graph_ends_and_each_rule_holds_on_the_way(
    definition: JobDefinition, data: st.DataObject, cancel_after: int
) -> None:
    course = Course(definition, {item.name: S.PENDING for item in definition.tasks}, [])
    course.apply(stopping=cancel_after == 0)
    for turn in range(1, 40):
        if is_over(course.states.values()):
            break
        stopping = turn >= cancel_after or turn > 25
        found = next_step(definition, course.states, stopping=stopping)
        end_one(course, data, set(found.cancel))
        course.apply(stopping=stopping)
    assert is_over(course.states.values()), course.states
    assert len(course.started) == len(set(course.started))
    check_end(definition, course)


def check_end(definition: JobDefinition, course: Course) -> None:
    canceled = S.CANCELED in course.states.values()
    ended, reason = outcome(definition, course.states, canceling=None, out_of_time=False)
    failed = [name for name, state in course.states.items() if state in FAILURES]
    assert (ended is O.COMPLETED) == (not failed)
    assert (reason is None) == (ended is O.COMPLETED)
    for item in definition.tasks:
        if course.states[item.name] is S.SKIPPED:
            assert item.run_when is RunWhen.SUCCESS
            assert any(course.states[need] is not S.SUCCESS for need in item.needs)
        if not canceled and not failed:
            assert course.states[item.name] is S.SUCCESS


@settings(max_examples=60)
@given(graphs(), st.data())
def test_without_failure_everything_runs_exactly_once(definition: JobDefinition, data: st.DataObject) -> None:
    course = Course(definition, {item.name: S.PENDING for item in definition.tasks}, [])
    course.apply(stopping=False)
    while not is_over(course.states.values()):
        running = [name for name, state in course.states.items() if state is S.RUNNING]
        limit = definition.policies.max_parallel_tasks
        assert running
        assert limit is None or len(running) <= limit
        course.move(data.draw(st.sampled_from(running)), S.SUCCESS)
        course.apply(stopping=False)
    assert sorted(course.started) == sorted(item.name for item in definition.tasks)
    assert set(course.states.values()) == {S.SUCCESS}
