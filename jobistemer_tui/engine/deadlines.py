"""However the wall clock is set: what runs has as long as it was given, and a retry waits as long as it was to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from jobistemer_tui.domain.records import Attempt, Occurrence
from jobistemer_tui.domain.states import AttemptState
from jobistemer_tui.engine.owned import owned_by
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.advance import owned
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.engine.wakefulness import Wakefulness
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import ATTEMPTS, ATTEMPTS_BY_OCCURRENCE, OCCURRENCES

Timed = tuple[Sequence[Occurrence], Sequence[Attempt]]


class Deadlines:
    """Moves the times that the runs of this engine have to keep with each step of the wall clock.

    They are instants, so that the next engine knows them; what the supervisor counts is on the boot clock anyway.
    """

    def __init__(self, store: StoreCalls, owner: Callable[[], Owner], wakefulness: Wakefulness) -> None:
        self._store = store
        self._owner = owner
        self._wakefulness = wakefulness
        self._timed: Timed = ((), ())
        self._step = timedelta(0)
        self._following: asyncio.Task[None] | None = None

    async def follow_clock(self) -> None:
        """Move them by what the clock was set since the last call; whoever comes meanwhile waits for the same write.

        Raises StoreUnavailable, to all who wait; then call it again.
        """
        while self._wakefulness.step or any(self._timed):
            if self._following is None or self._following.done():
                self._following = asyncio.ensure_future(self._follow())
            await asyncio.shield(self._following)

    async def _follow(self) -> None:
        await self._write()
        step = self._wakefulness.step
        if step:
            owner = self._owner()
            is_right = self._wakefulness.is_after_step
            self._timed, self._step = self._store.read(lambda reader: _timed(reader, owner, is_right)), step
            self._wakefulness.step = timedelta(0)
            await self._write()

    async def _write(self) -> None:
        """Write what is left; as it compares, a repetition after an answer that was lost moves nothing twice."""
        if any(self._timed):
            await self._store.write(partial(_move, owner=self._owner(), timed=self._timed, step=self._step))
        self._timed = ((), ())


def _timed(reader: Reader, owner: Owner, is_right: Callable[[datetime | None], bool]) -> Timed:
    """What has a time by the clock before the step; `is_right` says of what began at an instant that it has not."""
    rows = owned_by(reader, owner.node_id)
    tries = [attempt for row in rows for attempt in reader.scan(ATTEMPTS_BY_OCCURRENCE, row.id)]
    waiting = [one for one in tries if one.state is AttemptState.PLANNED and one.not_before is not None]
    running = [row for row in rows if row.deadline_at is not None and not is_right(row.started_at)]
    return running, [one for one in waiting if not is_right(one.created_at)]


def _move(tx: Transaction, *, owner: Owner, timed: Timed, step: timedelta) -> None:
    """Move what is still this engine's."""
    for row in timed[0]:
        current = owned(tx, owner, row.id)
        if current is not None and row.deadline_at is not None and current.deadline_at == row.deadline_at:
            tx.replace(OCCURRENCES, current, replace(current, deadline_at=row.deadline_at + step))
    for attempt in timed[1]:
        waiting = None if owned(tx, owner, attempt.occurrence_id) is None else tx.get(ATTEMPTS, attempt.id)
        if waiting is not None and attempt.not_before is not None and waiting.not_before == attempt.not_before:
            moved = replace(waiting, not_before=attempt.not_before + step, created_at=attempt.created_at + step)
            tx.replace(ATTEMPTS, waiting, moved)
