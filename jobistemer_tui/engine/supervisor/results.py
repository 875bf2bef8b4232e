"""Results that the engine has not taken yet: kept, written, synced, retried."""

from __future__ import annotations

from typing import Literal

from . import clock
from .attempt_files import AttemptFiles
from .protocol import Message
from .syncer import Syncer

SYNC_AFTER_SECONDS = 2.0
"""So old a result becomes at the most before it is synced, however busy an engine is with others."""
RETRY_SECONDS = 2.0

_State = Literal["unwritten", "written", "syncing", "synced"]


class _Entry:
    """A result, how far it is on its way to the disk, and when the next step is due."""

    def __init__(self, result: Message, state: _State, due: float) -> None:
        self.result = result
        self.state = state
        self.due = due


class Results:
    """The results by attempt id, each with what is still to be done for it on disk."""

    def __init__(self, files: AttemptFiles, syncer: Syncer) -> None:
        self._files = files
        self._syncer = syncer
        self._entries: dict[str, _Entry] = {}

    def load(self, attempt: str, result: Message) -> None:
        """Take over a result that an earlier supervisor wrote, perhaps not to its end."""
        state: _State = "written" if self._files.read_result(attempt) else "unwritten"
        self._entries[attempt] = _Entry(result, state, clock.monotonic())

    def add(self, result: Message, *, engine_listens: bool) -> Message:
        """Write a new result; returns it with `durable` set."""
        now = clock.monotonic()
        entry = _Entry({**result, "durable": False}, "unwritten", now)
        self._entries[result["id"]] = entry
        self._write(entry, now)
        if entry.state == "written" and engine_listens:
            entry.due = now + SYNC_AFTER_SECONDS
        return entry.result

    def get(self, attempt: str) -> Message | None:
        """The result of an attempt, if it is among these."""
        entry = self._entries.get(attempt)
        return None if entry is None else entry.result

    def all(self) -> list[Message]:
        """Every result that was not taken."""
        return [entry.result for entry in self._entries.values()]

    def take(self, attempt: str) -> None:
        """The engine has it: forget it."""
        if self._entries.pop(attempt, None) is not None:
            self._files.unmark_live(attempt)

    def sync_soon(self) -> None:
        """No engine listens any more: sync what is written."""
        for entry in self._entries.values():
            if entry.state == "written":
                entry.due = clock.monotonic()

    def settled(self) -> bool:
        """True if every result would survive the end of this process and of the machine."""
        return all(entry.state == "synced" for entry in self._entries.values())

    def next_due(self) -> float | None:
        """When `work` has something to do, on the monotonic clock."""
        return min((e.due for e in self._entries.values() if e.state in ("unwritten", "written")), default=None)

    def work(self, now: float) -> None:
        """Write what is due, and sync all that is written once some of it is due: together that costs little more."""
        is_due = False
        for entry in self._entries.values():
            if entry.due > now:
                continue
            if entry.state == "unwritten":
                self._write(entry, now)
            is_due = is_due or entry.state == "written"
        if is_due:
            written = [attempt for attempt, entry in self._entries.items() if entry.state == "written"]
            for attempt in written:
                self._entries[attempt].state = "syncing"
            self._syncer.submit(written)

    def synced(self, attempt: str, *, success: bool) -> None:
        """The syncer is done with one."""
        entry = self._entries.get(attempt)
        if entry is not None and entry.state == "syncing":
            entry.state = "synced" if success else "written"
            entry.due = clock.monotonic() + RETRY_SECONDS

    def _write(self, entry: _Entry, now: float) -> None:
        try:
            self._files.write_result(entry.result["id"], entry.result)
        except OSError:
            entry.due = now + RETRY_SECONDS
            return
        entry.result["durable"] = True
        entry.state = "written"
        entry.due = now


def nothing_ran(attempt: str, outcome: str, error: str | None) -> Message:
    """The result of an attempt of which there is nothing to report but how it ended."""
    return {
        "id": attempt,
        "outcome": outcome,
        "exit_code": None,
        "signal": None,
        "error": error,
        "pid": None,
        "started_at": None,
        "finished_at": clock.iso(clock.wall_us()),
        "user_s": 0.0,
        "system_s": 0.0,
        "max_rss_bytes": 0,
        "output_bytes": 0,
        "dropped_bytes": 0,
        "leftovers_killed": 0,
    }
