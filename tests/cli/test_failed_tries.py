"""What is said of tries that failed around their process."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from jobistemer_tui.cli.failed_tries import failure_text, last_failures
from jobistemer_tui.domain.states import AttemptState, Reason, TaskRunState
from jobistemer_tui.operations.read_models import AttemptRow, TaskRow

NOTHING = UUID(int=0)


def try_of(status: AttemptState, reason: Reason | None, **detail: Any) -> AttemptRow:
    return AttemptRow(NOTHING, 1, status, reason, None, None, None, None, None, detail)


def test_only_what_the_log_cannot_tell_is_said() -> None:
    gone = try_of(AttemptState.FAILED, Reason.SPAWN, error="cannot execute x: No such file or directory")
    assert failure_text(gone) == "its process could not be started: cannot execute x: No such file or directory"
    assert failure_text(try_of(AttemptState.FAILED, Reason.TASK_FAILED, error=None)) == ""
    assert failure_text(try_of(AttemptState.SUCCESS, None, error="x")) == ""
    assert failure_text(try_of(AttemptState.LOST, Reason.SUPERVISOR_LOST, error="supervisor_lost")) == ""


def test_text_of_a_task_takes_one_line() -> None:
    """A program's name with newlines cannot look like the end of another job."""
    gone = try_of(AttemptState.FAILED, Reason.SPAWN, error="cannot execute a\nb: completed\x1b]52;c;eA==\x07\u202e")
    assert (
        failure_text(gone) == "its process could not be started: cannot execute a␊b: completed\N{REPLACEMENT CHARACTER}"
    )


def test_the_last_try_of_each_task_counts() -> None:
    bad = try_of(AttemptState.FAILED, Reason.BAD_OUTPUT, error="outputs.txt:1: expected key=value")
    good = try_of(AttemptState.SUCCESS, None)
    tries = {"a": (bad,), "b": (bad, good), "c": ()}
    tasks = [
        TaskRow(NOTHING, name, TaskRunState.FAILED, None, (), None, None, attempts) for name, attempts in tries.items()
    ]
    assert list(last_failures(tasks)) == ["a: what it handed on cannot be taken: outputs.txt:1: expected key=value"]
