"""Pure: which tasks of an occurrence a replay need not run again."""

from __future__ import annotations

from collections.abc import Mapping

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.states import TaskRunState


def carried_over(definition: JobDefinition, states: Mapping[str, TaskRunState], start: str | None) -> tuple[str, ...]:
    """The tasks of the present `definition` that keep their success, in its order.

    `states` are the tasks of the occurrence that is replayed. `start` None: what did not succeed runs again, and
    everything after it; else also the task `start` and everything after that. A success after something that runs
    again (a clean-up, say) runs again too.
    """
    again = {task.name for task in definition.tasks if states.get(task.name) is not TaskRunState.SUCCESS}
    if start is not None:
        again.add(start)
    grown = True
    while grown:
        after = {task.name for task in definition.tasks if again.intersection(task.needs)}
        grown = not after <= again
        again |= after
    return tuple(task.name for task in definition.tasks if task.name not in again)
