"""An engine without a screen: signals, errands, and what its end means."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol
from uuid import UUID

from jobistemer_tui.cli import output
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.domain.identity import new_request_id
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.settings.quick_dataclass import dataclass

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Errand:
    """What to do before stopping: run jobs, serve for some seconds (None: for ever), or until nothing is left."""

    triggers: tuple[str, ...]
    seconds: float | None
    until_idle: bool


class Engine(Protocol):
    """What is asked of the engine. `metrics_url` is where it serves metrics, None where it does not."""

    metrics_url: str | None

    async def run(self, *, on_ready: Callable[[], None] | None = None) -> None:
        """Serve until stopped."""

    async def wait_until_idle(self) -> None:
        """Return when nothing runs, waits or is about to be due."""


class Headless:
    """Runs an engine once; make it and await `run`. `stop` asks it to stop; asking again skips the waiting."""

    def __init__(self, node: Engine, stop: Callable[[], None], operations: Operations, errand: Errand) -> None:
        self._node = node
        self._stop = stop
        self._operations = operations
        self._errand = errand
        self._triggered: list[UUID] = []
        self._failure: JobistemerError | None = None
        self._interrupted = False

    async def run(self) -> int:
        """The exit code. Raises what the node raises, and NotFound for a job to be run that does not exist."""
        ready = asyncio.Event()
        errand = asyncio.create_task(self._run_errand(ready))
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._on_signal, number)
        try:
            await self._node.run(on_ready=ready.set)
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)
            errand.cancel()
            with suppress(asyncio.CancelledError):
                await errand
        if self._failure is not None:
            raise self._failure
        return ExitCode.INTERRUPTED if self._interrupted else await asyncio.to_thread(self._outcome)

    def _on_signal(self, number: signal.Signals) -> None:
        self._interrupted |= number is signal.SIGINT
        output.talk("stopping; once more skips the waiting")
        self._stop()

    async def _run_errand(self, ready: asyncio.Event) -> None:
        await ready.wait()
        if self._node.metrics_url is not None:
            output.talk(f"metrics at {self._node.metrics_url}")
        output.talk("serving")
        try:
            await self._trigger_all()
            await self._serve()
        except JobistemerError as error:
            self._failure = error
        self._stop()

    async def _trigger_all(self) -> None:
        for job in self._errand.triggers:
            made = await asyncio.to_thread(self._operations.trigger, job, request=new_request_id())
            self._triggered.append(made.occurrence_id)

    async def _serve(self) -> None:
        """Return when it is time to stop; without a limit that is never."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._errand.seconds):
                if self._errand.until_idle:
                    await self._node.wait_until_idle()
                else:
                    await asyncio.Event().wait()

    def _outcome(self) -> ExitCode:
        """Whether the jobs that were to be run completed; of interest only to who waited for them."""
        if not self._errand.until_idle:
            return ExitCode.DONE
        states = [self._operations.occurrence(one).row.status for one in self._triggered]
        return ExitCode.DONE if all(state is OccurrenceState.COMPLETED for state in states) else ExitCode.FAILED
