"""I7, I8, I11: what is over is over as a whole, only owners write, and rows refer to rows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from tests.checker.history import Commit, History, Row, Violation, short

_OPEN = {"pending", "queued", "running", "canceling", "planned"}
_LIVE = {"running", "canceling"}
_OPEN_RUNS = {"pending", "running", "retrying"}
_OPEN_ATTEMPTS = {"planned", "running"}
_PARENTS = (
    ("job_version", "job_id", "job"), ("occurrence", "job_id", "job"), ("task_run", "occurrence_id", "occurrence"),
    ("attempt", "task_run_id", "task_run"), ("attempt", "occurrence_id", "occurrence"),
)  # fmt: skip


def check(history: History) -> Iterator[Violation]:
    """All three."""
    yield from _check_parents(history)
    yield from _check_closed(history)
    yield from _check_outcomes(history)
    yield from _check_owners(history)
    if history.over:
        yield from _check_nobody_dead(history)


def _check_parents(history: History) -> Iterator[Violation]:
    for child, column, parent in _PARENTS:
        keys = {row["id"] for row in history.rows(parent)}
        for row in history.rows(child):
            if row[column] not in keys:
                yield Violation("I11", f"a row of {child} refers to a {parent} that is not there")


def _check_closed(history: History) -> Iterator[Violation]:
    for key, row in history.occurrences.items():
        over = row["state"] not in _OPEN
        for run in history.runs.get(key, []):
            if over and run["state"] in _OPEN_RUNS:
                yield Violation("I7", f"{short(key)} is {row['state']} and its task {run['name']} {run['state']}")
            for attempt in history.attempts.get(run["id"], []):
                if run["state"] not in _OPEN_RUNS and attempt["state"] in _OPEN_ATTEMPTS:
                    yield Violation("I7", f"task {run['name']} of {short(key)} is over and has an open attempt")


def _check_outcomes(history: History) -> Iterator[Violation]:
    for key, row in history.occurrences.items():
        states = {run["state"] for run in history.runs.get(key, [])}
        if row["state"] == "completed" and (not states or states & {"failed", "timeout", "failed_stale"}):
            yield Violation("I4", f"{short(key)} is completed, and its tasks are {sorted(states)}")
        if row["state"] == "failed" and states <= {"success"}:
            yield Violation("I4", f"{short(key)} is failed, and its tasks are {sorted(states)}")


def _check_owners(history: History) -> Iterator[Violation]:
    """Another owner is another epoch, and whoever writes for an occurrence owns it."""
    known: dict[bytes, Row] = {}
    adopted: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for commit in history.commits or ():
        raised = set()
        for change in commit.changes:
            if change.table != "occurrence" or change.after is None:
                continue
            before, after = change.before, change.after
            given_away = before is not None and after["owner"] not in (None, before["owner"])
            if before is not None and given_away and after["epoch"] <= before["epoch"]:
                yield Violation("I8", f"commit {commit.number} gave {short(after['id'])} away under its old epoch")
            if before is not None and after["epoch"] != before["epoch"]:
                raised.add(after["id"])
                if given_away and "occurrence_adopted" in commit.events:
                    adopted[after["id"]].append(before["owner"])
            yield from _check_fate_by_owner(commit, before, after)
            known[after["id"]] = after
        yield from _check_writer(commit, known, raised)
    yield from _check_adopted(history, adopted)


def _check_adopted(history: History, adopted: dict[bytes, list[bytes]]) -> Iterator[Violation]:
    """What is adopted was still that engine's of which it was known that it is gone."""
    meant: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for event in sorted(history.rows("event"), key=lambda row: row["sequence"]) if adopted else ():
        if event["kind"] == "occurrence_adopted":
            meant[event["occurrence_id"]].append(UUID(json.loads(event["detail"])["from"]).bytes)
    for key, owners in adopted.items():
        if owners != meant[key]:
            yield Violation("I8", f"{short(key)} was taken from {owners[-1].hex()[:8]} instead of a dead engine")


def _check_fate_by_owner(commit: Commit, before: Row | None, after: Row) -> Iterator[Violation]:
    if before is None or before["state"] not in _LIVE or after["state"] in _LIVE:
        return
    if commit.by != before["owner"] and after["epoch"] == before["epoch"]:
        yield Violation("I8", f"commit {commit.number} ended {short(after['id'])}, which is another's")


def _check_writer(commit: Commit, known: dict[bytes, Row], raised: set[bytes]) -> Iterator[Violation]:
    for change in commit.changes:
        if change.table not in ("task_run", "attempt") or change.row["occurrence_id"] in raised:
            continue
        row = known[change.row["occurrence_id"]]
        if row["owner"] not in (None, commit.by):
            yield Violation("I8", f"commit {commit.number} wrote a {change.table} of {short(row['id'])}, another's")


def _check_nobody_dead(history: History) -> Iterator[Violation]:
    serving = {row["id"] for row in history.rows("node") if row["stopped_at"] is None}
    newest = max(history.rows("node"), key=lambda row: row["started_at"], default=None)
    for row in history.rows("occurrence"):
        if row["state"] in _LIVE and (row["owner"] not in serving or newest is None):
            yield Violation("I8", f"{short(row['id'])} is {row['state']} and its owner is gone")
