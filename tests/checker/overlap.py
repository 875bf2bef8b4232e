"""I5: two occurrences of a job that may not overlap never ran at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.checker.history import History, Violation, setting, short
from tests.checker.moves import state_told

Interval = tuple[float, float, bytes]


def check(history: History) -> Iterator[Violation]:
    """Which occurrence began its first task, by the ledger, while another one had not ended its last.

    One that was forced takes its place whatever runs or is about to; what asks for a place after it has to wait.
    """
    since = _live_since(history)
    for job_id, found in _intervals(history).items():
        latest: Interval | None = None
        for interval in sorted(found):
            if latest is not None and interval[0] < latest[1] and not _was_forced(history, since, latest, interval):
                name = history.name(job_id)
                yield Violation("I5", f"{name}: {short(interval[2])} began while {short(latest[2])} ran")
            if latest is None or interval[1] > latest[1]:
                latest = interval


def _was_forced(history: History, since: dict[bytes, int], first: Interval, second: Interval) -> bool:
    """Whether the one that took its place last was forced to."""
    _, last = sorted((first[2], second[2]), key=lambda key: since.get(key, 0))
    return bool(history.occurrences[last]["forced"])


def _live_since(history: History) -> dict[bytes, int]:
    """When each occurrence got its place in its job, also if it then waited for its group: the event's number."""
    since: dict[bytes, int] = {}
    for event in sorted(history.rows("event"), key=lambda row: row["sequence"]):
        state = state_told(event)
        if state in ("pending", "running") or (state == "queued" and event["reason"] == "group"):
            since.setdefault(event["occurrence_id"], event["sequence"])
    return since


def _intervals(history: History) -> dict[bytes, list[Interval]]:
    """By job: from the first begin to the last end of each occurrence, for a waiting retry keeps its place."""
    begun: dict[bytes, float] = {}
    ended: dict[bytes, float] = {}
    for line in history.ledger:
        if line.kind == "begin":
            begun.setdefault(line.occurrence, line.at)
        elif line.occurrence in begun:
            ended[line.occurrence] = line.at
    found: defaultdict[bytes, list[Interval]] = defaultdict(list)
    for occurrence, end in ended.items():
        row = history.occurrences.get(occurrence)
        if row is not None and _is_alone(history, row["job_id"]):
            found[row["job_id"]].append((begun[occurrence], end, occurrence))
    return found


def _is_alone(history: History, job_id: bytes) -> bool:
    """Whether every version of a job allows but one occurrence at a time."""
    definitions = [definition for (job, _), definition in history.versions.items() if job == job_id]
    return all(
        setting(definition, "overlap_policy") != "allow" and setting(definition, "max_active") == 1
        for definition in definitions
    )
