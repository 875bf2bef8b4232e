"""Who wants to hear of commits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

Listener = Callable[[], None]

_log = logging.getLogger(__name__)


class Listeners:
    """Functions called after each commit; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[object, Listener] = {}

    def add(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` from now on; gives the function that stops it (harmless twice)."""
        token = object()
        with self._lock:
            self._listeners[token] = listener

        def stop() -> None:
            with self._lock:
                self._listeners.pop(token, None)

        return stop

    def call(self) -> None:
        """Call each; one that raises is logged and spoils nothing."""
        with self._lock:
            listeners = list(self._listeners.values())
        for listener in listeners:
            try:
                listener()
            except Exception:  # noqa: BLE001 a listener's defect must not undo or hide a commit
                _log.exception("a listener to the store's commits failed")
