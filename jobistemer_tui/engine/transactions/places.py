"""How many more occurrences and attempts an engine may run, counted in the store: no flag, no memory."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from jobistemer_tui.domain.records import Attempt, Job
from jobistemer_tui.domain.states import OWNED_OCCURRENCES, AttemptState, Reason
from jobistemer_tui.engine.owned import running_tries
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.engine.transactions.nodes import is_lost
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_START,
    OCCURRENCES,
    OCCURRENCES_BY_DUE,
    OCCURRENCES_BY_OWNER,
)

PAGE = 16


@dataclass(frozen=True, slots=True)
class FreePlaces:
    """What an engine may still start.

    `occurrences`: new ones. `returning`: those that had left their slot for a retry's wait; they come first, so that
    what they wait for is not among the former. `attempts`: processes, whosever they are. `no_slot`: why it may start
    nothing at all, if so.
    """

    occurrences: int
    returning: int
    attempts: int
    no_slot: Reason | None = None


def free_places(reader: Reader, owner: Owner, now: datetime) -> FreePlaces:
    """What the engine may still start; nothing where it may start nothing at all."""
    if owner.no_slot is not None:
        return FreePlaces(0, 0, 0, owner.no_slot)
    attempts = free_attempts(reader, owner)
    if not reader.scan(ATTEMPTS_BY_START, AttemptState.PLANNED, limit=1):
        free = max(0, owner.slots - _held(reader, owner))
        return FreePlaces(free, free, attempts)
    working = _working(reader, owner)
    returning = max(0, owner.slots - len(working))
    return FreePlaces(returning - _coming_back(reader, owner, working, now, most=returning), returning, attempts)


def why_no_slot(reader: Reader, owner: Owner, job: Job, now: datetime) -> Reason | None:
    """Why the engine cannot start an occurrence of a job now; None if it can."""
    if owner.no_slot is not None or owner.closed is not None:
        return owner.no_slot or owner.closed
    if missing_labels(reader, owner, job) or not is_for(reader, owner, job):
        return Reason.NO_NODE
    free = free_places(reader, owner, now)
    if free.occurrences <= 0:
        return Reason.NO_SLOT
    return None if free.attempts > 0 else Reason.MAX_ATTEMPTS_RUNNING


def is_for(reader: Reader, owner: Owner, job: Job) -> bool:
    """Whether a job may be started by this engine, as far as engines differ: it has its text, and is not lost.

    What the store holds has to be that text, whatever it calls it. One that was declared lost may not know it yet, and
    whatever it began would be reaped.
    """
    if owner.texts is None:
        return True
    is_its_text = owner.definitions.of(reader, job.id, job.version).content_hash == job.content_hash
    return is_its_text and owner.texts.has(job) and not is_lost(reader, owner.node_id)


def missing_labels(reader: Reader, owner: Owner, job: Job) -> tuple[str, ...]:
    """The labels that the present version of a job needs and this node has not."""
    if owner.labels is None:
        return ()
    return tuple(label for label in wanted_labels(reader, owner, job) if label not in owner.labels)


def wanted_labels(reader: Reader, owner: Owner, job: Job) -> tuple[str, ...]:
    """The labels that the present version of a job needs."""
    return owner.definitions.of(reader, job.id, job.version).policies.nodes


def why_no_return(reader: Reader, owner: Owner, attempt: Attempt, now: datetime) -> Reason | None:
    """Why a try whose time has come cannot start now; None if it can.

    An occurrence that still runs another try has kept its slot.
    """
    return no_place_for(reader, free_places(reader, owner, now), attempt)


def no_place_for(reader: Reader, free: FreePlaces, attempt: Attempt) -> Reason | None:
    """The same, where the free places are counted already."""
    if free.no_slot is not None:
        return free.no_slot
    if free.attempts <= 0:
        return Reason.MAX_ATTEMPTS_RUNNING
    if free.returning <= 0 and not running_tries(reader, attempt.occurrence_id):
        return Reason.NO_SLOT
    return None


def free_attempts(reader: Reader, owner: Owner) -> int:
    """How many more attempts may run on this engine."""
    everywhere = reader.count(ATTEMPTS_BY_START, AttemptState.RUNNING)
    if everywhere < owner.attempts:
        return owner.attempts - everywhere
    if _held(reader, owner) == sum(reader.count(OCCURRENCES_BY_DUE, state) for state in OWNED_OCCURRENCES):
        return 0  # nobody else has any: what runs is ours
    mine = sum(
        1
        for attempt in reader.scan(ATTEMPTS_BY_START, AttemptState.RUNNING)
        if _is_mine(reader, owner, attempt.occurrence_id)
    )
    return max(0, owner.attempts - mine)


def rests(attempt: Attempt) -> bool:
    """Whether a planned try waits for its time, and so needs no place yet."""
    return attempt.reason in (None, Reason.RETRY)


def _held(reader: Reader, owner: Owner) -> int:
    return sum(map(partial(reader.count, OCCURRENCES_BY_OWNER, owner.node_id), OWNED_OCCURRENCES))


def _working(reader: Reader, owner: Owner) -> set[UUID]:
    """The engine's occurrences that run a try: as few as processes may run, however many wait for a retry."""
    running = {attempt.occurrence_id for attempt in reader.scan(ATTEMPTS_BY_START, AttemptState.RUNNING)}
    return {occurrence for occurrence in running if _is_mine(reader, owner, occurrence)}


def _coming_back(reader: Reader, owner: Owner, working: set[UUID], now: datetime, *, most: int) -> int:
    """How many of the engine's occurrences run no try and have one that waits for a place; `most` are counted."""
    found: set[UUID] = set()
    seen, limit = 0, PAGE
    while len(found) < most:
        due = reader.scan(ATTEMPTS_BY_START, AttemptState.PLANNED, high=now, limit=limit)
        held = {attempt.occurrence_id for attempt in due[seen:] if not rests(attempt)} - working
        found.update(occurrence for occurrence in held if _is_mine(reader, owner, occurrence))
        if len(due) < limit:
            break
        seen, limit = limit, 2 * limit
    return min(len(found), most)


def _is_mine(reader: Reader, owner: Owner, occurrence_id: UUID) -> bool:
    row = reader.get(OCCURRENCES, occurrence_id)
    return row is not None and row.owner == owner.node_id
