"""Which task waits for which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from jobistemer_tui.domain.job import RunWhen, TasksMode
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class TaskShape:
    """What decides the edges. `needs` is None where the task does not say."""

    name: str
    needs: tuple[str, ...] | None = None
    run_when: str = RunWhen.SUCCESS

    @property
    def is_clean_up(self) -> bool:
        """Whether it runs whatever became of what it needs."""
        return self.run_when == RunWhen.ALWAYS


def complete_needs(tasks: Sequence[TaskShape], mode: TasksMode) -> dict[str, tuple[str, ...]]:
    """For each task the names of all that it needs.

    If any task has `needs`, the file draws the edges for the whole job and only those count. Else `sequential` joins
    each task to the one before it, and a task after a clean-up also to the last task before that which is none, so
    that the clean-up's success does not hide that one's failure. `parallel` draws none, but a clean-up needs all tasks
    that are none.
    """
    if draws_by_hand(tasks):
        return {task.name: tuple(dict.fromkeys(task.needs or ())) for task in tasks}
    if mode is TasksMode.PARALLEL:
        work = tuple(task.name for task in tasks if not task.is_clean_up)
        return {task.name: work if task.is_clean_up else () for task in tasks}
    return _chain(tasks)


def draws_by_hand(tasks: Sequence[TaskShape]) -> bool:
    """Whether any task says what it needs, even if that is nothing."""
    return any(task.needs is not None for task in tasks)


def _chain(tasks: Sequence[TaskShape]) -> dict[str, tuple[str, ...]]:
    result: dict[str, tuple[str, ...]] = {}
    before: TaskShape | None = None
    last_work = ""
    for task in tasks:
        needs = [before.name] if before else []
        if before and before.is_clean_up and last_work and not task.is_clean_up:
            needs.insert(0, last_work)
        result[task.name] = tuple(needs)
        before = task
        last_work = last_work if task.is_clean_up else task.name
    return result


def circle(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """The tasks of one circle, each needing the next, the first also at the end; empty if there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []
