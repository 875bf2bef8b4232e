"""I20: a task starts when what it needs has succeeded and no failure forbids it, and engines keep to their slots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.checker.history import Change, Commit, History, Row, Violation, setting, short

_FAILURES = ("failed", "timeout", "failed_stale")
_OPEN = ("pending", "running", "retrying")
_OWNED = ("running", "canceling")
_NEVER = ("planned", "not_started")


def check(history: History) -> Iterator[Violation]:
    """What was needed, by the rows; what a failure forbids and who has room, commit by commit."""
    yield from _check_needs(history)
    slots = {row["id"]: row["slots"] for row in history.rows("node")}
    state = _State()
    for commit in history.commits or ():
        before = set(state.running)
        for change in commit.changes:
            if _starts(change):
                yield from _check_forbidden(history, commit, state, change.row)
                yield from _check_slots(commit, state, change.row["occurrence_id"], before, slots)
            state.note(history, change)
            if change.table == "task_run" and change.row["reason"] == "sibling_failed":
                yield from _check_taken_along(history, commit, state, change.row)
        yield from _check_none_left(history, commit, state)


@dataclass
class _State:
    """What runs, and where a task that fails fast has failed."""

    owners: dict[bytes, bytes | None] = field(default_factory=dict)
    running: dict[bytes, set[bytes]] = field(default_factory=dict)
    runs: dict[bytes, dict[bytes, Row]] = field(default_factory=dict)
    failed: set[bytes] = field(default_factory=set)
    fresh: set[bytes] = field(default_factory=set)
    """The occurrences where one has failed in the present commit."""

    def note(self, history: History, change: Change) -> None:
        """Take in a change."""
        row = change.row
        if change.table == "occurrence":
            self.owners[row["id"]] = row["owner"] if change.after is not None and row["state"] in _OWNED else None
        elif change.table == "attempt":
            tries = self.running.setdefault(row["occurrence_id"], set())
            if change.after is not None and row["state"] == "running":
                tries.add(row["id"])
            else:
                tries.discard(row["id"])
            if not tries:
                del self.running[row["occurrence_id"]]
        elif change.table == "task_run":
            self.runs.setdefault(row["occurrence_id"], {})[row["id"]] = row
            if row["state"] in _FAILURES and _fails_fast(history, row):
                self.failed.add(row["occurrence_id"])
                self.fresh.add(row["occurrence_id"])

    def busy(self, owner: bytes) -> list[bytes]:
        """The occurrences of an engine that run something."""
        return [key for key in self.running if self.owners.get(key) == owner]


def _starts(change: Change) -> bool:
    """Whether a try begins with a change."""
    if change.table != "attempt" or change.after is None or change.after["state"] != "running":
        return False
    return change.before is None or change.before["state"] == "planned"


def _fails_fast(history: History, run: Row) -> bool:
    """Whether the end of a task run, unless it is a success, stops the others; not where retention has cleared it."""
    occurrence = history.occurrences.get(run["occurrence_id"])
    if occurrence is None:
        return False
    return bool(setting(history.definition(occurrence), "failure_strategy", run["name"]) != "continue")


def _check_forbidden(history: History, commit: Commit, state: _State, attempt: Row) -> Iterator[Violation]:
    """After a task has failed for good no other begins, but clean-ups and those that are to go on."""
    key = attempt["occurrence_id"]
    if key not in state.failed:
        return
    run = next(run for run in history.runs[key] if run["id"] == attempt["task_run_id"])
    task = _tasks(history, key)[run["name"]]
    if task["run_when"] != "always" and _fails_fast(history, run):
        yield Violation(
            "I20", f"commit {commit.number} began {run['name']} of {short(key)}, of which a task has failed"
        )


def _check_taken_along(history: History, commit: Commit, state: _State, run: Row) -> Iterator[Violation]:
    """Only what fails fast takes others along, and only such."""
    key = run["occurrence_id"]
    if key in history.occurrences and (key not in state.failed or not _fails_fast(history, run)):
        what = f"{run['name']} of {short(key)}"
        yield Violation("I20", f"commit {commit.number} ended {what} for a failure that lets it go on")


def _check_none_left(history: History, commit: Commit, state: _State) -> Iterator[Violation]:
    """What has not begun, or waits for another try, ends with the commit in which a task fails fast."""
    for key in state.fresh:
        tasks = _tasks(history, key)
        for run in state.runs[key].values():
            waits = run["state"] in ("pending", "retrying") and tasks[run["name"]]["run_when"] != "always"
            if waits and _fails_fast(history, run):
                yield Violation(
                    "I20", f"commit {commit.number} left {run['name']} of {short(key)}, of which a task failed"
                )
    state.fresh.clear()


def _check_slots(
    commit: Commit, state: _State, occurrence: bytes, before: set[bytes], slots: dict[bytes, int]
) -> Iterator[Violation]:
    """One that has run nothing takes a slot of its engine when it begins; another try of it has that already."""
    owner = state.owners.get(occurrence)
    if owner is None or occurrence in before or occurrence in state.running:
        return
    others = state.busy(owner)
    if owner in slots and len(others) >= slots[owner]:
        what = f"the {len(others) + 1}. of an engine with {slots[owner]} slots"
        yield Violation("I20", f"commit {commit.number} began {short(occurrence)}, {what}")


def _check_needs(history: History) -> Iterator[Violation]:
    for key, runs in history.runs.items():
        begun = [run for run in runs if any(row["state"] not in _NEVER for row in history.attempts.get(run["id"], []))]
        states = {run["name"]: run["state"] for run in runs}
        for run in begun:
            task = _tasks(history, key)[run["name"]]
            for need in task["needs"]:
                met = states[need] not in _OPEN if task["run_when"] == "always" else states[need] == "success"
                if not met:
                    what = f"began, and {need}, which it needs, is {states[need]}"
                    yield Violation("I20", f"task {run['name']} of {short(key)} {what}")


def _tasks(history: History, occurrence: bytes) -> dict[str, Row]:
    return {task["name"]: task for task in history.definition(history.occurrences[occurrence])["tasks"]}
