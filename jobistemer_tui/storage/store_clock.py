"""A store that has a clock of its own, which all of its nodes can be measured against."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Protocol, runtime_checkable

MOST_OFFSET: Final = timedelta(seconds=30)
"""A clock that is further from the store's would start runs at the wrong time."""


@runtime_checkable
class TimedStore(Protocol):
    """A store on a server."""

    def server_time(self) -> datetime:
        """What the server's clock says now, aware UTC; blocking. Raises StoreUnavailable."""
