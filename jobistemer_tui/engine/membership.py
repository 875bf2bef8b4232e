"""One engine among many: shows that it is alive, watches the others, and acts when either can no longer be seen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from uuid import UUID

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.policies import OverlapPolicy
from jobistemer_tui.domain.states import AttemptState
from jobistemer_tui.engine.liveness import LOST_AFTER_S, Observer
from jobistemer_tui.engine.owned import owned, owned_by, running_tries
from jobistemer_tui.engine.runner import Runner
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.engine.transactions.nodes import declare_lost, is_lost
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.presence import Presence, SharedStore
from jobistemer_tui.storage.tables import (
    ATTEMPTS,
    NODES,
    OCCURRENCES,
)

log = logging.getLogger(__name__)
HEARD_PAUSE_S = 0.25
"""From one look for what others have committed to the next; the first is at once."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the store says: who else owns something, whether we are lost, and which of our tries may not overlap.

    Of the others their own `lost_after`, in seconds; `lost` are those that own something and were declared lost.
    """

    others: Mapping[UUID, float]
    lost: frozenset[UUID]
    is_lost: bool
    exposed: frozenset[UUID]


class Membership:
    """`join` before anything is owned, then `run` beside the engine's turns.

    `changed` is called, on the loop, when somebody was declared lost, and `heard` when others have committed.
    """

    def __init__(
        self, store: SharedStore, calls: StoreCalls, clock: Clock, runner: Runner, owner: Callable[[], Owner],
        changed: Callable[[], None], heard: Callable[[], None], lost_after_s: float = LOST_AFTER_S,
    ) -> None:  # fmt: skip
        self._store = store
        self._calls = calls
        self._clock = clock
        self._runner = runner
        self._owner = owner
        self._changed = changed
        self._heard_of_others = heard
        self._heard = False
        self._heard_at = 0.0
        self._lost_after_s = lost_after_s
        self._observer = Observer(lost_after_s)
        self._presence: Presence | None = None
        self._exposed: frozenset[UUID] = frozenset()
        self._lost: frozenset[UUID] = frozenset()
        self.is_lost = False
        """Others have declared this engine lost: it has to begin again as another one."""

    async def join(self) -> None:
        """Take the lock of the present incarnation. Raises StoreUnavailable."""
        self.leave()
        self.is_lost, self._exposed, self._lost = False, frozenset(), frozenset()
        self._observer = Observer(self._lost_after_s)
        self._presence = await asyncio.to_thread(self._store.join, self._owner().node_id)
        self._loop = asyncio.get_running_loop()
        self._stop_hearing = self._store.on_others_change(self._hear)

    def leave(self) -> None:
        """Let go of the lock."""
        presence, self._presence = self._presence, None
        if presence is not None:
            self._stop_hearing()
            presence.close()

    def _hear(self) -> None:
        """Others have committed: on a thread of the store's."""
        with suppress(RuntimeError):  # the loop has ended: nobody looks any more
            self._loop.call_soon_threadsafe(self._look_soon)

    def _look_soon(self) -> None:
        """Many commits are one reason to look."""
        if not self._heard:
            self._heard = True
            pause = self._heard_at + HEARD_PAUSE_S - self._clock.read().monotonic
            self._loop.call_later(max(0.0, pause), self._look_now)

    def _look_now(self) -> None:
        self._heard, self._heard_at = False, self._clock.read().monotonic
        self._heard_of_others()

    def runs(self, attempt_id: UUID) -> bool:
        """Whether a try runs and its occurrence is ours."""
        return self._calls.read(lambda reader: self._is_ours(reader, attempt_id))

    def _is_ours(self, reader: Reader, attempt_id: UUID) -> bool:
        attempt = reader.get(ATTEMPTS, attempt_id)
        if attempt is None or attempt.state is not AttemptState.RUNNING:
            return False
        row = reader.get(OCCURRENCES, attempt.occurrence_id)
        return row is not None and row.owner == self._owner().node_id

    async def run(self) -> None:
        """Look again and again, until we are declared lost."""
        while not self.is_lost:
            try:
                await self.look()
            except Exception:  # a row that makes no sense must not end the engine; what was seen before counts no more
                log.exception("the other engines cannot be judged")
                self._observer.see_nothing()
            await self._clock.wait(asyncio.Event(), self._clock.now() + timedelta(seconds=self._observer.look_every_s))

    async def look(self) -> None:
        """One look at our own lock and those of others, and what follows from it."""
        assert self._presence is not None, "it has joined"
        try:
            facts = await self._calls.read_long(self._facts)
            sight = await asyncio.to_thread(self._presence.look, facts.others)
        except StoreUnavailable as error:
            self._calls.complain(error)
            self._observer.see_nothing()
        else:
            self._exposed = facts.exposed
            self._observer.see(sight, facts.others, self._now())
            await self._act(facts)
        if self._observer.is_cut_off(self._now()):
            self._runner.cut_off(self._exposed)

    async def _act(self, facts: _Facts) -> None:
        if facts.is_lost:
            log.error("this engine was declared lost: it begins again as another one")
            self.is_lost = True
            self._changed()
            return
        if facts.lost - self._lost:  # by another engine or a person: what they own is to be taken over now
            self._changed()
        self._lost = facts.lost
        for node, seconds in self._observer.lost(self._now(), facts.others).items():
            detail = {"free_s": round(seconds), "lost_after_s": self._observer.patience(node, facts.others)}
            declared = partial(
                declare_lost, node_id=node, actor=self._owner().actor, now=self._clock.now(), detail=detail
            )
            if await self._calls.write(declared):
                log.warning("node %s is lost: its lock was free for %d s", node, seconds)
                self._changed()

    def _facts(self, reader: Reader) -> _Facts:
        me = self._owner().node_id
        owners = {row.owner for row in owned(reader) if row.owner is not None and row.owner != me}
        known = [node for node in (reader.get(NODES, owner) for owner in owners) if node is not None]
        return _Facts(
            {node.id: node.lost_after_s or 0.0 for node in known if node.lost_at is None},
            frozenset(node.id for node in known if node.lost_at is not None),
            is_lost(reader, me),
            self._exposed_tries(reader, me),
        )

    def _exposed_tries(self, reader: Reader, me: UUID) -> frozenset[UUID]:
        """Our running tries of jobs that may not overlap: whoever takes them over might start the job beside them."""
        definition = self._owner().definitions.of
        return frozenset(
            attempt.id
            for row in owned_by(reader, me)
            if definition(reader, row.job_id, row.version).policies.overlap is not OverlapPolicy.ALLOW
            for attempt in running_tries(reader, row.id)
        )

    def _now(self) -> float:
        """Seconds on the clock that goes on through a sleep: who slept has not looked."""
        return self._clock.read().boot
