"""One sentence about a run: what became of it, and why."""

from __future__ import annotations

from datetime import datetime, tzinfo

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.operations.why_answer import length, moment
from jobistemer_tui.operations.why_clauses import because

_WORDS = {
    S.PENDING: "It waits to be started",
    S.QUEUED: "It waits in the queue of its job",
    S.CANCELING: "It is being stopped",
    S.SKIPPED: "It did not run: it was skipped",
    S.MISSED: "It did not run: it was missed",
}
_ENDED = {
    S.COMPLETED: "completed",
    S.COMPLETED_WITH_ERRORS: "completed with errors",
    S.FAILED: "failed",
    S.CANCELED: "was cancelled",
    S.FAILED_STALE: "its outcome is unknown",
}


def verdict(row: Occurrence, zone: tzinfo, now: datetime) -> str:
    """The answer for a run, in a sentence."""
    why = because(row.reason, row.detail, zone)
    match row.state:
        case S.PLANNED:
            return _planned(row, why, zone, now)
        case S.RUNNING:
            return f"It runs since {_at(row.started_at, zone)}."
        case S.QUEUED if row.group_name is not None and row.sequence == 0:
            return f"It waits in the line of its concurrency group{why}."
        case S.PENDING | S.QUEUED | S.CANCELING | S.SKIPPED | S.MISSED:
            return f"{_WORDS[row.state]}{why or ', and the store does not say why'}."
        case S.CANCELED if row.started_at is None:
            return f"It did not run: it was cancelled{why}."
        case _:
            return f"It ran{_span(row, zone)}, and {_ENDED[row.state]}{why}."


def _planned(row: Occurrence, why: str, zone: tzinfo, now: datetime) -> str:
    if row.due_at <= now:
        return f"It is due since {moment(row.due_at, zone)}, and no engine has come to it yet."
    if row.reason is None:
        return f"It is planned for {moment(row.scheduled_at, zone)}."
    return f"It is planned for {moment(row.scheduled_at, zone)}, but will not run then{why}."


def _span(row: Occurrence, zone: tzinfo) -> str:
    if row.started_at is None:
        return ""
    took = "" if row.finished_at is None else f" for {length(row.started_at, row.finished_at)}"
    return f" at {moment(row.started_at, zone)}{took}"


def _at(instant: datetime | None, zone: tzinfo) -> str:
    return "a time that is not known" if instant is None else moment(instant, zone)
