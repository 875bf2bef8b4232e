"""I15: what a task hands on is stored with its success or not at all, and no state is lost to another's."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.checker.history import Commit, History, Row, Violation, short

_REFUSED = ("state_conflict", "bad_output")


def check(history: History) -> Iterator[Violation]:
    """What the tasks wrote and were given, by their own account, against what is stored."""
    ends = {line.attempt: line.values for line in history.ledger if line.kind == "end" and line.values is not None}
    begins = {line.attempt: line.values for line in history.ledger if line.kind == "begin" and line.values is not None}
    if begins:
        yield from _check_outputs(history, ends)
        yield from _check_given(history, begins)
        yield from _check_states(history, begins, ends)


def _check_outputs(history: History, ends: dict[bytes, Row]) -> Iterator[Violation]:
    for run in (run for runs in history.runs.values() for run in runs):
        tries = history.attempts.get(run["id"], [])
        if run["state"] == "success" and not tries:
            continue  # carried over from what is replayed
        end = ends.get(tries[-1]["id"]) if run["state"] == "success" else {"outputs": {}}
        if end is None or json.loads(run["outputs"]) != end["outputs"]:
            what = f"{run['name']} of {short(run['occurrence_id'])}, which is {run['state']}"
            yield Violation("I15", f"the outputs of {what}, are not those of its success")


def _check_given(history: History, begins: dict[bytes, Row]) -> Iterator[Violation]:
    for row in history.rows("attempt"):
        told = begins.get(row["id"])
        if told is None:
            continue
        runs = {run["name"]: run for run in history.runs[row["occurrence_id"]]}
        name = next(name for name, run in runs.items() if run["id"] == row["task_run_id"])
        needs = _all_needs(history.definition(history.occurrences[row["occurrence_id"]]), name)
        stored = {need: json.loads(runs[need]["outputs"]) for need in needs if runs[need]["state"] == "success"}
        if {need: values for need, values in told["outputs"].items() if values} != {
            need: values for need, values in stored.items() if values
        }:
            yield Violation("I15", f"attempt {short(row['id'])} was not given what the tasks that it needs handed on")


def _all_needs(definition: Row, name: str) -> set[str]:
    needs = {task["name"]: set(task["needs"]) for task in definition["tasks"]}
    found: set[str] = set()
    waiting = list(needs[name])
    while waiting:
        need = waiting.pop()
        if need not in found:
            found.add(need)
            waiting += needs[need]
    return found


def _check_states(history: History, begins: dict[bytes, Row], ends: dict[bytes, Row]) -> Iterator[Violation]:
    revs: dict[bytes, int] = {}
    for commit in history.commits or ():
        yield from _check_refusals(history, commit, revs, begins, ends)
        setters = {change.row["attempt_id"] for change in commit.changes if change.table == "job_state"}
        for change in commit.changes:
            row, before = change.row, change.before
            succeeded = change.table == "attempt" and _has_become(change.after, before, "success")
            if succeeded and row["id"] in ends and ends[row["id"]]["state"] is not None and row["id"] not in setters:
                yield Violation("I15", f"attempt {short(row['id'])} succeeded without the state that it set")
            if change.table == "job_state":
                yield from _check_set(commit, row, revs.get(row["job_id"], 0), begins, ends)
                revs[row["job_id"]] = row["rev"]


def _check_set(
    commit: Commit, row: Row, rev: int, begins: dict[bytes, Row], ends: dict[bytes, Row]
) -> Iterator[Violation]:
    by = row["attempt_id"]
    tries = [change for change in commit.changes if change.table == "attempt" and change.row["id"] == by]
    if not any(_has_become(change.after, change.before, "success") for change in tries):
        yield Violation("I15", f"commit {commit.number} set a state without the success of {short(by)}")
    elif by not in ends or json.loads(row["value"]) != ends[by]["state"]:
        yield Violation("I15", f"commit {commit.number} set another state than {short(by)} left")
    if row["rev"] != rev + 1 or by not in begins or begins[by]["rev"] != rev:
        yield Violation("I15", f"commit {commit.number} set a state over one that {short(by)} had not seen")


def _check_refusals(
    history: History, commit: Commit, revs: dict[bytes, int], begins: dict[bytes, Row], ends: dict[bytes, Row]
) -> Iterator[Violation]:
    """A task that ended well fails only where its state or its outputs cannot be taken."""
    for change in commit.changes:
        row = change.row
        if change.table != "attempt" or row["reason"] not in _REFUSED:
            continue
        if not _has_become(change.after, change.before, "failed"):
            continue
        wrote = ends.get(row["id"], {"state": None, "nonsense": False})
        rev = revs.get(history.occurrences[row["occurrence_id"]]["job_id"], 0)
        conflict = wrote["state"] is not None and begins[row["id"]]["rev"] != rev
        if not (wrote["nonsense"] if row["reason"] == "bad_output" else conflict):
            yield Violation("I15", f"attempt {short(row['id'])} failed for {row['reason']} without a cause")


def _has_become(after: Row | None, before: Row | None, state: str) -> bool:
    return after is not None and after["state"] == state and (before is None or before["state"] != state)
