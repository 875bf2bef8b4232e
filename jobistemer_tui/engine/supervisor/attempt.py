"""One running attempt: from its spawn until its tree is gone and its output read.

running   the main process lives
settling  it has ended, which fixes the outcome; its leftovers are killed, waited for, or left
draining  nothing of it is waited for any more; what is still in the pipes is read, for a second at most
"""

from __future__ import annotations

import os
from typing import Protocol

from . import clock, reaper, tree
from .log_format import STDERR, STDOUT
from .log_writer import LogWriter
from .mask import Masker
from .protocol import Message, Order
from .reaper import Exit
from .spawn import Spawned
from .tree import Mark

DRAIN_SECONDS = 1.0
KILL_AGAIN_SECONDS = 0.2
SWEEP_SECONDS = 0.05
LOOK_AGAIN_SECONDS = 10.0


class Surroundings(Protocol):
    """What an attempt needs of the supervisor."""

    def watch_pipe(self, pipe: int, attempt: Attempt) -> None:
        """Call `attempt.read` when the pipe has something."""

    def unwatch_pipe(self, pipe: int) -> None:
        """Stop that."""

    def has_leftovers(self, attempt: Attempt) -> bool:
        """True while processes of an attempt outlive its main process."""


class Attempt:
    """A main process, its tree, its pipes and its limits."""

    def __init__(
        self, order: Order, mark: Mark, spawned: Spawned, log: LogWriter, surroundings: Surroundings,
        forms: tuple[bytes, ...] = (),
    ) -> None:  # fmt: skip
        """`forms` are what must not appear in the log (see `mask`)."""
        self.order = order
        self.forms = forms
        self.mark = mark
        self.pid = spawned.pid
        self.started_at = clock.iso(clock.wall_us())
        self._timeout_at = None if order.timeout_s is None else clock.monotonic() + order.timeout_s
        self._log = log
        self._surroundings = surroundings
        self._pipes = {spawned.stdout: STDOUT, spawned.stderr: STDERR}
        self._maskers = {pipe: Masker(forms) for pipe in self._pipes} if forms else {}
        self._stopping: str | None = None
        self._kill_at: float | None = None
        self._exit: Exit | None = None
        self._outcome: str | None = None
        self._ended_us = 0
        self._drain_until: float | None = None
        self._reached: set[tuple[int, int]] = set()
        self._leftovers_killed: set[tuple[int, int]] = set()
        for pipe in self._pipes:
            surroundings.watch_pipe(pipe, self)

    def stop(self, outcome: str) -> None:
        """End the attempt (`canceled`, `timeout` or `deadline`), unless its main process has ended by itself."""
        self._notice_exit()
        self._stopping = self._stopping or outcome
        self._begin_kill(clock.monotonic())

    def read(self, pipe: int, buffer: memoryview) -> int:
        """Take what the pipe has and return how much that was; at its end it is closed."""
        try:
            count = os.readv(pipe, [buffer])
        except BlockingIOError:
            return 0
        if not count:
            self._close_pipe(pipe)
        elif self._maskers:
            self._write_masked(pipe, self._maskers[pipe].feed(bytes(buffer[:count])))
        else:
            self._log.write(buffer[:count], self._pipes[pipe], clock.wall_us())
        return count

    def _write_masked(self, pipe: int, data: bytes) -> None:
        if data:
            self._log.write(memoryview(data), self._pipes[pipe], clock.wall_us())

    def work(self, now: float, boot: float) -> bool:
        """Do what is due; True when the attempt is over and `finish` may be called."""
        self._notice_exit()
        if self._drain_until is None:
            self._enforce_limits(now, boot)
            if self._kill_at is not None and now >= self._kill_at:
                self._count(tree.kill(self.mark, self.pid))
                self._kill_at = now + KILL_AGAIN_SECONDS
            if self._outcome is not None:
                self._settle(now)
        return self._drain_until is not None and (not self._pipes or now >= self._drain_until)

    def next_due(self, now: float, boot: float) -> float:
        """When `work` should be called again at the latest, on the monotonic clock."""
        if self._drain_until is not None:
            return self._drain_until
        if self._kill_at is not None and self._outcome is not None:
            return now + SWEEP_SECONDS
        times = [now + LOOK_AGAIN_SECONDS]
        if self._kill_at is not None:
            times.append(self._kill_at)
        elif self._timeout_at is not None:
            times.append(self._timeout_at)
        if self._kill_at is None and self.order.deadline_boot is not None:
            times.append(now + self.order.deadline_boot - boot)
        return min(times)

    def finish(self) -> Message:
        """Let go of the main process and the log; returns the result."""
        for pipe in list(self._pipes):
            self._close_pipe(pipe)
        usage = reaper.collect_main(self.pid)
        dropped = self._log.finish()
        ended = self._exit or Exit(None, None)
        lost = self._outcome == "lost"
        return {
            "id": self.order.id,
            "outcome": self._outcome,
            "exit_code": ended.code,
            "signal": ended.signal,
            "error": "status_unknown" if lost else None,
            "pid": self.pid,
            "started_at": self.started_at,
            "finished_at": clock.iso(self._ended_us),
            "user_s": usage.user_s,
            "system_s": usage.system_s,
            "max_rss_bytes": usage.max_rss_bytes,
            "output_bytes": self._log.output_bytes,
            "dropped_bytes": dropped,
            "leftovers_killed": len(self._leftovers_killed),
        }

    def _notice_exit(self) -> None:
        if self._outcome is not None:
            return
        try:
            self._exit = reaper.look_at(self.pid)
        except reaper.StatusUnknown:
            self._outcome = "lost"
        else:
            if self._exit is None:
                return
            self._outcome = self._stopping or "exited"
        self._ended_us = clock.wall_us()

    def _enforce_limits(self, now: float, boot: float) -> None:
        if self._kill_at is not None:
            return
        if self._timeout_at is not None and now >= self._timeout_at:
            self.stop("timeout")
        elif self.order.deadline_boot is not None and boot >= self.order.deadline_boot:
            self.stop("deadline")

    def _begin_kill(self, now: float) -> None:
        if self._kill_at is None and self._drain_until is None:
            self._kill_at = now + self.order.kill_grace_s
            self._terminate()

    def _terminate(self) -> None:
        """TERM to each process of the tree, once."""
        reached = tree.terminate(self.mark, self.pid, spare=self._reached)
        self._reached |= reached
        self._count(reached)

    def _count(self, reached: set[tuple[int, int]]) -> None:
        if self._outcome is not None:
            self._leftovers_killed |= reached

    def _settle(self, now: float) -> None:
        stopping = self._stopping is not None
        if (self.order.leftovers == "leave" and not stopping) or not self._surroundings.has_leftovers(self):
            self._drain_until = now + DRAIN_SECONDS
            if self.order.leftovers == "wait":
                self._ended_us = clock.wall_us()
        elif self._kill_at is not None:
            # While the main process lived, what appeared after the first TERM may have been its cleaning up.
            self._terminate()
        elif self.order.leftovers == "kill":
            self._begin_kill(now)

    def _close_pipe(self, pipe: int) -> None:
        self._surroundings.unwatch_pipe(pipe)
        if self._maskers:
            self._write_masked(pipe, self._maskers[pipe].finish())
        del self._pipes[pipe]
        os.close(pipe)
