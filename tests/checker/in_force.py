"""I1: what begins by a schedule is of the one in force: neither an edit nor a clock set back leaves any of another."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.checker.enumeration import text_of
from tests.checker.history import Change, Commit, History, Row, Violation
from tests.checker.presence import Story, schedules_of, tell

_BEGUN = ("pending", "queued", "running")
_MARKS = ("snoozed", "skipped_by_user")


def check(history: History) -> Iterator[Violation]:
    """Commit by commit: what is planned no longer, and waits or runs, against the schedules that its job has had.

    What a person has marked once is left out: on a clock that was set back that may be an instant from before them all.
    So is a job that was counted from another moment once: its schedules are known as they are counted in the end.
    """
    known = [job for job in history.rows("job") if None not in schedules_of(history, job)]
    moved = {
        change.row["id"] for commit in history.commits or () for change in commit.changes if _is_counted_anew(change)
    }
    stories = {job["id"]: Story() for job in known if job["id"] not in moved}
    marked: set[bytes] = set()
    events = iter(sorted(history.rows("event"), key=lambda row: row["sequence"]))
    for commit in history.commits or ():
        marked |= {change.row["id"] for change in commit.changes if _is_marked(change)}
        begun = [row for row in _begun(commit) if row["job_id"] in stories and row["id"] not in marked]
        early = [row for row in begun if not _is_in_force(stories[row["job_id"]], row)]
        for event in (next(events) for _ in commit.events):
            if event["job_id"] in stories:
                tell(history, history.jobs[event["job_id"]], stories[event["job_id"]], event)
        for row in early:
            if not _is_in_force(stories[row["job_id"]], row):
                what = f"{history.jobs[row['job_id']]['name']} at {text_of(row['scheduled_at'])}"
                yield Violation("I1", f"commit {commit.number} began {what}, which no schedule in force names")


def _is_marked(change: Change) -> bool:
    """By a person, and not as one of a gap that was dropped."""
    row = change.row
    return change.table == "occurrence" and row["reason"] in _MARKS and "gap" not in json.loads(row["detail"])


def _is_counted_anew(change: Change) -> bool:
    before, after = change.before, change.after
    if change.table != "job" or before is None or after is None:
        return False
    return bool(before["first_published_at"] != after["first_published_at"])


def _begun(commit: Commit) -> Iterator[Row]:
    """What its schedule lets begin; the first change of a row tells that it was planned before."""
    for change in commit.changes:
        before, after = change.before, change.after
        if change.table == "occurrence" and after is not None and after["state"] in _BEGUN:
            was_planned = before is not None and before["state"] == "planned"
            if was_planned and after["trigger"] in ("schedule", "recovery"):
                yield after


def _is_in_force(story: Story, row: Row) -> bool:
    instant = row["scheduled_at"]
    return any(
        span.start < instant and (span.end is None or instant <= span.end) and span.names(instant)
        for span in story.spans
    )
