"""What a supervisor does about attempts that a dead one left running."""

from __future__ import annotations

from . import clock, tree
from .attempt_files import AttemptFiles
from .log_writer import finish_abandoned
from .protocol import Message
from .results import nothing_ran

_WAIT_SECONDS = 5.0
_LOOK_SECONDS = 0.01


class Remnant:
    """The processes of an attempt whose supervisor is gone: killed, and lost once none is left."""

    def __init__(self, attempt: str, store_id: str, files: AttemptFiles, boot_id: str) -> None:
        self.id = attempt
        self._files = files
        self._process = files.read_process(attempt)
        # A marker without a boot id was torn by a crash: look for processes, which does no harm.
        self._same_boot = self._process.get("boot_id", boot_id) == boot_id
        self._mark = tree.mark_of(store_id, attempt)
        self._killed: set[tuple[int, int]] = set()

    @property
    def started_at(self) -> str | None:
        """When the attempt was started, as far as it was recorded."""
        return self._process.get("started_at")

    def is_gone(self) -> bool:
        """Kill what is left; True once there is nothing."""
        if not self._same_boot:
            return True
        session = None
        if "pid" in self._process:
            session = tree.recorded_session(self._process["pid"], self._process["started"])
        self._killed |= tree.kill(self._mark, session)
        return not tree.members(self._mark, session)

    def result(self) -> Message:
        """The result of an attempt that nobody saw end; also completes its log."""
        folder = self._files.folder(self.id)
        finish_abandoned(folder, self._process.get("tail_bytes", 0))
        return {
            **nothing_ran(self.id, "lost", "supervisor_lost" if self._same_boot else "host_restarted"),
            "pid": self._process.get("pid"),
            "started_at": self.started_at,
            "leftovers_killed": len(self._killed),
        }


def find_unfinished(files: AttemptFiles) -> tuple[dict[str, Message], list[str]]:
    """The results that no engine has taken, and the attempts that have none; stale markers are removed."""
    results: dict[str, Message] = {}
    unfinished = []
    for attempt in files.live():
        result = files.read_result(attempt) or files.read_unnamed_result(attempt)
        if result is not None:
            results[attempt] = result
        elif not files.folder_exists(attempt) or files.is_tombstone(attempt):
            files.unmark_live(attempt)
        else:
            unfinished.append(attempt)
    return results, unfinished


def end_remnants(remnants: list[Remnant]) -> list[Remnant]:
    """Kill them all and wait a moment; returns those that are still there (a process may hang in the kernel)."""
    give_up = clock.monotonic() + _WAIT_SECONDS
    left = [remnant for remnant in remnants if not remnant.is_gone()]
    while left and clock.monotonic() < give_up:
        clock.pause(_LOOK_SECONDS)
        left = [remnant for remnant in left if not remnant.is_gone()]
    return left
