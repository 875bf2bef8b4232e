"""One turn of the engine: stop, retry, handle, follow, recover, claim; and when to look again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.records import Attempt, Occurrence
from jobistemer_tui.domain.states import TERMINAL_OCCURRENCES, AttemptState, OccurrenceState
from jobistemer_tui.engine.deadlines import Deadlines
from jobistemer_tui.engine.gaps import Gaps
from jobistemer_tui.engine.line import next_in_line
from jobistemer_tui.engine.loaded import Loaded
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.advance import Advanced, start_retry, stop_or_expire
from jobistemer_tui.engine.transactions.begin import Progress
from jobistemer_tui.engine.transactions.claim import acknowledge, claim, explain
from jobistemer_tui.engine.transactions.common import Launch, Owner
from jobistemer_tui.engine.transactions.follow import follow
from jobistemer_tui.engine.transactions.hand_over import jobs_to_follow
from jobistemer_tui.engine.transactions.handle_due import Handled, handle_due
from jobistemer_tui.engine.transactions.places import FreePlaces, free_places, no_place_for, rests
from jobistemer_tui.engine.wakefulness import Wakefulness
from jobistemer_tui.errors import ODDITIES, JobistemerError
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.settings.sync_points import sync_point
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import ATTEMPTS_BY_START, OCCURRENCES_BY_DUE, OCCURRENCES_BY_OWNER

log = logging.getLogger(__name__)
T = TypeVar("T")
_WITH_A_TIME = (OccurrenceState.PLANNED, OccurrenceState.PENDING, OccurrenceState.QUEUED)
BATCH = 1000
"""Rows of one kind that one turn takes up; the rest follow in the next turn, at once."""

BATCH_AMONG_MANY = 16
"""Rows that one of several engines claims at once: of more it would lose most, each with a question at the gate."""


@dataclass(frozen=True, slots=True)
class Due:
    """What has to be done now, as one read found it, and when the next thing is due."""

    canceling: Sequence[Occurrence]
    retries: Sequence[Attempt]
    planned: Sequence[Occurrence]
    waiting: Sequence[Occurrence]
    following: Sequence[UUID]
    next_at: datetime | None


class Hands(Protocol):
    """What carries out that which was committed: the runner, or what stands for it in a simulation."""

    on_change: Callable[[], None]
    ending: int
    """How many ends of tries are on their way into the store, so that their places are as good as free."""

    @property
    def connected(self) -> bool:
        """Whether anything can be started."""

    def follow(self, progress: Progress) -> None:
        """Stop and launch what a committed step asks for."""

    def launch(self, launches: Iterable[Launch]) -> None:
        """Start durable tries."""


class Scheduler:
    """Turns due rows into transactions, and transactions into work for the runner.

    `only`: the one request whose run is started; what others wait for is left to the next engine.
    """

    def __init__(
        self, store: StoreCalls, clock: Clock, runner: Hands, loaded: Loaded, owner: Callable[[], Owner],
        wakefulness: Wakefulness, only: UUID | None = None,
    ) -> None:  # fmt: skip
        self._only = only
        self._store = store
        self._clock = clock
        self._runner = runner
        self._loaded = loaded
        self._owner = owner
        self._wakefulness = wakefulness
        self._gaps = Gaps(store, clock, loaded, owner, wakefulness)
        self._deadlines = Deadlines(store, owner, wakefulness)
        self._made_room = False
        self.more_wait = False
        """Whether more waited at the last look than could start."""
        self.places_wanted = False
        """The same, or whether tries of what runs already wait for the end of others."""
        self.on_places_wanted: Callable[[], None] = lambda: None
        """Called by each look that finds them wanted."""
        self._stopping: set[UUID] = set()
        self._troubled: set[UUID] = set()

    @property
    def holds_gaps(self) -> bool:
        """Whether instants that passed wait for their fate: for a steady clock, or for a person."""
        return self._gaps.count > 0

    async def follow_clock(self) -> None:
        """See whether the clock was set, and move with it what runs has to keep. Raises StoreUnavailable.

        Who compares a deadline with now does so first: by a clock that has jumped ahead all would be out of time.
        """
        self._wakefulness.look(self._clock.read())
        await self._deadlines.follow_clock()

    async def turn(self) -> datetime | None:
        """Do all that is due; gives when the next thing is due (None: nothing is)."""
        await self.follow_clock()
        now = self._clock.now()
        self._made_room = False
        due = self._store.read(lambda reader: self._find_due(reader, now))
        sync_point("turn.found")
        await self._stop(due.canceling)
        if self._runner.connected:
            await self._retry(due.retries, now)
        sync_point("turn.retried")
        ordinary, resolved, held_until = await self._gaps.resolve(due.planned, now, self._complain)
        first, later = self._by_priority(ordinary, due.waiting)
        sync_point("turn.resolved")
        await self.claim(first)
        await self._handle(ordinary)
        sync_point("turn.handled")
        await self._follow(due.following)
        sync_point("turn.followed")
        await self.claim(later)
        sync_point("turn.claimed")
        more = ordinary or resolved or due.following or self._made_room
        return earliest(self._clock.now() if more else None, due.next_at, held_until)

    def _find_due(self, reader: Reader, now: datetime) -> Due:
        owner = self._owner()
        free = free_places(reader, owner, now)
        held_until = self._gaps.look(reader, now)
        planned = self._planned(reader, now)
        # Only as many as can start: the others may be thousands, and each turn would read them all. Ends that are being
        # written count as places: the claims are committed together with them, or find that there is no place.
        ending = 0 if owner.no_slot is not None else self._runner.ending
        most = min(BATCH if owner.texts is None else BATCH_AMONG_MANY, min(free.occurrences, free.attempts) + ending)
        waiting = next_in_line(reader, now, wanted=self._is_ours, most=most + 1)
        self.more_wait = len(waiting) > most
        retries = reader.scan(ATTEMPTS_BY_START, AttemptState.PLANNED, high=now, limit=BATCH)
        self.places_wanted = self.more_wait or not all(map(rests, retries))
        if self.places_wanted:
            self.on_places_wanted()
        later = reader.scan(ATTEMPTS_BY_START, AttemptState.PLANNED, low=now, limit=1)
        stopping = reader.scan(OCCURRENCES_BY_OWNER, owner.node_id, OccurrenceState.CANCELING)
        return Due(
            canceling=[row for row in stopping if row.id not in self._stopping],
            retries=[attempt for attempt in retries if self._may_start(reader, free, attempt)],
            planned=planned,
            following=self._following(reader),
            waiting=waiting[:most],
            next_at=earliest(
                *(self._next_due(reader, state, now) for state in _WITH_A_TIME),
                *(attempt.not_before for attempt in later),
                held_until,
            ),
        )

    def _is_ours(self, row: Occurrence) -> bool:
        return row.job_id in self._loaded and row.id not in self._troubled and self._is_asked_for(row)

    def _is_asked_for(self, row: Occurrence) -> bool:
        """Whether it may be started: anything, unless this engine is there for one request alone."""
        return self._only is None or row.request_id == self._only

    def _following(self, reader: Reader) -> list[UUID]:
        """The jobs of ours for which a run after that of another job can be made."""
        if self._only is not None:
            return []
        return [job for job in jobs_to_follow(reader) if job in self._loaded and job not in self._troubled]

    def _planned(self, reader: Reader, now: datetime) -> list[Occurrence]:
        """At most BATCH planned rows of our jobs that are due and wait for no decision about a gap before them."""

        def wanted(row: Occurrence) -> bool:
            return self._is_ours(row) and not self._gaps.holds(row.job_id)

        scan = partial(reader.scan, OCCURRENCES_BY_DUE, OccurrenceState.PLANNED, high=now)
        return first_of(scan, wanted, BATCH, self._in_the_way + self._gaps.count)

    def _next_due(self, reader: Reader, state: OccurrenceState, now: datetime) -> datetime | None:
        """When the next row of our jobs in a state is due."""

        def upcoming(row: Occurrence) -> bool:
            return row.job_id in self._loaded and row.due_at > now

        later = first_of(partial(reader.scan, OCCURRENCES_BY_DUE, state, low=now), upcoming, 1, self._in_the_way)
        return later[0].due_at if later else None

    @property
    def _in_the_way(self) -> int:
        return self._loaded.others + len(self._troubled)

    def _may_start(self, reader: Reader, free: FreePlaces, attempt: Attempt) -> bool:
        """Whether a planned try is worth a transaction: one that says what it waits for is left alone meanwhile."""
        if attempt.id in self._troubled:
            return False
        return rests(attempt) or no_place_for(reader, free, attempt) is not attempt.reason

    def _by_priority(
        self, due: list[Occurrence], waiting: Sequence[Occurrence]
    ) -> tuple[Sequence[Occurrence], Sequence[Occurrence]]:
        """Sort what comes due now by priority; gives what waits before it, and what waits behind it.

        What has waited comes before what is due only now, unless that outranks it.
        """
        if not due:
            return waiting, ()
        if len(due) == 1 and not waiting:
            return (), ()  # nothing to compare it with
        ranks = self._store.read(lambda reader: {row.id: self._rank(reader, row) for row in due})
        due.sort(key=lambda row: (ranks[row.id], row.due_at))
        highest = min(ranks.values())
        first = [row for row in waiting if row.rank <= highest]
        return first, waiting[len(first) :]

    def _rank(self, reader: Reader, row: Occurrence) -> int:
        try:
            return -self._owner().definitions.of(reader, row.job_id, row.version).policies.priority
        except (JobistemerError, *ODDITIES):
            return 0  # its own transaction finds the same, and sets it aside

    async def _stop(self, rows: Sequence[Occurrence]) -> None:
        self._stopping.update(row.id for row in rows)
        await self._each([row.id for row in rows], stop_or_expire, self._follow_advanced)

    async def _retry(self, attempts: Sequence[Attempt], now: datetime) -> None:
        await self._each([attempt.id for attempt in attempts], start_retry, self._follow_retry)

    async def _handle(self, rows: Sequence[Occurrence]) -> None:
        await self._each([row.id for row in rows], handle_due, self._follow_handled)

    async def _follow(self, jobs: Sequence[UUID]) -> None:
        await self._each(jobs, follow, self._follow_handled)

    async def claim(self, rows: Sequence[Occurrence]) -> None:
        """Start, give up or leave waiting these rows that wait for a slot or their group."""
        await self._each([row.id for row in rows if self._is_asked_for(row)], claim, self._follow_handled)

    async def acknowledge(self, rows: Sequence[Occurrence]) -> None:
        """Give up these waiting rows if their time is over; a trigger among the others waits on for ever."""
        await self._each([row.id for row in rows], acknowledge, self._follow_handled)

    async def explain(self, rows: Sequence[Occurrence]) -> None:
        """Keep true the reason why these rows wait."""
        await self._each([row.id for row in rows], explain, self._follow_handled)

    def _follow_retry(self, launch: Launch | None) -> None:
        if launch is not None:
            self._runner.launch([launch])

    def _follow_handled(self, handled: Handled) -> None:
        if handled.occurrence is not None and handled.occurrence.state in TERMINAL_OCCURRENCES:
            self._made_room = True  # it was given up, and the next in line may have its place
        if handled.progress is not None:
            self._made_room = self._made_room or self._owner().texts is not None  # there may be more than a batch
            self._runner.follow(handled.progress)
        if handled.canceling:
            self._runner.on_change()
        # Each turn would find them due, and be followed by the next at once.
        if handled.left is not None:
            self._troubled.add(handled.left.id)
        if handled.held is not None:
            self._gaps.hold(handled.held.job_id)

    def _follow_advanced(self, advanced: Advanced) -> None:
        if advanced.progress is not None:
            self._runner.follow(advanced.progress)
        if advanced.promoted:
            self._runner.on_change()

    async def expire(self, rows: Sequence[Occurrence]) -> None:
        """Carry on occurrences whose time is over and that have no process to tell it."""
        await self.follow_clock()
        await self._each([row.id for row in rows], stop_or_expire, self._follow_advanced)

    async def _each(
        self,
        ids: Sequence[UUID],
        work: Callable[[Transaction, Owner, UUID, datetime], T],
        follow: Callable[[T], None],
    ) -> None:
        """One transaction a row, see `StoreCalls.write_each`; a row that is wrong is set aside."""
        if not ids:
            return
        owner, now = self._owner(), self._clock.now()

        def followed(result: T) -> None:
            sync_point("rows.committed")
            follow(result)

        await self._store.write_each(ids, lambda row: lambda tx: work(tx, owner, row, now), followed, self._complain)

    def _complain(self, row: UUID, error: Exception) -> None:
        """Set a row aside until the next sweep."""
        log.error("row %s is set aside: %s", row, error)
        self._troubled.add(row)

    def look_again(self) -> None:
        """Take up again what was set aside, and what was told to stop; called by each sweep."""
        self._troubled.clear()
        self._stopping.clear()
        self._gaps.look_again()


def first_of(scan: Callable[..., list[T]], wanted: Callable[[T], bool], count: int, in_the_way: int) -> list[T]:
    """The first `count` wanted rows of a scan that takes a `limit`; about `in_the_way` others lie between them."""
    limit = count + in_the_way
    while count:
        rows = scan(limit=limit)
        found = [row for row in rows if wanted(row)]
        if len(found) >= count or len(rows) < limit:
            return found[:count]
        limit *= 2
    return []


def earliest(*instants: datetime | None) -> datetime | None:
    """The first of some instants; None if there is none."""
    return min((instant for instant in instants if instant is not None), default=None)
