"""The engine in a background thread with an event loop of its own, for a screen.

If another engine serves the store, the worker stands by: it looks every two seconds and takes over once that
engine is gone. An exception in the engine is kept for the screen, and the engine is started again, later after each
crash in a row.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from jobistemer_tui.errors import AlreadyServed
from jobistemer_tui.operations.job_models import EngineRole
from jobistemer_tui.settings.deferred import deferred

if TYPE_CHECKING:
    from jobistemer_tui.domain.clock import Clock
    from jobistemer_tui.engine import node_options
    from jobistemer_tui.engine.node import Node
    from jobistemer_tui.engine.node_options import StopMode
    from jobistemer_tui.operations import engine_crash
    from jobistemer_tui.operations.engine_crash import EngineCrash
else:
    node_options = deferred("jobistemer_tui.engine.node_options")
    engine_crash = deferred("jobistemer_tui.operations.engine_crash")

log = logging.getLogger(__name__)
STAND_BY = timedelta(seconds=2)


class EngineWorker:
    """One engine at a time, made anew by `make_node` for each try; start it once, stop it once."""

    def __init__(self, make_node: Callable[[], Node], clock: Clock) -> None:
        self._make_node = make_node
        self._clock = clock
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)
        self._guard = threading.Lock()
        self._node: Node | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._how: StopMode | None = None
        self._role = EngineRole.NONE
        self._crash: EngineCrash | None = None
        self._served_since: datetime | None = None

    @property
    def role(self) -> EngineRole:
        """How this process stands to the engine of the store."""
        return self._role

    @property
    def crash(self) -> EngineCrash | None:
        """The newest crash of the engine; None if it never crashed."""
        return self._crash

    def start(self) -> None:
        """Start the thread; gives at once."""
        self._thread.start()

    def stop(self, *, how: str) -> None:
        """Stop the engine (`handover`, `drain` or `cancel`) and wait for its thread; asking again skips the waiting."""
        with self._guard:
            self._how = node_options.StopMode(how)
            if self._node is not None:
                self._node.stop(self._how)
            if self._loop is not None and self._stopping is not None:
                self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread.is_alive():
            self._thread.join()

    def _main(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        with self._guard:
            self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        while not self._is_stopping():
            next_try = await self._serve_once()
            await self._clock.wait(self._stopping, next_try)
        with self._guard:
            self._loop = None

    def _is_stopping(self) -> bool:
        with self._guard:
            return self._how is not None

    async def _serve_once(self) -> datetime:
        """Serve until stopped, refused or crashed; gives the time of the next try."""
        self._served_since = None
        try:
            await self._serve_with(self._make_node())
        except AlreadyServed:
            self._role = EngineRole.ATTACHED
            return self._clock.now() + STAND_BY
        except Exception as error:  # the screen shows it and stays; the engine is started again
            log.exception("the engine crashed")
            self._crash = engine_crash.crashed(error, self._crash, self._served_since, self._clock.now())
            self._role = EngineRole.CRASHED
            return self._crash.retry_at
        self._role = EngineRole.NONE
        return self._clock.now()

    async def _serve_with(self, node: Node) -> None:
        with self._guard:
            if self._how is not None:
                return
            self._node = node
        try:
            await node.run(on_ready=self._on_ready)
        finally:
            with self._guard:
                self._node = None

    def _on_ready(self) -> None:
        self._served_since = self._clock.now()
        self._role = EngineRole.SERVING
