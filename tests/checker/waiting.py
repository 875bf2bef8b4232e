"""I9, I13, I14: nothing waits behind nothing, the queue keeps its order, and what is due is handled in time."""

from __future__ import annotations

from collections.abc import Iterator

from tests.checker.enumeration import text_of
from tests.checker.history import SECOND, Commit, History, Row, Violation, setting, short

_LIVE = {"running", "canceling", "pending"}
OPEN = _LIVE | {"queued"}
LATEST = 2 * SECOND
"""How late an instant may be handled while nothing disturbs the engine."""


def check(history: History) -> Iterator[Violation]:
    """All three."""
    yield from _check_over(history)
    yield from _check_queues(history)
    yield from _check_order_in_audit(history)
    yield from _check_lateness(history)


def _check_over(history: History) -> Iterator[Violation]:
    for row in history.rows("occurrence") if history.over else ():
        if row["state"] in OPEN and not waits_for_its_time(history, row):
            yield Violation("I9", f"{short(row['id'])} is still {row['state']} ({row['reason']})")


def waits_for_its_time(history: History, row: Row) -> bool:
    """Whether an occurrence is put off, or its task is to be tried again later, or it is queued behind such a one."""
    now = history.now or 0
    if row["state"] == "queued":
        others = [
            other for other in history.rows("occurrence")
            if other["job_id"] == row["job_id"] or (row["group_name"] and other["group_name"] == row["group_name"])
        ]  # fmt: skip
        return any(other["state"] in _LIVE and waits_for_its_time(history, other) for other in others)
    if row["state"] == "pending":
        return bool(row["due_at"] > now)
    tries = [one for run in history.runs.get(row["id"], []) for one in history.attempts.get(run["id"], [])]
    open_tries = [one for one in tries if one["state"] in ("planned", "running")]
    return bool(open_tries) and all((one["not_before"] or 0) > now for one in open_tries)


def _check_queues(history: History) -> Iterator[Violation]:
    """After each commit that ends an occurrence, and whenever one is woken."""
    known: dict[bytes, dict[bytes, Row]] = {}
    for commit in history.commits or ():
        ended: set[bytes] = set()
        for change in commit.changes:
            if change.table != "occurrence":
                continue
            job = known.setdefault(change.row["job_id"], {})
            before = change.before["state"] if change.before else ""
            after = change.after["state"] if change.after else ""
            if before in ("", "planned") and change.after is not None and after in OPEN:
                if _is_queued(change.after):
                    yield from _check_place(history, commit, job, change.after)
                else:
                    yield from _check_overtakes_nobody(history, commit, job, change.after)
            if before == "queued" and after == "pending":
                yield from _check_first(commit, job, change.row)
            if before in _LIVE and after not in _LIVE:
                ended.add(change.row["job_id"])
            job.pop(change.row["id"], None)
            if change.after is not None and after in OPEN:
                job[change.row["id"]] = change.after
        for job_id in ended:
            yield from _check_woken(history, commit, job_id, known[job_id])


def _check_place(history: History, commit: Commit, job: dict[bytes, Row], queued: Row) -> Iterator[Violation]:
    """A queue is no longer than it may be, but for what a gap or a backfill puts there; a replacement is alone."""
    others = sum(map(_is_queued, job.values()))
    most = 1 if queued["reason"] == "replacing" else setting(history.definition(queued), "queue_limit")
    if queued["trigger"] not in ("recovery", "backfill") and others >= most:
        yield Violation("I13", f"commit {commit.number} queued {short(queued['id'])} behind {others}, {most} may wait")


def _check_overtakes_nobody(
    history: History, commit: Commit, job: dict[bytes, Row], newcomer: Row
) -> Iterator[Violation]:
    """Where a job has a queue, what is due goes to its end: only what was forced has a place before it."""
    waiting = next(filter(_is_queued, job.values()), None)
    if waiting is None or newcomer["forced"]:
        return
    if setting(history.definition(newcomer), "overlap_policy") in ("queue", "replace"):
        what = f"let {short(newcomer['id'])} overtake {short(waiting['id'])}"
        yield Violation("I13", f"commit {commit.number} {what}")


def _check_first(commit: Commit, job: dict[bytes, Row], woken: Row) -> Iterator[Violation]:
    earlier = [row for row in job.values() if _is_queued(row) and row["sequence"] < woken["sequence"]]
    if earlier:
        yield Violation("I13", f"commit {commit.number} woke {short(woken['id'])} before {short(earlier[0]['id'])}")


def _is_queued(row: Row) -> bool:
    """Whether an occurrence waits in the queue of its own job, where places begin at 1, and not for its group."""
    return bool(row["state"] == "queued" and row["sequence"])


def _check_woken(history: History, commit: Commit, job_id: bytes, job: dict[bytes, Row]) -> Iterator[Violation]:
    # One that waits for its group has its place in the job, as one that runs.
    if job and all(map(_is_queued, job.values())):
        yield Violation("I9", f"commit {commit.number} left {history.name(job_id)} idle with a queue")


def _check_order_in_audit(history: History) -> Iterator[Violation]:
    """The same from the audit: of what was queued and woken, the first in was the first out."""
    queues: dict[bytes, list[bytes]] = {}
    scheduled = {row["id"]: row["scheduled_at"] or 0 for row in history.rows("occurrence")}
    for event in sorted(history.rows("event"), key=lambda row: row["sequence"]):
        key = event["occurrence_id"]
        queue = queues.setdefault(event["job_id"], [])
        if event["kind"] == "clock_went_back":
            # What the wrong clock queued has returned to the plan.
            queue[:] = [one for one in queue if scheduled.get(one, event["at"] + 1) <= event["at"]]
        if key is None:
            continue
        if event["kind"] == "occurrence_promoted" and key in queue and queue[0] != key:
            yield Violation("I13", f"{short(key)} was woken before {short(queue[0])}")
        if key in queue:
            queue.remove(key)
        if event["kind"] == "occurrence_queued" and event["reason"] != "group":
            queue.append(key)


def _check_lateness(history: History) -> Iterator[Violation]:
    if history.calm is None:
        return
    start, end = history.calm
    for row in history.rows("occurrence"):
        if row["trigger"] != "schedule" or not start <= row["scheduled_at"] < end - LATEST:
            continue
        if history.jobs[row["job_id"]]["retired_at"] is not None:
            continue  # its marked rows wait for its return
        handled = row["handled_at"]
        if handled is None or handled - row["scheduled_at"] > LATEST:
            what = "not" if handled is None else f"{(handled - row['scheduled_at']) / SECOND:.1f} s late"
            yield Violation(
                "I14", f"{history.name(row['job_id'])} at {text_of(row['scheduled_at'])} was handled {what}"
            )
