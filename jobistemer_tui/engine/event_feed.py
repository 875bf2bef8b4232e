"""Tells a listener each event once, in commit order."""

from __future__ import annotations

from collections.abc import Callable

from jobistemer_tui.domain.records import Event
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE


class EventFeed:
    """Reads on from where it was; events from before it was made are not told."""

    def __init__(self, store: Store, listener: Callable[[Event], None]) -> None:
        self._store = store
        self._listener = listener
        newest = store.read(lambda reader: reader.scan(EVENTS_BY_SEQUENCE, reverse=True, limit=1))
        self._told = newest[0].sequence if newest else 0

    def tell(self) -> None:
        """Tell what has been committed since the last call."""
        for event in self._store.read(lambda reader: reader.scan(EVENTS_BY_SEQUENCE, low=self._told + 1)):
            self._told = event.sequence
            self._listener(event)
