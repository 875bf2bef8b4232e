"""Records the run of a command that this process runs itself; never stands in its way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.domain.policies import DEFAULTS
from jobistemer_tui.domain.task_run_moves import AttemptEnd
from jobistemer_tui.engine import external
from jobistemer_tui.engine.engine_lock import EngineLock
from jobistemer_tui.engine.supervisor.log_format import STDOUT
from jobistemer_tui.engine.supervisor.log_writer import LogWriter
from jobistemer_tui.engine.transactions.advance import advance
from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Store

PATIENCE_S = 5.0
"""How long the store may take before the command is started without waiting for it."""
_EARLY_BYTES = 1024 * 1024
_TASK = "main"


@dataclass(frozen=True, slots=True)
class RecordedIn:
    """An open store, its folders, and how to close it."""

    store: Store
    nodes_dir: Path
    attempts_dir: Path
    close: Callable[[], None]


class Recorder:
    """The record of one run: `begin` it, `write` its output, `end` it. None of them raises for the store's sake.

    `open_store` opens the store, on a thread of the recorder's own; `warn` is told, once, why there is no record.
    """

    def __init__(
        self, job: str, program: str, clock: Clock, open_store: Callable[[], RecordedIn], warn: Callable[[str], None]
    ) -> None:
        self._definition = JobDefinition(
            key=job, name=job, tasks=(TaskDefinition(_TASK, command=(program,)),), cwd="/",
            description="Run by something else; recorded by jobistemer exec",
        )  # fmt: skip
        self._clock = clock
        self._open = open_store
        self._warn = warn
        self._id = identity.new_incarnation()
        self._owner = external.recording(self._id)
        self._begun: Future[_Begun] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recorder")
        self._output = _Output()

    def begin(self) -> None:
        """Make the run's rows before the command starts, if the store answers in time."""
        request = identity.new_request_id()
        self._begun = self._thread.submit(self._begin, request)
        try:
            self._begun.result(PATIENCE_S)
        except TimeoutError:
            return  # it may still come, and is asked again at the end
        except Exception as error:  # noqa: BLE001  # whatever is wrong with the record, the command has to run
            self._no_record(error)

    def write(self, data: bytes, stream: int = STDOUT) -> None:
        """Keep a piece of output."""
        self._output.write(data, stream, int(self._clock.now().timestamp() * 1_000_000))

    def end(self, end: AttemptEnd) -> None:
        """Record how it ended, and let go of the store."""
        if self._begun is not None:
            self._thread.submit(self._end, self._begun, end)
            self._thread.shutdown(wait=True)

    def _begin(self, request: UUID) -> _Begun:
        where = self._open()
        try:
            now = self._clock.now()
            external.reap_dead(where.store, where.nodes_dir, self._owner, now)
            lock = external.hold(where.nodes_dir, self._id, now)
            try:
                _, attempt = where.store.write(
                    lambda tx: external.begin_external(tx, self._owner, self._definition, request, now)
                )
            except BaseException:
                external.let_go(where.nodes_dir, self._id, lock)
                raise
        except BaseException:
            where.close()
            raise
        self._output.keep_in(where.attempts_dir / str(attempt.id))
        return _Begun(where, lock, attempt.id)

    def _end(self, begun: Future[_Begun], end: AttemptEnd) -> None:
        if begun.exception() is not None:
            self._no_record(begun.exception())
            return
        found = begun.result()
        self._output.finish()
        try:
            found.where.store.write(lambda tx: advance(tx, self._owner, found.attempt, end, end.finished_at))
        except Exception as error:  # noqa: BLE001  # the exit code of the command is what counts
            self._no_record(error)
        finally:
            external.let_go(found.where.nodes_dir, self._id, found.lock)
            with suppress(JobistemerError):
                found.where.close()

    def _no_record(self, error: BaseException | None) -> None:
        warn, self._warn = self._warn, lambda _: None
        warn(f"this run is not recorded: {error}")


@dataclass(frozen=True, slots=True)
class _Begun:
    where: RecordedIn
    lock: EngineLock
    attempt: UUID


class _Output:
    """What is kept of the output: in its folder, and before there is one in memory, as far as that is not much."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._early: list[tuple[bytes, int, int]] = []
        self._early_bytes = 0
        self._log: LogWriter | None = None

    def write(self, data: bytes, stream: int, at_us: int) -> None:
        """Keep a piece."""
        with self._lock:
            if self._log is not None:
                self._log.write(memoryview(data), stream, at_us)
            elif self._early_bytes < _EARLY_BYTES:
                self._early.append((data, stream, at_us))
                self._early_bytes += len(data)

    def keep_in(self, folder: Path) -> None:
        """Make the folder, and keep there what there is and what comes. A disk that fails keeps nothing."""
        head, tail = DEFAULTS["output_head"], DEFAULTS["output_tail"]
        assert isinstance(head, int)
        assert isinstance(tail, int)
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True)
        with self._lock:
            self._log = LogWriter(folder, head, tail)
            for data, stream, at_us in self._early:
                self._log.write(memoryview(data), stream, at_us)
            self._early.clear()

    def finish(self) -> None:
        """Nothing more comes."""
        with self._lock:
            if self._log is not None:
                self._log.finish()
                self._log = None
                self._early_bytes = _EARLY_BYTES
