"""One run of a job in this terminal: by the engine that serves, else by one that is there for this run alone."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING
from uuid import UUID

from jobistemer_tui.cli import output
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.headless import Engine
from jobistemer_tui.cli.requests import printer, told_end
from jobistemer_tui.cli.waiting import watch
from jobistemer_tui.domain.identity import new_request_id
from jobistemer_tui.errors import AlreadyServed, Refused
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.read_models import EngineRole, OccurrenceDetail
from jobistemer_tui.wiring import make_node, stop_node

if TYPE_CHECKING:
    from jobistemer_tui.wiring import Opened

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_in_foreground(
    opened: Opened, job: str, roots: Sequence[Path], *, params: Mapping[str, str], force: bool, as_json: bool
) -> ExitCode:
    """Run a job now and print what it writes; the exit code is 1 unless it completed, 130 once it was interrupted.

    Raises NotFound; Refused for a job that is not loaded; JobFileError for a `config.toml` that cannot be read.
    """
    request = new_request_id()
    with _engine(opened, roots, request):
        operations = opened.operations
        if not operations.job(job).row.loaded:
            raise Refused(f"{job} is not loaded by the engine", hint="see what is wrong with: jobistemer check")
        made = operations.trigger(job, request=request, params=params, force=force, reason="run --foreground")
        interrupted = _Interruption(operations, made.occurrence_id)
        with interrupted.heard():
            show = printer(operations, job, made.occurrence_id, as_json=as_json, single=False)
            stopped = watch(operations, made.occurrence_id, each=interrupted.before(show))
        code = told_end(operations, job, made.occurrence_id, stopped)
        return ExitCode.INTERRUPTED if interrupted.count else code


class _Interruption:
    """The first signal cancels the run, with its job's grace; the second leaves it to the supervisor."""

    def __init__(self, operations: Operations, occurrence_id: UUID) -> None:
        self._operations = operations
        self._occurrence_id = occurrence_id
        self._asked = False
        self.count = 0

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Signals are only counted inside: what they ask for is done at the next look."""
        before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, *_: object) -> None:
        self.count += 1

    def before(self, show: Callable[[OccurrenceDetail], None]) -> Callable[[OccurrenceDetail], None]:
        """`show`, after what signals ask for. Raises KeyboardInterrupt for the second."""

        def look(detail: OccurrenceDetail) -> None:
            if self.count and not self._asked:
                self._asked = True
                output.talk("cancelling; once more leaves it to end by itself")
                with suppress(Refused):  # it has ended meanwhile
                    self._operations.cancel(self._occurrence_id, reason="interrupted")
            if self.count > 1:
                raise KeyboardInterrupt
            show(detail)

        return look


@contextmanager
def _engine(opened: Opened, roots: Sequence[Path], request: UUID) -> Iterator[None]:
    """An engine serves inside: the one that is there, or one of our own that starts nothing but this request."""
    if opened.operations.engine().role is not EngineRole.NONE:
        yield
        return
    node = make_node(opened, roots, only=request)
    own = _OwnEngine(node)
    own.start()
    own.ready.wait()
    try:
        if own.error is not None and not isinstance(own.error, AlreadyServed):
            raise own.error
        yield
    finally:
        stop_node(node, "handover")
        own.join()


class _OwnEngine(Thread):
    """An engine on a thread of its own. `ready` is set once it serves, or has ended with `error`."""

    def __init__(self, node: Engine) -> None:
        super().__init__(name="engine", daemon=True)
        self._node = node
        self.ready = Event()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._node.run(on_ready=self.ready.set))
        except Exception as error:  # noqa: BLE001 - it is raised in the thread that waits
            self.error = error
        finally:
            self.ready.set()
