"""Why a try failed where its log does not say it: what could not be started, or not be taken from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from jobistemer_tui.domain.states import AttemptState
from jobistemer_tui.operations.clean_text import clean_text
from jobistemer_tui.operations.why_clauses import CLAUSES

if TYPE_CHECKING:
    from jobistemer_tui.operations.read_models import AttemptRow, TaskRow


def failure_text(attempt: AttemptRow) -> str:
    """What went wrong around the process of a try that failed, on one clean line; empty where the process failed."""
    error = attempt.detail.get("error")
    if attempt.status is not AttemptState.FAILED or attempt.reason is None or not error:
        return ""
    return f"{CLAUSES.get(attempt.reason, attempt.reason.value)}: {clean_text(str(error))}"


def last_failures(tasks: Sequence[TaskRow]) -> Iterator[str]:
    """A line for each task whose last try failed in such a way."""
    for task in tasks:
        if task.attempts and (text := failure_text(task.attempts[-1])):
            yield f"{task.name}: {text}"
