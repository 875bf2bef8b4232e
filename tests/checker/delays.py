"""I18: nothing begins before its time, a retry waits as its policy says, and what is to be left out is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from tests.checker.enumeration import microseconds, text_of
from tests.checker.history import SECOND, Change, Commit, History, Row, Violation, setting, short

_BY_SCHEDULE = ("schedule", "recovery")
_FAILURES = ("failed", "timeout")
_LEFT_OUT = ("skipped_by_user", "excluded", "dst", "cycle")
"""Marks of a planned row that leave its instant out."""
_SKIPPED_TOGETHER = ("paused", "stopped", "job_removed", "skipped_by_user")
"""Fates of a range whose instants are skipped rather than missed."""
_ROUNDED = 2
"""Microseconds by which a reckoned time may differ from the one that is kept."""


def check(history: History) -> Iterator[Violation]:
    """Waits of retries from the rows; what begins and what is left out, commit by commit."""
    yield from _check_retries(history)
    jobs: dict[bytes, Row] = {}
    pauses: defaultdict[bytes, dict[int, Row]] = defaultdict(dict)
    for commit in history.commits or ():
        for before, after in commit.changed("attempt"):
            yield from _check_try(commit, before, after)
        for before, after in commit.changed("occurrence"):
            yield from _check_begin(commit, before, after)
            if before["state"] == "planned" != after["state"]:
                spans = _ranges_of(commit, after)
                paused = _is_paused(jobs.get(after["job_id"]), pauses[after["job_id"]], after)
                yield from (
                    _check_left_out(history, commit, before, after, paused=paused)
                    if not spans
                    else _check_stays(history, commit, spans, after)
                )
        for change in commit.changes:
            _note(jobs, pauses, change)


def _note(jobs: dict[bytes, Row], pauses: dict[bytes, dict[int, Row]], change: Change) -> None:
    if change.table == "job" and change.after is not None:
        jobs[change.after["id"]] = change.after
    elif change.table == "pause":
        pauses[change.row["job_id"]].pop(change.row["begin_at"], None)
        if change.after is not None:
            pauses[change.after["job_id"]][change.after["begin_at"]] = change.after


def _is_paused(job: Row | None, pauses: dict[int, Row], row: Row) -> bool:
    """Whether a pause of the job, the present one or one that is over, covers the instant of a row that was handled.

    The present one has begun by then, whatever a clock that was ahead has noted.
    """
    spans = [(span["begin_at"], span["end_at"]) for span in pauses.values()]
    if job is not None and job["paused_at"] is not None:
        begin = job["paused_at"] if job["paused_at"] <= (row["handled_at"] or 0) else 0
        spans.append((begin, job["paused_until"]))
    return any(begin <= row["scheduled_at"] and (end is None or row["scheduled_at"] < end) for begin, end in spans)


def _ranges_of(commit: Commit, row: Row) -> list[Row]:
    """The range that a commit takes a row out of: it makes that row, and the range as it was goes.

    More than one where they overlap, as one of another schedule does that was in force before the clock was set back.
    """
    made = [change.row["id"] for change in commit.changes if change.table == "occurrence" and change.before is None]
    if row["id"] not in made or row["trigger"] != "schedule":
        return []
    gone = [change.row for change in commit.changes if change.table == "missed_range" and change.after is None]
    return [span for span in gone if _has(span, row)]


def _has(span: Row, row: Row) -> bool:
    return bool(span["job_id"] == row["job_id"] and span["from_at"] <= row["scheduled_at"] <= span["to_at"])


def _check_stays(history: History, commit: Commit, spans: list[Row], row: Row) -> Iterator[Violation]:
    """What was of a range has its fate, whatever pauses there are since, and whichever were taken back."""
    fates = [("skipped" if span["reason"] in _SKIPPED_TOGETHER else "missed", span["reason"]) for span in spans]
    if (row["state"], row["reason"]) not in fates:
        was = " or ".join(f"{state} ({reason})" for state, reason in fates)
        what = f"of a range that was {was} and is {row['state']} ({row['reason']})"
        yield Violation("I18", f"{_named(history, commit, row)} was {what}")


def _check_begin(commit: Commit, before: Row, after: Row) -> Iterator[Violation]:
    if after["state"] != "running" or before["state"] == "running":
        return
    started, due = after["started_at"], before["due_at"]
    if before["reason"] == "snoozed":
        due = max(due, microseconds(datetime.fromisoformat(json.loads(before["detail"])["until"])))
    if started < due:
        what = f"{(due - started) / SECOND:.3f} s before its time"
        yield Violation("I18", f"commit {commit.number} began {short(after['id'])} {what}")


def _check_try(commit: Commit, before: Row, after: Row) -> Iterator[Violation]:
    """When it was told to start: a try that has ended shows the clock of what ran it, which may have been set since."""
    starts = before["state"] == "planned" and after["state"] == "running"
    if starts and before["not_before"] is not None and after["started_at"] < before["not_before"]:
        yield Violation("I18", f"commit {commit.number} began try {after['number']}, {short(after['id'])}, too early")


def _check_left_out(history: History, commit: Commit, before: Row, after: Row, *, paused: bool) -> Iterator[Violation]:
    if before["reason"] in _LEFT_OUT and after["state"] != "skipped":
        yield Violation("I18", f"{_named(history, commit, after)} was to be skipped and is {after['state']}")
    if before["trigger"] in _BY_SCHEDULE and paused and after["state"] != "skipped":
        yield Violation("I18", f"{_named(history, commit, after)} was paused and is {after['state']}")
    if after["state"] == "skipped" and after["reason"] == "paused" and not paused:
        yield Violation("I18", f"{_named(history, commit, after)} was skipped for a pause that there was not")


def _named(history: History, commit: Commit, row: Row) -> str:
    return f"commit {commit.number}: {history.name(row['job_id'])} at {text_of(row['scheduled_at'])}"


def _check_retries(history: History) -> Iterator[Violation]:
    for run in (run for runs in history.runs.values() for run in runs):
        tries = history.attempts.get(run["id"], [])
        definition = history.definition(history.occurrences[run["occurrence_id"]])
        failures = 0
        for before, row in pairwise(tries):
            if before["state"] in _FAILURES:
                failures += 1
                yield from _check_wait(definition, run, row, failures)


def _check_wait(definition: Row, run: Row, row: Row, failures: int) -> Iterator[Violation]:
    """A wait is interval × factor^(failures − 1), capped, and up to the jitter longer, but not than the cap."""
    interval, factor, most, jitter = (
        setting(definition, f"retry_policy.{name}", run["name"])
        for name in ("retry_interval", "backoff_factor", "max_interval", "jitter")
    )
    delay = interval * factor ** (failures - 1)
    cap = delay + jitter if most is None else most
    width = min(jitter, cap)
    least = min(delay, cap - width)
    waits = None if row["not_before"] is None else row["not_before"] - row["created_at"]
    if waits is None or not least * SECOND - _ROUNDED <= waits <= (least + width) * SECOND + _ROUNDED:
        found = "not" if waits is None else f"{waits / SECOND:.3f} s"
        yield Violation(
            "I18", f"try {row['number']} of task {run['name']} waits {found} instead of {least} to {least + width} s"
        )
