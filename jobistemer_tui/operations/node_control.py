"""What people see of nodes and do to them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from jobistemer_tui import __version__
from jobistemer_tui.domain.identity import new_incarnation
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.engine import control, poke
from jobistemer_tui.engine.engine_lock import serving_engine
from jobistemer_tui.engine.transactions.nodes import declare_lost
from jobistemer_tui.errors import NotFound, Refused
from jobistemer_tui.operations.nodes import NodeRow, NodeStanding, in_question, node_rows
from jobistemer_tui.schedules.zones import zone_data_version
from jobistemer_tui.storage.read_only import shared_store

if TYPE_CHECKING:
    from jobistemer_tui.domain.clock import Clock
    from jobistemer_tui.domain.records import Detail
    from jobistemer_tui.storage.contract import Store


class NodeControl:
    """The nodes of one store; `nodes_dir` holds the lock of the engine of this home."""

    def __init__(self, store: Store, nodes_dir: Path, clock: Clock, actor: str) -> None:
        self._store = store
        self._nodes_dir = nodes_dir
        self._clock = clock
        self._actor = actor

    def rows(self) -> list[NodeRow]:
        """All nodes, by name."""
        owner = serving_engine(self._nodes_dir)
        here = None if owner is None else owner.node_id
        alive = self._alive(here)
        program = (__version__, zone_data_version())
        return self._store.read(lambda reader: node_rows(reader, alive, here, program))

    def drain(self, name: str, *, reason: str | None = None) -> NodeRow:
        """Let a node begin nothing new, also after it was started again. Raises NotFound."""
        now = self._clock.now()
        self._store.write(partial(control.drain, name=name, reason=reason, now=now, actor=self._actor))
        return self._changed(name)

    def undrain(self, name: str) -> NodeRow:
        """Take that back. Raises NotFound."""
        self._store.write(partial(control.undrain, name=name, now=self._clock.now(), actor=self._actor))
        return self._changed(name)

    def declare_lost(self, name: str) -> NodeRow:
        """Say that a node is gone for good, so that others take what it had. It comes back only as another one.

        Raises NotFound; Refused while its lock is held, if it ended by itself, and where the store can have one engine
        only, whose lock alone says whether it lives.
        """
        row = self._row(name)
        if not self._store.capabilities.many_engines:
            raise Refused(
                "this store has one engine, whose lock says whether it lives: nothing has to be declared",
                hint="the next engine that starts takes over what it had",
            )
        if row.standing is NodeStanding.ALIVE:
            raise Refused(f"the node {name} holds its lock, so it lives", hint="stop it, or wait until its host is off")
        if row.standing is not NodeStanding.SILENT:
            raise Refused(f"the node {name} is {row.standing}: it has nothing in hand that others could take")
        detail: Detail = {"by_hand": True, "seen_at": instant_text(row.seen_at)}
        declared = partial(declare_lost, node_id=row.id, actor=self._actor, now=self._clock.now(), detail=detail)
        self._store.write(declared)
        return self._changed(name)

    def _alive(self, here: UUID | None) -> frozenset[UUID]:
        """The engines whose lock is held now: of an embedded store that of this home's engine, else all of them."""
        store = shared_store(self._store)
        if store is None:
            return frozenset() if here is None else frozenset({here})
        asked = store.read(in_question)
        presence = store.join(new_incarnation())  # a look is made from a session that can hold a lock of its own
        try:
            return presence.look(asked).alive
        finally:
            presence.close()

    def _changed(self, name: str) -> NodeRow:
        poke.poke(self._nodes_dir)
        return self._row(name)

    def _row(self, name: str) -> NodeRow:
        row = next((row for row in self.rows() if row.name == name), None)
        if row is None:
            raise NotFound(f"no node has the name {name}", hint="list them with: jobistemer nodes")
        return row
