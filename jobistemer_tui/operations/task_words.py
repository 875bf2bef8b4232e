"""What a task does, in one line."""

from __future__ import annotations

import shlex

from jobistemer_tui.domain.job import TaskDefinition


def task_words(task: TaskDefinition) -> str:
    """Its shell line, its callable, or its command as one would type it."""
    return task.run or task.python or shlex.join(task.command)
