"""The engine's part that empties the outbox: never in the way of the loop, and taken up again by its successor."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from jobistemer_tui.domain.clock import Clock, Lapse
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Notification, NotificationState
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.known_texts import KnownTexts
from jobistemer_tui.engine.outbox.deliver import deliver, limit_s
from jobistemer_tui.engine.outbox.hook import Surroundings
from jobistemer_tui.engine.planner import AHEAD, is_ahead
from jobistemer_tui.engine.scheduler import first_of
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.outbox import (
    Answer,
    bring_forward,
    give_up,
    is_worn_out,
    release,
    settle,
    take,
    wait_s,
)
from jobistemer_tui.errors import ODDITIES, JobistemerError, NotFound, StoreUnavailable
from jobistemer_tui.settings.sync_points import sync_point
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import NOTIFICATIONS_BY_DUE

log = logging.getLogger(__name__)
AT_ONCE = 16
"""Tries that may be under way at once."""
LEASE_S = 15.0
"""What a try gets beyond its own limit before another may be made, by this engine's successor."""
CLOSE_S = 2.0
"""How long an engine that hands over waits for tries under way."""


class Outbox:
    """Looks for due lines at each turn of the engine, and sends them beside it.

    On a store that several places share only what is told by texts that are, or were, in our own files (`texts`): a
    line may name a program, and what is executed here is not for others to decide. So a line tells nobody either whom
    its job's definition does not name.
    """

    def __init__(
        self, store: StoreCalls, clock: Clock, definitions: Definitions, actor: str, around: Surroundings,
        on_change: Callable[[], None], texts: KnownTexts | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._definitions = definitions
        self._actor = actor
        self._around = around
        self._on_change = on_change
        self._texts = texts
        self._under_way: dict[UUID, asyncio.Task[None]] = {}
        self._taken: dict[UUID, Notification] = {}

    @property
    def busy(self) -> bool:
        """Whether something is being sent."""
        return bool(self._under_way)

    def look(self) -> datetime | None:
        """Begin to send what is due; gives when the next is due (None: nothing waits, or an end will wake us)."""
        now = self._clock.now()
        limit = AT_ONCE + len(self._under_way)
        is_ours = partial(may_send, definitions=self._definitions, texts=self._texts)
        due, next_at = self._store.read(partial(find_due, now=now, limit=limit, is_ours=is_ours))
        for row in due:
            if row.id not in self._under_way and len(self._under_way) < AT_ONCE:
                task = asyncio.ensure_future(self._try(row))
                self._under_way[row.id] = task
                task.add_done_callback(partial(self._done, row.id))
        return next_at

    async def pull_back(self) -> None:
        """Send now what a clock that was ahead has put off (hazard 14); called after each sweep."""
        now = self._clock.now()
        for row in self._store.read(partial(put_off_ahead, now=now)):
            if row.id not in self._under_way:
                await self._store.write(partial(bring_forward, row=row, now=now))

    def _done(self, notification_id: UUID, _: asyncio.Task[None]) -> None:
        self._under_way.pop(notification_id, None)
        self._on_change()

    async def _try(self, row: Notification) -> None:
        try:
            sync_point("outbox.found")
            now = self._clock.now()
            if is_worn_out(row):
                # Tried once more, a program that takes the engine with it would do so for ever.
                error = f"the engine ended during try {row.tries}, the last"
                await self._store.write(partial(give_up, row=row, error=error, actor=self._actor, now=now))
                return
            limit = limit_s(row) + LEASE_S
            taken = await self._store.write(partial(take, row=row, now=now, limit_s=limit))
            if taken is None:
                return
            self._taken[row.id] = taken
            sync_point("outbox.taken")
            answer = await self._answer(taken)
            sync_point("outbox.sent")
            self._taken.pop(row.id, None)
            now = self._clock.now()
            await self._store.write(partial(settle, row=taken, answer=answer, actor=self._actor, now=now))
            if answer.error is not None:
                log.warning("notification %s by %s: %s", row.id, row.channel, answer.error, extra=_ids(row))
        except StoreUnavailable as error:
            self._store.complain(error)
        except Exception:  # one line that cannot be sent must not stop the others; it is tried again after its lease
            log.exception("notification %s failed", row.id, extra=_ids(row))

    async def _answer(self, row: Notification) -> Answer:
        try:
            definition = self._store.read(partial(definition_of, row=row, definitions=self._definitions))
            if not definition.announcements.has(row.channel, row.target):
                return Answer("its job does not say to tell this receiver", final=True)
            return await deliver(row, definition, self._around)
        except StoreUnavailable:
            raise
        except (JobistemerError, OSError, *ODDITIES) as error:
            return Answer(f"it cannot be sent: {error}")

    async def finish(self, wake: asyncio.Event, hurry: asyncio.Event, lapse: Lapse) -> None:
        """Send what is due before the engine ends, within `lapse`; a hurry cuts it short. `wake` is the engine's."""
        self._look_quietly()
        while self._under_way and not hurry.is_set() and not lapse.is_over:
            wake.clear()
            await lapse.wait(wake)
            self._look_quietly()

    def _look_quietly(self) -> None:
        try:
            self.look()
        except StoreUnavailable as error:
            self._store.complain(error)

    async def close(self) -> None:
        """Break off what is under way; the next engine may send it at once."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_S)
        for row in self._taken.values():
            try:
                await self._store.try_write(
                    partial(release, notification_id=row.id, tries=row.tries, now=self._clock.now())
                )
            except StoreUnavailable as error:
                self._store.complain(error)
        self._taken.clear()


def find_due(
    reader: Reader, *, now: datetime, limit: int, is_ours: Callable[[Reader, Notification], bool]
) -> tuple[list[Notification], datetime | None]:
    """At most `limit` lines that are due and ours to send, and when the next of any is."""
    scan = partial(reader.scan, NOTIFICATIONS_BY_DUE, NotificationState.WAITING, high=now)
    due = first_of(scan, partial(is_ours, reader), limit, 0)
    later = reader.scan(NOTIFICATIONS_BY_DUE, NotificationState.WAITING, low=now + timedelta(microseconds=1), limit=1)
    return due, later[0].not_before if later else None


def put_off_ahead(reader: Reader, *, now: datetime) -> list[Notification]:
    """Of the lines put off furthest those that wait longer than their tries can be the reason for."""
    last = reader.scan(NOTIFICATIONS_BY_DUE, NotificationState.WAITING, low=now + AHEAD, reverse=True, limit=AT_ONCE)
    return [row for row in last if is_ahead(row.not_before - timedelta(seconds=_longest_wait_s(row)), now)]


def _longest_wait_s(row: Notification) -> float:
    return max(limit_s(row) + LEASE_S, wait_s(row.tries)) if row.tries else 0.0


def may_send(reader: Reader, row: Notification, *, definitions: Definitions, texts: KnownTexts | None) -> bool:
    """Whether this place may send a line: where others can write it, only what its own files have said."""
    if texts is None:
        return True
    try:
        return texts.knows(definition_of(reader, row, definitions))
    except (NotFound, *ODDITIES):
        return texts.of(row.job_id) is not None  # then it is told why it cannot be sent


def definition_of(reader: Reader, row: Notification, definitions: Definitions) -> JobDefinition:
    """The definition whose version wrote a line. Raises NotFound, and whatever odd rows can bring."""
    return definitions.of(reader, row.job_id, int(row.payload["version"]))


def _ids(row: Notification) -> dict[str, str]:
    ids = {"job_id": str(row.job_id), "notification_id": str(row.id)}
    return ids if row.occurrence_id is None else {**ids, "occurrence_id": str(row.occurrence_id)}
