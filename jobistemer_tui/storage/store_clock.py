"""A store that has a clock of its own, which all of its nodes can be measured against."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable


@runtime_checkable
class TimedStore(Protocol):
    """A store on a server."""

    def server_time(self) -> datetime:
        """What the server's clock says now, aware UTC; blocking. Raises StoreUnavailable."""
