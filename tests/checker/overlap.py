"""I5: never more occurrences of a job than may ran at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.checker.history import History, Violation, setting, short
from tests.checker.moves import state_told

Interval = tuple[float, float, bytes]


def check(history: History) -> Iterator[Violation]:
    """Which occurrence began its first task, by the ledger, while as many as may had not ended their last.

    One that was forced takes its place whatever runs or is about to; what asks for a place after it has to wait.
    """
    since = _live_since(history)
    for job_id, found in _intervals(history).items():
        limit, begun = _most_at_once(history, job_id), list[Interval]()
        for interval in sorted(found):
            begun = [other for other in begun if interval[0] < other[1]]
            others = [other for other in begun if not _was_forced(history, since, other, interval)]
            if limit is not None and len(others) >= limit:
                beside = ", ".join(short(other[2]) for other in others)
                yield Violation("I5", f"{history.name(job_id)}: {short(interval[2])} began while {beside} ran")
            begun.append(interval)


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
        if row is not None:
            found[row["job_id"]].append((begun[occurrence], end, occurrence))
    return found


def _most_at_once(history: History, job_id: bytes) -> int | None:
    """How many occurrences every version of a job allows at a time; None: any number."""
    definitions = [definition for (job, _), definition in history.versions.items() if job == job_id]
    if any(setting(definition, "overlap_policy") == "allow" for definition in definitions):
        return None
    return max(int(setting(definition, "max_active")) for definition in definitions)
