"""Adopt everything of this host that a dead engine owned, only then reap the rest: at the start, and in each sweep."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from uuid import UUID

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.records import Node, Occurrence
from jobistemer_tui.engine.host import boot_id
from jobistemer_tui.engine.liveness import Liveness, TheOnlyEngine
from jobistemer_tui.engine.owned import owned, owned_by, running_tries
from jobistemer_tui.engine.runner import Runner
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.supervisor_client import SupervisorUnavailable
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.engine.transactions.takeover import Evidence, adopt, reap
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.settings.sync_points import sync_point
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import NODES

log = logging.getLogger(__name__)


class Takeover:
    """The order is lock → adopt → reap (hazard 1); `liveness` gives the evidence.

    `is_loaded`: whether this engine runs a job, and so may go on with a run of it of which nothing runs.
    """

    def __init__(
        self, store: StoreCalls, clock: Clock, runner: Runner, owner: Callable[[], Owner],
        is_recording: Callable[[UUID], bool] = lambda _: False, liveness: Liveness | None = None,
        is_loaded: Callable[[UUID], bool] = lambda _: True,
    ) -> None:  # fmt: skip
        self._store = store
        self._liveness = liveness or TheOnlyEngine()
        self._is_loaded = is_loaded
        self._is_recording = is_recording
        self._clock = clock
        self._runner = runner
        self._owner = owner

    async def run(self) -> None:
        """Adopt what ran in this place, then reap what an engine elsewhere has left behind."""
        orphans = self.orphans()
        strangers = []
        ours: dict[UUID, Node] = {}
        for row in orphans:
            node = self._store.read(partial(_owner_of, row=row))
            if node is not None and node.machine_id == self._liveness.place:
                ours[row.id] = node
            else:
                strangers.append(row)
        await self._each((row for row in orphans if row.id in ours), lambda row: self._adopt(row, ours[row.id]))
        sync_point("takeover.adopted")
        await self.settle_all()
        await self._each(strangers, self._reap)

    def orphans(self) -> list[Occurrence]:
        """What is live and owned by an engine that is gone; what a living `exec` records is its own."""
        return self._store.read(self._find_orphans)

    def _find_orphans(self, reader: Reader) -> list[Occurrence]:
        me = self._owner().node_id
        others = [row for row in owned(reader) if row.owner != me]
        gone = {
            owner: not self._is_recording(owner) and self._liveness.is_gone(owner, reader.get(NODES, owner))
            for owner in {row.owner for row in others if row.owner is not None}
        }
        return [row for row in others if row.owner is None or gone[row.owner]]

    async def _each(self, rows: Iterable[Occurrence], work: Callable[[Occurrence], Awaitable[None]]) -> None:
        """One row after another; a bad one is left as it is, for a person to see, and stops no other."""
        for row in rows:
            try:
                await work(row)
            except (SupervisorUnavailable, StoreUnavailable):
                raise
            except Exception:  # a person sees it; the others are taken over all the same
                log.exception("occurrence %s cannot be taken over", row.id, extra={"occurrence_id": row.id})

    async def _adopt(self, row: Occurrence, node: Node) -> None:
        owner, now, restarted = self._owner(), self._clock.now(), node.boot_id != boot_id()
        sync_point("takeover.adopting")
        await self._store.write(
            partial(adopt, owner=owner, occurrence_id=row.id, dead=node.id, now=now, restarted=restarted)
        )

    async def settle(self, occurrence_id: UUID) -> None:
        """Ask the supervisor about every running try of an occurrence."""
        for attempt in self._store.read(partial(running_tries, occurrence_id=occurrence_id)):
            await self._runner.settle(attempt)

    async def settle_all(self) -> None:
        """Ask about everything this engine owns: it was just adopted, or the supervisor is another one now."""
        rows = self._store.read(partial(owned_by, node_id=self._owner().node_id))
        await self._each(rows, lambda row: self.settle(row.id))
        sync_point("takeover.settled")
        await self._runner.collect()

    async def _reap(self, row: Occurrence) -> None:
        """Another machine's work: the files of the store were moved here, or its engine was declared lost.

        Or what an `exec` recorded that was killed: nobody knows what became of its command.
        """
        if row.owner is None:
            return
        running = frozenset(attempt.id for attempt in self._store.read(partial(running_tries, occurrence_id=row.id)))
        owner, now = self._owner(), self._clock.now()
        if not running and not self._store.read(partial(self._may_go_on, row=row)):
            return  # nothing of it runs, and whoever has its job takes it up
        if not running:
            await self._store.write(partial(adopt, owner=owner, occurrence_id=row.id, dead=row.owner, now=now))
            return
        evidence = Evidence(row.owner, row.epoch, lost=running, never_started=frozenset())
        log.warning(
            "occurrence %s was left behind by another machine, or by an exec", row.id, extra={"occurrence_id": row.id}
        )
        await self._store.write(partial(reap, owner=owner, occurrence_id=row.id, evidence=evidence, now=now))

    def _may_go_on(self, reader: Reader, row: Occurrence) -> bool:
        owner = self._owner()
        return self._is_loaded(row.job_id) and owner.has_text(owner.definitions.of(reader, row.job_id, row.version))


def _owner_of(reader: Reader, row: Occurrence) -> Node | None:
    return None if row.owner is None else reader.get(NODES, row.owner)
