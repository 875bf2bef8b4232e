"""Pure decisions over the tasks of one occurrence: what is ready, what is skipped, what is stopped, how it ended.

The edges come from the definition alone (`needs` is complete there), so one algorithm serves sequential, parallel
and hand-drawn graphs.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping

from jobistemer_tui.domain.job import JobDefinition, RunWhen, TaskDefinition
from jobistemer_tui.domain.policies import FailureStrategy
from jobistemer_tui.domain.records import Detail
from jobistemer_tui.domain.states import OPEN_TASK_RUNS, OccurrenceState, Reason, TaskRunState
from jobistemer_tui.settings.quick_dataclass import dataclass

States = Mapping[str, TaskRunState]

DEFAULT_PARALLEL_TASKS = 2 * (os.cpu_count() or 1)
"""How many tasks of one occurrence run at once where `max_parallel_tasks` is not set."""
_FAILURES = frozenset({TaskRunState.FAILED, TaskRunState.TIMEOUT, TaskRunState.FAILED_STALE})
_S = TaskRunState


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from the present states; names of tasks.

    `start`: may begin now. `skip`: something they need did not succeed. `cancel`: a sibling failed, or the whole
    occurrence is being stopped; running ones have to be told.
    """

    start: tuple[str, ...]
    skip: tuple[str, ...]
    cancel: tuple[str, ...]


def next_step(definition: JobDefinition, states: States, *, stopping: bool, returning: Collection[str] = ()) -> Step:
    """Decide what to do next; `stopping` while the occurrence is being cancelled or its time is over.

    `returning` are tasks whose next try is due and waits for a place: they come before those that have not begun.
    Skips are transitive in one step.
    """
    if stopping:
        return Step((), (), tuple(name for name, state in states.items() if state in OPEN_TASK_RUNS))
    cancel = to_cancel(definition, states)
    # A running one is over only when its processes are gone; until then a clean-up waits for it.
    gone = [name for name in cancel if states[name] is not _S.RUNNING]
    now: dict[str, TaskRunState] = {**states, **dict.fromkeys(gone, _S.CANCELED)}
    skip = _to_skip(definition, now)
    now.update(dict.fromkeys(skip, _S.SKIPPED))
    ready = [name for name in _ready(definition, now) if name not in returning]
    back = sum(1 for name in returning if now[name] in OPEN_TASK_RUNS)
    free = max(0, most_parallel(definition) - running_count(states) - back)
    return Step(tuple(ready[:free]), skip, cancel)


def most_parallel(definition: JobDefinition) -> int:
    """How many tasks of an occurrence may run at once."""
    limit = definition.policies.max_parallel_tasks
    return DEFAULT_PARALLEL_TASKS if limit is None else limit


def running_count(states: States) -> int:
    """How many tasks run."""
    return sum(1 for state in states.values() if state is _S.RUNNING)


def why_waiting(definition: JobDefinition, states: States) -> dict[str, tuple[Reason, Detail]]:
    """Why each pending task has not begun, in the states that a step has left: what it needs, or the limit."""
    ready = _ready(definition, states)
    waits: dict[str, tuple[Reason, Detail]] = {}
    for task in definition.tasks:
        if states[task.name] is not _S.PENDING:
            continue
        if task.name in ready:
            waits[task.name] = Reason.MAX_PARALLEL_TASKS, {"limit": most_parallel(definition)}
        else:
            waits[task.name] = Reason.NEEDS, {"needs": [name for name in task.needs if states[name] in OPEN_TASK_RUNS]}
    return waits


def _ready(definition: JobDefinition, states: States) -> list[str]:
    return [task.name for task in definition.tasks if states[task.name] is _S.PENDING and _is_ready(task, states)]


def to_cancel(definition: JobDefinition, states: States) -> tuple[str, ...]:
    """The open tasks that a failed fail-fast task takes with it: not clean-ups, not those set to `continue`."""
    if not any(state in _FAILURES and _fails_fast(definition, name) for name, state in states.items()):
        return ()
    return tuple(
        task.name
        for task in definition.tasks
        if states[task.name] in OPEN_TASK_RUNS
        and task.run_when is not RunWhen.ALWAYS
        and _fails_fast(definition, task.name)
    )


def _fails_fast(definition: JobDefinition, name: str) -> bool:
    return definition.task_policies(name).failure_strategy is not FailureStrategy.CONTINUE


def _to_skip(definition: JobDefinition, states: States) -> tuple[str, ...]:
    skipped: list[str] = []
    now = dict(states)
    changed = True
    while changed:
        changed = False
        for task in definition.tasks:
            if now[task.name] is _S.PENDING and _cannot_run(task, now):
                now[task.name] = _S.SKIPPED
                skipped.append(task.name)
                changed = True
    return tuple(skipped)


def _cannot_run(task: TaskDefinition, states: States) -> bool:
    if task.run_when is RunWhen.ALWAYS:
        return False
    return any(states[need] not in OPEN_TASK_RUNS and states[need] is not _S.SUCCESS for need in task.needs)


def _is_ready(task: TaskDefinition, states: States) -> bool:
    if task.run_when is RunWhen.ALWAYS:
        return all(states[need] not in OPEN_TASK_RUNS for need in task.needs)
    return all(states[need] is _S.SUCCESS for need in task.needs)


def is_over(states: Iterable[TaskRunState]) -> bool:
    """Whether no task run is open."""
    return not any(state in OPEN_TASK_RUNS for state in states)


def outcome(
    definition: JobDefinition, states: States, *, canceling: Reason | None, out_of_time: bool
) -> tuple[OccurrenceState, Reason | None]:
    """How an occurrence whose tasks are all over ended: the worst decides.

    `canceling` is the reason of a cancellation under way; it stands only if it stopped something. So does
    `out_of_time`: what ended in time may be recorded later, by an engine that was away.
    """
    values = set(states.values())
    if canceling is not None and _S.CANCELED in values:
        return OccurrenceState.CANCELED, canceling
    if _S.FAILED_STALE in values:
        return OccurrenceState.FAILED_STALE, Reason.SUPERVISOR_LOST
    if out_of_time and values & {_S.CANCELED, _S.TIMEOUT}:
        return OccurrenceState.FAILED, Reason.TIMEOUT
    failed = {name for name, state in states.items() if state in _FAILURES}
    if not failed:
        return OccurrenceState.COMPLETED, None
    if any(_fails_fast(definition, name) for name in failed):
        timeout = all(states[name] is _S.TIMEOUT for name in failed)
        return OccurrenceState.FAILED, Reason.TIMEOUT if timeout else Reason.TASK_FAILED
    return OccurrenceState.COMPLETED_WITH_ERRORS, Reason.TASK_FAILED
