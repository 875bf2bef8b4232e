"""I5 across jobs: never more of a concurrency group are begun than its smallest limit allows."""

from __future__ import annotations

from collections.abc import Iterator

from tests.checker.history import Commit, History, Row, Violation, short

_BUSY = ("running", "canceling")


def check(history: History) -> Iterator[Violation]:
    """Commit by commit; one that was forced is not asked."""
    jobs: dict[bytes, Row] = {}
    busy: dict[bytes, str] = {}
    for commit in history.commits or ():
        for change in commit.changes:
            if change.table == "job" and change.after is not None:
                jobs[change.after["id"]] = change.after
        for change in commit.changes:
            if change.table != "occurrence":
                continue
            row, was = change.row, busy.pop(change.row["id"], None)
            if change.after is None or row["state"] not in _BUSY or row["group_name"] is None:
                continue
            if was is None and not row["forced"]:
                yield from _check_room(commit, row, list(busy.values()).count(row["group_name"]), jobs)
            busy[row["id"]] = row["group_name"]


def _check_room(commit: Commit, row: Row, others: int, jobs: dict[bytes, Row]) -> Iterator[Violation]:
    name = row["group_name"]
    limits = [job["group_limit"] for job in jobs.values() if job["group_name"] == name]
    if limits and others >= min(limits):
        yield Violation("I5", f"commit {commit.number} began {short(row['id'])} beside {others} of its group {name}")
