"""Python files being loaded on threads of their own, so that a slow one holds up neither the others nor the engine."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.jobfiles.reading import FileReading

PATIENCE_S = 1.0
"""How long one reading of all files waits for those that are being loaded, all together."""


@dataclass(slots=True)
class _Load:
    work: Callable[[], FileReading]
    digest: str
    done: threading.Event = field(default_factory=threading.Event)
    reading: FileReading | None = None
    error: BaseException | None = None


class Loads:
    """What is being loaded, kept from one reading to the next. For one thread at a time.

    `patience`: seconds that a reading waits for all of them; None: until they are loaded, each within its own limit.
    """

    def __init__(self, patience: float | None = PATIENCE_S) -> None:
        self._patience = patience
        self._loads: dict[str, _Load] = {}
        self._clock = SystemClock()
        self._slots = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))

    def begin(self, path: str, digest: str, work: Callable[[], FileReading]) -> None:
        """Begin to load this content of a file, unless that is under way."""
        load = self._loads.get(path)
        if load is None or load.digest != digest:
            load = self._loads[path] = _Load(work, digest)
            # A daemon: the end of the program does not wait for a file that never ends.
            threading.Thread(target=self._run, args=(load,), name="job file", daemon=True).start()

    def _run(self, load: _Load) -> None:
        with self._slots:
            try:
                load.reading = load.work()
            except BaseException as error:  # noqa: BLE001 - it is handed to whoever reads
                load.error = error
        load.done.set()

    def finished(self, wanted: dict[str, str]) -> dict[str, FileReading]:
        """Those of `wanted` (path → digest) that are loaded, or become so in time. Forgets them and all others' past.

        Raises what a load raised.
        """
        self._loads = {path: load for path, load in self._loads.items() if path in wanted}
        end = None if self._patience is None else self._clock.read().monotonic + self._patience
        for load in self._loads.values():
            load.done.wait(None if end is None else max(0.0, end - self._clock.read().monotonic))
        loaded = {path: load for path, load in self._loads.items() if load.done.is_set()}
        self._loads = {path: load for path, load in self._loads.items() if path not in loaded}
        return {path: _result(load) for path, load in loaded.items() if load.digest == wanted[path]}


def _result(load: _Load) -> FileReading:
    if load.error is not None:
        raise load.error
    assert load.reading is not None
    return load.reading
