"""I2, I3, I4, I10: what the tasks did, by their own account, is what the store says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.checker.history import History, LedgerLine, Row, Violation, setting, short

_FAILURES = ("failed", "timeout")
_NEVER = ("planned", "not_started")
_UNKNOWN = 5
"""So many tries in a row that never started end a task as failed."""


def check(history: History) -> Iterator[Violation]:
    """What really ran against what is recorded."""
    attempts = {row["id"]: row for row in history.rows("attempt")}
    yield from _check_begins(history, attempts)
    yield from _check_ends(history, attempts)
    yield from _check_durable_first(history)
    yield from _check_retries(history)
    yield from _check_completed(history)
    yield from _check_alive(history, attempts)


def _check_begins(history: History, attempts: dict[bytes, Row]) -> Iterator[Violation]:
    begins = [line for line in history.ledger if line.kind == "begin"]
    cleared = {row["id"] for row in history.cleared["attempt"]}
    for (attempt, fence), number in Counter((line.attempt, line.fence) for line in begins).items():
        if number > 1:
            yield Violation("I2", f"attempt {short(attempt)} began {number} times under fence {fence}")
    for attempt, number in Counter(line.attempt for line in begins).items():
        if number > 1:
            yield Violation("I2", f"attempt {short(attempt)} began {number} times")
        if attempt in cleared:
            continue
        if attempt not in attempts:
            yield Violation("I2", f"attempt {short(attempt)} began and is not in the store")
        elif attempts[attempt]["state"] in _NEVER:
            state = attempts[attempt]["state"]
            yield Violation("I4", f"attempt {short(attempt)} began and is recorded as {state}")
    for (occurrence, task), number in Counter((line.occurrence, line.task) for line in begins).items():
        row = history.occurrences.get(occurrence)
        if number > 1 and row is not None and not _may_repeat(history.definition(row), task):
            yield Violation("I3", f"task {task} of {short(occurrence)} began {number} times without retry or rerun")


def _may_repeat(definition: Row, task: str) -> bool:
    retries = setting(definition, "retry_policy.max_retries", task)
    return bool(retries > 0 or setting(definition, "on_lost", task) == "rerun")


def _check_ends(history: History, attempts: dict[bytes, Row]) -> Iterator[Violation]:
    ended: dict[bytes, LedgerLine] = {line.attempt: line for line in history.ledger if line.kind == "end"}
    told = {line.job for line in history.ledger}
    for attempt, row in attempts.items():
        end = ended.get(attempt)
        job = history.name(history.occurrences[row["occurrence_id"]]["job_id"])
        if row["state"] == "success" and job in told and (end is None or end.exit_code not in (0, None)):
            yield Violation("I4", f"attempt {short(attempt)} of {job} is recorded as a success and was none")
        refused = end is not None and end.values is not None and row["reason"] in ("state_conflict", "bad_output")
        if end is not None and end.exit_code == 0 and row["state"] in ("failed", *_NEVER) and not refused:
            yield Violation("I4", f"attempt {short(attempt)} of {job} ended well and is recorded as {row['state']}")


def _check_durable_first(history: History) -> Iterator[Violation]:
    """What begins was written down as running before."""
    running: dict[bytes, int] = {}
    for commit in history.commits or ():
        for change in commit.changes:
            if change.table == "attempt" and change.row["state"] == "running":
                running.setdefault(change.row["id"], commit.number)
    for line in history.ledger if history.commits is not None else ():
        known = running.get(line.attempt)
        if line.kind == "begin" and line.commits is not None and (known is None or known >= line.commits):
            yield Violation("I2", f"attempt {short(line.attempt)} began before it was written down")


def _check_retries(history: History) -> Iterator[Violation]:
    for run in (run for runs in history.runs.values() for run in runs):
        definition = history.definition(history.occurrences[run["occurrence_id"]])
        tries = history.attempts.get(run["id"], [])
        failures = sum(1 for row in tries if row["state"] in _FAILURES)
        allowed = 1 + setting(definition, "retry_policy.max_retries", run["name"])
        if [row["number"] for row in tries] != list(range(1, len(tries) + 1)):
            yield Violation("I3", f"the attempts of task {run['name']} are not numbered from 1 without a gap")
        if failures > allowed:
            yield Violation("I3", f"task {run['name']} failed {failures} times, {allowed} are allowed")
        words = set(setting(definition, "retry_policy.retry_on", run["name"]).split(","))
        for row in tries[:-1]:
            if row["state"] in _FAILURES and not _ways(row) & words:
                yield Violation("I3", f"task {run['name']} was tried again after a failure that is not to be retried")
        given_up = run["state"] in _FAILURES and failures < allowed and bool(tries and _ways(tries[-1]) & words)
        if given_up and not _stopped(history, run, tries):
            yield Violation("I3", f"task {run['name']} was given up after {failures} of {allowed} tries")
        succeeded = tries[-1]["state"] == "success" if tries else _is_carried_over(history, run)
        if run["state"] == "success" and not succeeded:
            yield Violation("I4", f"task {run['name']} is recorded as a success and its last try was none")
        if run["state"] != "success" and any(row["state"] == "success" for row in tries):
            yield Violation("I4", f"task {run['name']} is {run['state']} although a try succeeded")


def _check_completed(history: History) -> Iterator[Violation]:
    """What is told as completed has no task that was ended or gave up."""
    for row in (row for row in history.occurrences.values() if row["state"] == "completed"):
        for run in history.runs.get(row["id"], ()):
            if run["state"] not in ("success", "skipped"):
                yield Violation("I4", f"{short(row['id'])} is completed, and its task {run['name']} is {run['state']}")


def _is_carried_over(history: History, run: Row) -> bool:
    """Whether a task of a replay was taken from the occurrence that is replayed, where it succeeded."""
    original = history.occurrences[run["occurrence_id"]]["replay_of"]
    return any(other["name"] == run["name"] and other["state"] == "success" for other in history.runs.get(original, []))


def _ways(row: Row) -> set[str]:
    """The words of `retry_on` that cover a failed try; signals are not among them."""
    if row["state"] == "timeout":
        return {"any", "timeout"}
    return {"any", "spawn"} if row["reason"] == "spawn" else {"any", "exit", str(row["exit_code"])}


def _stopped(history: History, run: Row, tries: list[Row]) -> bool:
    """Whether something else than its own failures ended a task: a cancellation, the deadline, tries that never began.

    A deadline that passed leaves no other trace than its time.
    """
    row = history.occurrences[run["occurrence_id"]]
    never = [attempt["state"] for attempt in tries[-_UNKNOWN:]]
    out_of_time = row["deadline_at"] is not None and (run["finished_at"] or 0) >= row["deadline_at"]
    return row["state"] in ("canceled", "canceling") or out_of_time or never == ["not_started"] * _UNKNOWN or (
        run["reason"] == "deadline" or _was_canceling(history, row["id"])
    )  # fmt: skip


def _was_canceling(history: History, occurrence: bytes) -> bool:
    return any(
        event["occurrence_id"] == occurrence and event["kind"] == "occurrence_canceling"
        for event in history.rows("event")
    )


def _check_alive(history: History, attempts: dict[bytes, Row]) -> Iterator[Violation]:
    for attempt in history.alive:
        row = attempts.get(attempt)
        if row is None or row["state"] != "running":
            state = "unknown" if row is None else row["state"]
            yield Violation("I10", f"a process of attempt {short(attempt)} lives, and the attempt is {state}")
    if history.commits is not None:
        yield from _check_ended_before(history)


def _check_ended_before(history: History) -> Iterator[Violation]:
    """No attempt is over in the store while its process goes on."""
    over: dict[bytes, int] = {}
    for commit in history.commits or ():
        for change in commit.changes:
            if change.table == "attempt" and change.row["state"] not in ("planned", "running"):
                over.setdefault(change.row["id"], commit.number)
    lines: defaultdict[bytes, set[str]] = defaultdict(set)
    for line in history.ledger:
        lines[line.attempt].add(line.kind)
        ended = over.get(line.attempt)
        if ended is not None and line.commits is not None and line.commits > ended:
            yield Violation("I10", f"attempt {short(line.attempt)} was over in the store and went on: {line.kind}")
