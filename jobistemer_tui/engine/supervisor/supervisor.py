"""The supervisor's commands and the attempts it holds."""

from __future__ import annotations

import contextlib
import selectors
from functools import partial

from . import clock, procfs, protocol, reaper, tree
from .attempt import Attempt
from .attempt_files import HANDED_ON, AttemptFiles
from .log_writer import LogWriter
from .mask import forms_of, hide_in_file
from .protocol import BadRequest, Message, Order
from .recovery import Remnant, end_remnants, find_unfinished
from .results import Results, nothing_ran
from .server import Selector, Server
from .spawn import PIPE_BYTES, Spawned, SpawnFailed, spawn
from .sync_points import sync_point

_REMEMBERED_CANCELS = 10_000
_REMNANT_SECONDS = 1.0
_DUE_SECONDS = 1.0
_SMALL_READ = 1 << 16
_LEAVES_ATTEMPTS_ALONE = ("start", "taken", "list")


class Supervisor:
    """Everything the process knows; driven by the loop in `main.py`."""

    def __init__(self, files: AttemptFiles, results: Results, selector: Selector, store_id: str, boot_id: str) -> None:
        self._files = files
        self._results = results
        self._selector = selector
        self._store_id = store_id
        self._boot_id = boot_id
        self._running: dict[str, Attempt] = {}
        self._remnants: dict[str, Remnant] = {}
        self._cancelled: dict[str, None] = {}
        self._buffer = memoryview(bytearray(PIPE_BYTES))
        self._server: Server | None = None
        self._events: list[Message] = []
        self._stirred = True
        self._due: float | None = None
        self._due_until = 0.0
        self.small_reads = 0
        self.draining = False

    def recover(self) -> None:
        """Take over what a dead supervisor left: kill, report lost, keep what was not taken."""
        results, unfinished = find_unfinished(self._files)
        for attempt, result in results.items():
            self._results.load(attempt, result)
        sync_point("supervisor.recovering")
        remnants = [Remnant(id_, self._store_id, self._files, self._boot_id) for id_ in unfinished]
        self._remnants = {remnant.id: remnant for remnant in end_remnants(remnants)}
        for remnant in remnants:
            if remnant.id not in self._remnants:
                self._publish(remnant.result())
        sync_point("supervisor.recovered")

    def serve(self, server: Server) -> None:
        """From now on answer this server's connections."""
        self._server = server
        server.commands = self
        server.on_engine_gone = self._results.sync_soon

    @property
    def running(self) -> bool:
        """True while any attempt runs."""
        return bool(self._running or self._remnants)

    @property
    def busy(self) -> bool:
        """True while anything runs or a result would not survive this process."""
        return self.running or not self._results.settled()

    def stir(self) -> None:
        """Something has happened that `work` must look at before its next due time."""
        self._stirred = True

    def mains(self) -> set[int]:
        """The pids of all main processes."""
        return {attempt.pid for attempt in self._running.values()}

    def work(self, *, due: bool) -> None:
        """Tell what has ended; look at every attempt if that is `due` by the clock or something has happened."""
        if due or self._stirred:
            self._stirred = False
            self._look(clock.monotonic(), clock.boot())
        self._tell()

    def _look(self, now: float, boot: float) -> None:
        self._due = None
        reaper.collect_orphans(self.mains())
        for attempt in list(self._running.values()):
            if attempt.work(now, boot):
                sync_point("supervisor.ended")
                result = attempt.finish()
                sync_point("supervisor.collected")
                result["error"] = result["error"] or self._take_handed_on(attempt)
                del self._running[attempt.order.id]
                self._publish(result)
        for remnant in list(self._remnants.values()):
            if remnant.is_gone():
                del self._remnants[remnant.id]
                self._publish(remnant.result())
        self._results.work(now)

    def _take_handed_on(self, attempt: Attempt) -> str | None:
        """Mask secrets in what a task hands on, all of it, and keep that for the engine; says so if there were any.

        What a task has left running may go on writing to its files: the engine reads what was looked through.
        """
        if not attempt.forms:
            return None
        folder, made = self._files.folder(attempt.order.id), attempt.order.files
        taken = {name: hide_in_file(folder / name, attempt.forms, made.get(name)) for name in HANDED_ON}
        wrong = [f"{name} {why}" for name, (_, why) in taken.items() if why is not None]
        try:
            self._files.keep_handed_on(attempt.order.id, {name: content for name, (content, _) in taken.items()})
        except OSError as error:
            wrong.append(f"what it hands on could not be kept: {error.strerror}")
        return "; ".join(wrong) or None

    def next_due(self) -> float | None:
        """When `work` has something to do at the latest, on the monotonic clock; None: nothing.

        Asked before each wait, and with a thousand tasks it would cost more than all else that a start costs; so
        an answer is good for a second (after which the boot clock may have gone ahead of the monotonic one).
        """
        now = clock.monotonic()
        if self._due is None or now >= self._due_until:
            self._due, self._due_until = self._earliest(now, clock.boot()), now + _DUE_SECONDS
        results_due = self._results.next_due()
        return min((due for due in (self._due, results_due) if due is not None), default=None)

    def _earliest(self, now: float, boot: float) -> float | None:
        times = [attempt.next_due(now, boot) for attempt in self._running.values()]
        if self._remnants:
            times.append(now + _REMNANT_SECONDS)
        return min(times, default=None)

    # --- what an attempt needs

    def watch_pipe(self, pipe: int, attempt: Attempt) -> None:
        """See `Surroundings`."""
        self._selector.register(pipe, selectors.EVENT_READ, partial(self._read, attempt, pipe))

    def _read(self, attempt: Attempt, pipe: int) -> None:
        if 0 < attempt.read(pipe, self._buffer) < _SMALL_READ:
            self.small_reads += 1

    def unwatch_pipe(self, pipe: int) -> None:
        """See `Surroundings`."""
        self._selector.unregister(pipe)
        self._stirred = True

    def has_leftovers(self, attempt: Attempt) -> bool:
        """See `Surroundings`: whatever outlives a main process has a forebear among our own children."""
        for pid in procfs.own_children() - self.mains():
            process = procfs.read_process(pid)
            if process is None or process.dead:
                continue
            if process.session == attempt.pid or attempt.mark.is_on(pid):
                return True
        return False

    # --- commands

    def answer(self, command: str, message: Message) -> Message:
        """See `Commands`."""
        self._stirred = self._stirred or command not in _LEAVES_ATTEMPTS_ALONE
        match command:
            case "list":
                return self._list()
            case "start":
                return self._start(protocol.parse_order(message))
            case "cancel":
                return self._cancel(protocol.attempt_id(message))
            case "void":
                return self._void(protocol.attempt_id(message))
            case "taken":
                self._results.take(protocol.attempt_id(message))
                sync_point("supervisor.took")
                return {"taken": True}
            case "drain":
                self.draining = True
                return {"draining": True}
            case _:
                raise BadRequest(f"unknown command {command}")

    def _list(self) -> Message:
        running: list[Message] = [
            {"id": attempt.order.id, "pid": attempt.pid, "started_at": attempt.started_at}
            for attempt in self._running.values()
        ]
        running += [
            {"id": remnant.id, "pid": None, "started_at": remnant.started_at} for remnant in self._remnants.values()
        ]
        return {"running": running, "finished": self._results.all()}

    def _start(self, order: Order) -> Message:
        if order.id in self._running or order.id in self._remnants or self._results.get(order.id):
            return {"started": False, "exists": True}
        if self.draining:
            return {"error": "draining", "message": "the supervisor is ending; connect again"}
        try:
            # The marker comes first, so that a successor looks for whatever the folder stands for.
            if self._files.folder_exists(order.id):
                return {"started": False, "exists": True}
            self._files.mark_live(order.id)
            sync_point("supervisor.marked")
            if not self._files.make_folder(order.id):
                return {"started": False, "exists": True}
            sync_point("supervisor.made_folder")
            for name, text in order.files.items():
                self._files.make_file(order.id, name, text)
        except OSError as error:
            with contextlib.suppress(OSError):  # what takes no room: with the folder, no later START is obeyed
                self._files.make_folder(order.id)
            return self._fail(order, "not_started", f"no room for the attempt's files: {error.strerror}")
        if order.id in self._cancelled:
            del self._cancelled[order.id]
            return self._fail(order, "canceled", None)
        return self._spawn(order)

    def _spawn(self, order: Order) -> Message:
        mark = tree.mark_of(self._store_id, order.id)
        try:
            spawned = spawn(order, mark)
        except SpawnFailed as failure:
            return self._fail(order, failure.outcome, failure.text)
        sync_point("supervisor.spawned")
        log = LogWriter(self._files.folder(order.id), order.head_bytes, order.tail_bytes)
        forms = forms_of([order.env[name] for name in order.secrets if name in order.env])
        attempt = Attempt(order, mark, spawned, log, self, forms)
        self._running[order.id] = attempt
        if self._due is not None:
            self._due = min(self._due, attempt.next_due(clock.monotonic(), clock.boot()))
        self._record(attempt, spawned)
        sync_point("supervisor.recorded")
        return {"started": True, "pid": attempt.pid, "started_at": attempt.started_at}

    def _record(self, attempt: Attempt, spawned: Spawned) -> None:
        process = procfs.read_process(spawned.pid)
        record: Message = {
            "pid": spawned.pid,
            "session": spawned.pid,
            "started": process.started if process else 0,
            "started_at": attempt.started_at,
            "tail_bytes": attempt.order.tail_bytes,
        }
        with contextlib.suppress(OSError):  # a successor would find the process by its mark
            self._files.record_process(attempt.order.id, record)

    def _fail(self, order: Order, outcome: str, text: str | None) -> Message:
        """Nothing was spawned: the result follows the answer."""
        self._publish(nothing_ran(order.id, outcome, text))
        return {"started": True, "pid": None, "started_at": None}

    def _cancel(self, attempt: str) -> Message:
        if attempt in self._running:
            self._running[attempt].stop("canceled")
            return {"state": "running"}
        if attempt in self._remnants:
            return {"state": "running"}
        if self._files.folder_exists(attempt):
            return {"state": "finished"}
        self._cancelled[attempt] = None
        if len(self._cancelled) > _REMEMBERED_CANCELS:
            del self._cancelled[next(iter(self._cancelled))]
        return {"state": "unknown"}

    def _void(self, attempt: str) -> Message:
        if attempt in self._running or attempt in self._remnants:
            return {"voided": False, "state": "running", "result": None}
        result = self._results.get(attempt) or self._files.read_result(attempt)
        if result is None:
            if self._files.make_folder(attempt):
                self._files.make_tombstone(attempt)
                return {"voided": True}
            if self._files.is_tombstone(attempt):
                return {"voided": True}
            # Somebody made the folder and left nothing in it: whether it ran, nobody knows.
            result = {**nothing_ran(attempt, "lost", "supervisor_lost"), "durable": False}
        return {"voided": False, "state": "finished", "result": result}

    def _publish(self, result: Message) -> None:
        listens = self._server is not None and self._server.engine_listens
        self._events.append(self._results.add(result, engine_listens=listens))

    def _tell(self) -> None:
        """Push what has ended; only now, so that the answer to its START is on its way before."""
        told, self._events = self._events, []
        if told and self._server is not None:
            sync_point("supervisor.published")
            self._server.push([{"event": "finished", "result": result} for result in told])
            sync_point("supervisor.told")
