"""I16: whoever is to be told of an end is so by one line, written with it, and the line is sent at least once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from tests.checker.history import Commit, History, Row, Violation, setting, short

_LIVE = ("running", "canceling")
_FAILURES = ("failed", "failed_stale", "completed_with_errors")
_OPEN = ("queued", "waiting")


def check(history: History) -> Iterator[Violation]:
    """The lines of the hooks at the end of a run; without the commits nothing is known of them."""
    for commit in history.commits or ():
        yield from _check_written(history, commit)
    yield from _check_sent(history)
    if history.over and history.now is not None:
        for row in history.rows("notification"):
            if row["state"] in _OPEN and row["not_before"] <= history.now:
                yield Violation("I16", f"notification {short(row['id'])} is still {row['state']}")


def _check_written(history: History, commit: Commit) -> Iterator[Violation]:
    due: Counter[tuple[bytes, str]] = Counter()
    written: Counter[tuple[bytes, str]] = Counter()
    for change in commit.changes:
        before, after = change.before, change.after
        if after is None:
            continue
        if change.table == "occurrence" and before is not None and before["state"] in _LIVE:
            if after["finished_at"] is not None:
                due.update((after["id"], word) for word in _hooks(history.definition(after), after["state"]))
        elif change.table == "notification" and before is None:
            written[after["occurrence_id"], json.loads(after["payload"])["event"]] += 1
    for key in due.keys() | written.keys():
        if due[key] != written[key]:
            what = f"{written[key]} lines for {key[1]} of {short(key[0])} instead of {due[key]}"
            yield Violation("I16", f"commit {commit.number} wrote {what}")


def _hooks(definition: Row, state: str) -> list[str]:
    words = ["on_complete", *(["on_failure"] if state in _FAILURES else [])]
    return [word for word in words if setting(definition, word) is not None]


def _check_sent(history: History) -> Iterator[Violation]:
    """A try is counted before it is made, a line is called sent after it was, and is then let alone."""
    counted, sent = _moves(history)
    arrived: dict[bytes, int] = {}
    for delivery in history.deliveries:
        key, commits = delivery.notification, delivery.commits
        if delivery.arrived:
            arrived.setdefault(key, commits)
        elif counted.get(key, commits) >= commits:
            yield Violation("I16", f"notification {short(key)} was sent before the try was counted")
        elif sent.get(key, commits) < commits:
            yield Violation("I16", f"notification {short(key)} was sent again after it was sent")
    for key, number in sent.items():
        if arrived.get(key, number + 1) > number:
            yield Violation("I16", f"notification {short(key)} is recorded as sent and never arrived")


def _moves(history: History) -> tuple[dict[bytes, int], dict[bytes, int]]:
    """The commits in which lines were first counted as tried, and those in which they were called sent."""
    counted: dict[bytes, int] = {}
    sent: dict[bytes, int] = {}
    for commit in history.commits or ():
        for before, after in ((c.before, c.after) for c in commit.changes if c.table == "notification"):
            if before is None or after is None:
                continue
            if after["tries"] > before["tries"]:
                counted.setdefault(after["id"], commit.number)
            if after["state"] == "sent":
                sent.setdefault(after["id"], commit.number)
    return counted, sent
