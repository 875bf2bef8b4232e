"""How engines that share a store on a server show each other that they are alive: evidence, never permission."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, runtime_checkable
from uuid import UUID

from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Store


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look at the server showed.

    `server` says which run of which server answered. `mine`: the lock of the one who looks was held by its own session.
    `alive` are those, of the nodes that were asked about, whose lock is held.
    """

    server: str
    mine: bool
    alive: frozenset[UUID]


class Presence(Protocol):
    """An engine's lock in the store, held by a session of its own; made anew by a look when the session is lost."""

    def look(self, nodes: Iterable[UUID]) -> Sight:
        """Whose locks are held now; blocking. Raises StoreUnavailable if the server does not answer."""

    def close(self) -> None:
        """Let go of the lock."""


@runtime_checkable
class SharedStore(Store, Protocol):
    """A store with `capabilities.many_engines`."""

    def join(self, node_id: UUID) -> Presence:
        """Show that an engine is alive. Raises StoreUnavailable."""

    def alive(self, nodes: Iterable[UUID]) -> frozenset[UUID]:
        """Those of these nodes whose locks are held now. Raises StoreUnavailable."""

    def on_others_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after commits of other processes, within a second; gives the function that stops it."""
