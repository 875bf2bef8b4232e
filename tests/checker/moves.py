"""I6: every change of a state is one that the reference allows. The tables are typed in from it, not imported."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.checker.history import CLEARED, Change, Commit, History, Row, Violation, short

OCCURRENCE = {
    "": "planned",
    "planned": "pending running queued skipped missed",
    "queued": "pending skipped missed canceled",
    "pending": "running skipped missed canceled",
    "running": "completed completed_with_errors failed failed_stale canceling pending",
    "canceling": "canceled completed completed_with_errors failed failed_stale",
}
TASK_RUN = {
    "": "pending",
    "pending": "running skipped canceled",
    "running": "retrying success failed timeout canceled failed_stale pending",
    "retrying": "running canceled failed_stale pending",
}
ATTEMPT = {
    "": "planned running",
    "planned": "running canceled not_started",
    "running": "success failed timeout canceled lost not_started",
}
TABLES = {"occurrence": OCCURRENCE, "task_run": TASK_RUN, "attempt": ATTEMPT}
_TAKEN_BACK = ("missed", "skipped", "pending", "queued", "canceled")
"""What an occurrence that returns to planned after a wrong clock may have been."""
_GIVEN_UP = ("job_removed", "replaced")
"""For what it may have been cancelled then: not because a person wanted it, nor once it has begun."""
_STATE_OF_EVENT = {
    "occurrence_started": "running", "occurrence_promoted": "pending", "occurrence_pending": "pending",
    "occurrence_queued": "queued", "occurrence_skipped": "skipped", "occurrence_missed": "missed",
    "occurrence_canceled": "canceled", "occurrence_canceling": "canceling",
}  # fmt: skip
_SAYS_STATUS = (
    "occurrence_finished", "occurrence_reaped", "occurrence_triggered", "occurrence_replayed", "occurrence_backfilled",
)  # fmt: skip


def check(history: History) -> Iterator[Violation]:
    """By the commits where they are known, and by the audit, which everybody can read."""
    states: dict[bytes, str] = {}
    for commit in history.commits or ():
        for change in commit.changes:
            if change.table in TABLES:
                yield from _check_change(history, commit, change)
        yield from _check_no_more_attempts(commit, states)
    yield from _check_audit(history)


def _check_change(history: History, commit: Commit, change: Change) -> Iterator[Violation]:
    before = "" if change.before is None else change.before["state"]
    what = f"commit {commit.number}: {change.table} {short(change.row['id'])}"
    if change.after is None and CLEARED in commit.events:
        if change.table == "occurrence" and (before in OCCURRENCE or change.row["pinned"]):
            yield Violation("I6", f"{what} was cleared away, being {before} or pinned")
        return
    if change.after is None:
        is_plan = change.table == "occurrence" and before == "planned"
        if not is_plan and not _was_edited_out(history, commit, change):
            yield Violation("I6", f"{what} was deleted while {before}")
        return
    after = change.after["state"]
    if before == after:
        return
    taken_back = change.table == "occurrence" and before in _TAKEN_BACK and after == "planned"
    if taken_back and "clock_went_back" in commit.events and _was_never_begun(change):
        return
    if (change.table, before, after) == ("task_run", "pending", "success") and "occurrence_replayed" in commit.events:
        return  # carried over from the occurrence that is replayed
    if after not in TABLES[change.table].get(before, "").split():
        yield Violation("I6", f"{what} went from {before or 'nothing'} to {after}")


def _was_never_begun(change: Change) -> bool:
    """Whether an occurrence that was cancelled had only waited, and nobody had asked for its end."""
    row = change.before
    return row is None or row["state"] != "canceled" or (row["epoch"] == 0 and row["reason"] in _GIVEN_UP)


def _was_edited_out(history: History, commit: Commit, change: Change) -> bool:
    """Whether a replay that starts only now had carried over a task that the version it starts with no longer has."""
    if change.table != "task_run" or change.row["reason"] != "carried_over":
        return False
    for other in commit.changes:
        if other.table == "occurrence" and other.row["id"] == change.row["occurrence_id"] and other.before is not None:
            names = {task["name"] for task in history.definition(other.row)["tasks"]}
            starts = (other.before["epoch"], other.row["epoch"], other.row["state"]) == (0, 1, "running")
            return starts and change.row["name"] not in names
    return False


def _check_no_more_attempts(commit: Commit, states: dict[bytes, str]) -> Iterator[Violation]:
    """Nothing new is begun for an occurrence that is being cancelled, or is over; `states` are those before."""
    for change in commit.changes:
        if change.table == "occurrence":
            states[change.row["id"]] = change.row["state"]
        elif change.table == "attempt" and change.before is None:
            state = states[change.row["occurrence_id"]]
            if state != "running":
                yield Violation("I6", f"commit {commit.number} made an attempt of an occurrence that is {state}")


def _check_audit(history: History) -> Iterator[Violation]:
    states: dict[bytes, str] = {}
    taken_back: set[bytes] = set()
    wanted: set[bytes] = set()
    """What was cancelled because somebody wanted it."""
    for event in sorted(history.rows("event"), key=lambda row: row["sequence"]):
        if event["kind"] == "clock_went_back":
            # Which rows are `planned` again after a wrong clock is told by this event of the job only.
            found = {key for key, state in states.items() if _may_be_taken_back(history, event, key, state)}
            taken_back |= found - wanted
        state, key = state_told(event), event["occurrence_id"]
        if state is None or key is None:
            continue
        before = states.get(key, "planned")
        allowed = f"{OCCURRENCE.get(before, '')} {OCCURRENCE['planned'] if key in taken_back else ''}"
        states[key] = state
        taken_back.discard(key)
        if state == "canceled" and event["reason"] not in _GIVEN_UP:
            wanted.add(key)
        if before != state and state not in allowed.split():
            yield Violation("I6", f"the audit tells that {short(key)} went from {before} to {state}")
    for key, state in states.items():
        row = history.occurrences.get(key)
        if row is not None and row["state"] != state and key not in taken_back:
            yield Violation("I6", f"the audit ends with {short(key)} {state}, and it is {row['state']}")


def _may_be_taken_back(history: History, event: Row, key: bytes, state: str) -> bool:
    row = history.occurrences.get(key)
    return row is not None and row["job_id"] == event["job_id"] and state in _TAKEN_BACK


def state_told(event: Row) -> str | None:
    """The state of its occurrence that an event of the audit tells; None if it tells none."""
    if event["kind"] in _SAYS_STATUS:
        status = json.loads(event["detail"]).get("status")
        return None if status is None else str(status)
    if event["kind"] == "occurrence_recovered":
        return "queued" if event["reason"] == "overlap" else "pending"
    return _STATE_OF_EVENT.get(event["kind"])
