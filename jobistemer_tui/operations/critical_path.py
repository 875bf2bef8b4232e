"""Pure: the tasks that decided how long a run took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from jobistemer_tui.operations.read_models import TaskRow


def critical_path(tasks: Sequence[TaskRow]) -> tuple[TaskRow, ...]:
    """From the first task to the one that ended last (or runs), each the last to end of those that the next one needs.

    Tasks that never began are left out; empty where none did.
    """
    by_name = {task.name: task for task in tasks if task.started_at is not None}
    if not by_name:
        return ()
    path = [max(by_name.values(), key=_end)]
    while needed := [by_name[name] for name in path[-1].needs if name in by_name and by_name[name] not in path]:
        path.append(max(needed, key=_end))
    return tuple(reversed(path))


def _end(task: TaskRow) -> tuple[bool, datetime, datetime]:
    """What has not ended ends after everything that has."""
    begin = task.started_at
    assert begin is not None
    return task.finished_at is None, task.finished_at or begin, begin
