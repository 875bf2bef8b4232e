"""I17: a gap that is held gets its fate when its time has come, not before, and every gap is accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.checker.enumeration import text_of
from tests.checker.history import SECOND, Change, Commit, History, Row, Violation

_BY_SCHEDULE = ("schedule", "recovery")
_ENDS = frozenset({"job_retired", "job_stopped"})
_STEADY = 60 * SECOND
"""For longer than that no clock is waited for: whoever said so had one that was ahead (hazard 14)."""


def check(history: History) -> Iterator[Violation]:
    """Both."""
    yield from _check_accounts(history)
    yield from _check_patience(history)


def _check_accounts(history: History) -> Iterator[Violation]:
    for row in history.rows("job_gap"):
        name, begin = history.name(row["job_id"]), text_of(row["begin_at"])
        if row["state"] == "resolved":
            counts = json.loads(row["outcome"])
            if row["count"] is not None and sum(counts.values()) != row["count"]:
                yield Violation("I17", f"the gap of {name} at {begin} has {row['count']} instants, but {counts}")
        elif history.over and (row["held_until"] or 0) <= (history.until or 0) and _ticks(history, row["job_id"]):
            yield Violation("I17", f"the gap of {name} at {begin} is held for ever")


def _ticks(history: History, job_id: bytes) -> bool:
    job = history.jobs[job_id]
    return bool(job["scheduled"]) and not job["stopped"] and job["retired_at"] is None


def _check_patience(history: History) -> Iterator[Violation]:
    held: dict[bytes, Row] = {}
    for commit in history.commits or ():
        for change in commit.changes:
            if change.table == "occurrence":
                yield from _check_not_before(history, commit, change, held)
        for change in commit.changes:
            if change.table == "job_gap":
                _note(held, change)


def _note(held: dict[bytes, Row], change: Change) -> None:
    if change.after is not None and change.after["state"] == "held":
        held[change.row["job_id"]] = change.after
    else:
        held.pop(change.row["job_id"], None)


def _check_not_before(history: History, commit: Commit, change: Change, held: dict[bytes, Row]) -> Iterator[Violation]:
    """What is due behind a gap waits with it, unless its job was stopped or removed."""
    before, after = change.before, change.after
    if before is None or after is None or before["state"] != "planned" or after["state"] == "planned":
        return
    gap = held.get(after["job_id"])
    if gap is None or after["trigger"] not in _BY_SCHEDULE or after["scheduled_at"] < gap["begin_at"]:
        return
    if not _ENDS & set(commit.events) and _waits(gap, after["handled_at"]):
        at = text_of(after["scheduled_at"])
        yield Violation("I17", f"{history.name(after['job_id'])} at {at} got its fate while its gap was held")


def _waits(gap: Row, at: int) -> bool:
    until = gap["held_until"] or 0
    is_believed = gap["held_for"] != "clock_unsteady" or until <= at + _STEADY
    was_set_back = at < gap["found_at"]  # what was thought missed comes at its time after all
    return bool(at < until and is_believed and not was_set_back and not _is_decided(gap))


def _is_decided(gap: Row) -> bool:
    """Whether a person wants no more waiting: that counts also where the clock was set back since, but not for it."""
    choice = json.loads(gap["choice"])
    over = choice.get("released", False) or "dropped_to" in choice
    return bool(over and gap["held_for"] == "recovery_hold")
