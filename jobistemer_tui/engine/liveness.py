"""Who is alive, judged from evidence alone: what a lock shows, and for how long it has shown it (hazards 1 and 12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol
from uuid import UUID

from jobistemer_tui.domain.records import Node
from jobistemer_tui.engine.host import machine_id
from jobistemer_tui.storage.presence import Sight

LOST_AFTER_S = 300.0
"""How long the lock of another host's engine has to be seen free before its work is taken."""
HELD_FOR_S = 60.0
"""How long an observer has to have held its own lock before it judges others."""


class Liveness(Protocol):
    """What an engine may conclude about another one that owns something."""

    place: str
    """Where this engine and its supervisor are; kept in the node's row as `machine_id`."""

    def is_gone(self, owner: UUID, node: Node | None) -> bool:
        """Whether what this engine owned may be taken: adopted if it was in our place, else reaped.

        `node` is its row in the registry; what has none recorded a command (`exec`).
        """


class TheOnlyEngine:
    """An embedded store: we hold its engine lock, so every other engine is gone."""

    def __init__(self) -> None:
        self.place = machine_id()

    def is_gone(self, owner: UUID, node: Node | None) -> bool:
        """Whoever it was."""
        return True


class OneOfMany:
    """A store on a server. Whoever was in our place is gone, for we hold the lock of that place.

    Any other has to be declared lost first, which an `Observer` or a person does.
    """

    def __init__(self, nodes_dir: Path, recorded_here: Callable[[UUID], bool]) -> None:
        self.place = f"{machine_id()} {nodes_dir}"
        self._recorded_here = recorded_here

    def is_gone(self, owner: UUID, node: Node | None) -> bool:
        """A recorded command is looked after in the place where it ran."""
        if node is None:
            return self._recorded_here(owner)
        return node.machine_id == self.place or node.lost_at is not None


class Observer:
    """Since when each lock has been seen free, by this engine's own monotonic clock; nothing else counts.

    All that was seen counts for nothing once another run of the server answers, the server did not answer, our own
    lock was not ours, or we did not look for half of `lost_after` (we were stopped ourselves).
    """

    def __init__(self, lost_after_s: float = LOST_AFTER_S) -> None:
        self._lost_after = lost_after_s
        self._server = ""
        self._looked_at: float | None = None
        self._held_since: float | None = None
        self._free_since: dict[UUID, float] = {}
        self._seen_at: float | None = None

    @property
    def look_every_s(self) -> float:
        """Seconds from one look to the next."""
        return min(5.0, self._lost_after / 10)

    def see(self, sight: Sight, nodes: Iterable[UUID], at: float) -> None:
        """Take in a look at these nodes, made at `at` (seconds, monotonic)."""
        paused = self._looked_at is None or at - self._looked_at > self._lost_after / 2
        if paused or not sight.mine or sight.server != self._server:
            self._free_since.clear()
            self._held_since = None
        if sight.mine and self._held_since is None:
            self._held_since = at
        self._server, self._looked_at = sight.server, at
        if sight.mine:
            self._seen_at = at
        free = [node for node in nodes if node not in sight.alive]
        self._free_since = {node: self._free_since.get(node, at) for node in free}

    def see_nothing(self) -> None:
        """The server did not answer."""
        self._free_since.clear()
        self._held_since = self._looked_at = None

    def lost(self, at: float, theirs: Mapping[UUID, float]) -> dict[UUID, float]:
        """The nodes that may be declared lost, and for how many seconds each has been seen free.

        `theirs`: the `lost_after` of each by its own settings, in seconds. The longer one counts: a node that is cut
        off takes half of its own before it kills what may not overlap.
        """
        if self._held_since is None or at - self._held_since < min(HELD_FOR_S, self._lost_after):
            return {}
        free = {node: at - since for node, since in self._free_since.items()}
        return {node: seconds for node, seconds in free.items() if seconds >= self.patience(node, theirs)}

    def patience(self, node: UUID, theirs: Mapping[UUID, float]) -> float:
        """Seconds for which the lock of a node has to be seen free."""
        return max(self._lost_after, theirs.get(node, 0.0))

    def is_cut_off(self, at: float) -> bool:
        """Whether our own lock has not been seen for so long that others may soon take what we run."""
        if self._seen_at is None:
            self._seen_at = at
        return at - self._seen_at >= self._lost_after / 2
