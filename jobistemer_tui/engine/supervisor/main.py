"""The process: arguments, signals, and the one loop."""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from . import clock, procfs
from .attempt_files import AttemptFiles
from .lock import Lock, bind_socket, unlink_socket
from .results import Results
from .server import Server
from .supervisor import Supervisor
from .sync_points import sync_point
from .syncer import Syncer

_PR_SET_CHILD_SUBREAPER = 36
_LOCK_SECONDS = 2.0
_IDLE_LOCK_SECONDS = 5.0
_PIPE_SECONDS = 0.001


def main() -> None:
    """Run a supervisor: NODES ATTEMPTS STORE_ID [--idle-seconds N] [--detach].

    With `--detach` the calling process returns at once and the supervisor goes on as nobody's child. Ends with
    code 0 when another one holds the lock.
    """
    nodes, attempts, store_id, idle_seconds, detach = _arguments(sys.argv[1:])
    if detach and os.fork():
        os._exit(0)
    lock = Lock.take(nodes)
    if lock is None:
        return
    sync_point("supervisor.locked")
    os.chdir("/")
    wake = _prepare_process()
    Process(nodes, attempts, store_id, lock, wake, idle_seconds).run()


def _arguments(words: list[str]) -> tuple[Path, Path, str, float, bool]:
    nodes, attempts, store_id, *options = words
    idle = float(options[options.index("--idle-seconds") + 1]) if "--idle-seconds" in options else 30.0
    return Path(nodes), Path(attempts), store_id, idle, "--detach" in options


def _prepare_process() -> socket.socket:
    """Signals, orphans, and a socket that becomes readable with each signal."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    # What is ignored here would be ignored by every task; Popen restores the two that Python ignores itself.
    for number in signal.valid_signals() - {signal.SIGPIPE, signal.SIGXFSZ}:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot become the parent of the tasks' orphans")
    wake, alarm = socket.socketpair()
    wake.setblocking(False)
    alarm.setblocking(False)
    signal.set_wakeup_fd(alarm.detach(), warn_on_full_buffer=False)
    return wake


class Process:
    """The loop around a Supervisor and its Server."""

    def __init__(
        self, nodes: Path, attempts: Path, store_id: str, lock: Lock, wake: socket.socket, idle_seconds: float
    ) -> None:
        self._nodes = nodes
        self._lock = lock
        self._wake = wake
        self._idle_seconds = idle_seconds
        self._selector = selectors.DefaultSelector()
        boot_id = procfs.boot_id()
        files = AttemptFiles(attempts, boot_id)
        self._syncer = Syncer(files)
        self._results = Results(files, self._syncer)
        self._supervisor = Supervisor(files, self._results, self._selector, store_id, boot_id)
        self._watch(self._syncer.fileno(), self._synced)
        self._watch(wake.fileno(), self._woken)
        self._catch_signals()
        self._supervisor.recover()
        self._server = Server(bind_socket(nodes), self._selector, store_id, boot_id)
        self._supervisor.serve(self._server)
        sync_point("supervisor.serving")
        self._idle_since = self._lock_checked = clock.monotonic()
        self._disowned = False
        self._last_turn = 0.0

    def run(self) -> None:
        """Serve until idle for long enough, or drained."""
        while not self._is_over():
            due = self._supervisor.next_due()
            # Where nothing runs a lock that was replaced does no harm, and what comes in looks at it first.
            pause = _LOCK_SECONDS if self._supervisor.busy else _IDLE_LOCK_SECONDS
            limit = clock.monotonic() + min(pause, self._idle_seconds)
            timeout = min(limit, limit if due is None else due) - clock.monotonic()
            events = self._selector.select(max(timeout, 0))
            self._check_lock()
            # Connections come first: see Server.serve about the order among them.
            events.sort(key=lambda event: event[0].data != self._server.serve)
            self._supervisor.small_reads = 0
            for key, _ in events:
                if self._selector.get_map().get(key.fd) is key:
                    key.data()
            self._let_pipes_fill(len(events))
            self._supervisor.work(due=due is not None and clock.monotonic() >= due)
        self._leave()

    def _let_pipes_fill(self, events: int) -> None:
        """When tasks write in a stream of small pieces, wait a moment: one large read costs what a small one does."""
        now = clock.monotonic()
        if events and events == self._supervisor.small_reads and now - self._last_turn < _PIPE_SECONDS:
            clock.pause(_PIPE_SECONDS)
        self._last_turn = now

    def _is_over(self) -> bool:
        now = clock.monotonic()
        if self._disowned and not self._supervisor.running:
            return True
        if self._supervisor.busy:
            self._idle_since = now
            return False
        if self._supervisor.draining:
            return True
        if self._server.connected:
            self._idle_since = now
        return now - self._idle_since >= self._idle_seconds

    def _leave(self) -> None:
        """Accept nobody, remove the socket, and only then let a successor have the lock."""
        self._server.close()
        if self._lock.is_ours():
            unlink_socket(self._nodes)
        self._lock.release()

    def _check_lock(self) -> None:
        now = clock.monotonic()
        if now - self._lock_checked < _LOCK_SECONDS:
            return
        self._lock_checked = now
        if not self._lock.is_ours():
            self._disowned = True
            self._drain()

    def _watch(self, descriptor: int, callback: Callable[[], None]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, callback)

    def _catch_signals(self) -> None:
        # Handlers rather than SIG_IGN: a task must not inherit an ignored signal.
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, lambda _number, _frame: None)
        signal.signal(signal.SIGTERM, lambda _number, _frame: self._drain())

    def _drain(self) -> None:
        self._supervisor.draining = True

    def _synced(self) -> None:
        for attempt, success in self._syncer.done():
            self._results.synced(attempt, success=success)

    def _woken(self) -> None:
        self._supervisor.stir()
        while True:
            try:
                if not self._wake.recv(4096):
                    return
            except BlockingIOError:
                return
