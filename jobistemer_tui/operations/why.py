"""Answer "why did it (not) run?" from what the store keeps; see `why_answer` for the shape of the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import takewhile
from uuid import UUID
from zoneinfo import ZoneInfo

from jobistemer_tui.domain.records import Job, Occurrence
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.engine.transactions.common import the_occurrence
from jobistemer_tui.errors import NotFound, ScheduleError
from jobistemer_tui.operations.read_models import EngineStatus
from jobistemer_tui.operations.why_absent import read_absent, tell_absent
from jobistemer_tui.operations.why_answer import Answer, Fact, Slot, moment
from jobistemer_tui.operations.why_asked import Asked
from jobistemer_tui.operations.why_followed import followed_facts
from jobistemer_tui.operations.why_history import History, read_history
from jobistemer_tui.operations.why_nodes import node_facts
from jobistemer_tui.operations.why_standing import standing
from jobistemer_tui.operations.why_story import read_life, tell_life
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.schedules.zones import find_zone
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import JOB_VERSIONS, JOBS, OCCURRENCES_BY_JOB, OCCURRENCES_BY_JOB_HANDLED

MOST_SLOTS = 1500
"""So many slots of a time are told, a day of minutes among them; of more those without a row are only counted."""


@dataclass(frozen=True)
class Question:
    """Who asks and when: what is known beside the store. `served_here`: the engine that runs watches the job's file."""

    now: datetime
    engine: EngineStatus
    served_here: bool


def zone_of_job(reader: Reader, job: Job) -> ZoneInfo:
    """The zone that a job's times are told in: its schedule's, else the job's; UTC where it cannot be read."""
    row = reader.get(JOB_VERSIONS, job.id, job.version)
    schedule = None if row is None else row.definition.get("schedule")
    own = schedule.get("timezone") if isinstance(schedule, dict) else None
    try:
        return find_zone(own or ("UTC" if row is None else row.definition.get("timezone")))
    except ScheduleError:
        return ZoneInfo("UTC")


def why_run(reader: Reader, occurrence_id: UUID, question: Question) -> Answer:
    """The answer for one run. Raises NotFound."""
    row = the_occurrence(reader, occurrence_id)
    job = reader.get(JOBS, row.job_id)
    if job is None:
        raise NotFound(f"the job of run {row.id} is not in the store")
    history, zone = read_history(reader, job), zone_of_job(reader, job)
    slot = tell_life(read_life(reader, row), history, zone, question.now)
    facts = tuple(node_facts(reader, job, slot, zone))
    return _answer(history, f"run {row.id}", slot.summary, (slot,), zone, question, facts)


def why_now(reader: Reader, job: Job, question: Question) -> Answer:
    """The latest fate of a job, and what comes next."""
    history, zone = read_history(reader, job), zone_of_job(reader, job)
    newest = reader.scan(OCCURRENCES_BY_JOB_HANDLED, job.id, reverse=True, limit=1)
    slots = tuple(
        tell_life(read_life(reader, row), history, zone, question.now) for row in newest if row.handled_at is not None
    )
    summary = slots[0].summary if slots else "It has not come to a run yet."
    nodes = (fact for slot in slots for fact in node_facts(reader, job, slot, zone))
    facts = (*nodes, *followed_facts(reader, history, question.now, zone))
    return _answer(history, "its latest run, and the next", summary, slots, zone, question, facts)


def why_then(reader: Reader, job: Job, asked: Asked, question: Question) -> Answer:
    """What became of the instants of a time, those without a row included."""
    history, zone = read_history(reader, job), zone_of_job(reader, job)
    rows = [row for low, high in asked.spans for row in reader.scan(OCCURRENCES_BY_JOB, job.id, low=low, high=high)]
    have = {row.scheduled_at for row in rows}
    named = {at: number for at, number in _named(history, asked) if at not in have}
    places: list[tuple[datetime, Occurrence | None]] = [(row.scheduled_at, row) for row in rows]
    places += [(at, None) for at in named]
    places.sort(key=lambda place: place[0])
    slots = tuple(
        tell_absent(history, read_absent(reader, job.id, at, named[at]), zone, question.now)
        if row is None
        else tell_life(read_life(reader, row), history, zone, question.now)
        for at, row in _most_telling(places)
    )
    left_out = len(places) - len(slots)
    followed = followed_facts(reader, history, asked.spans[0][1], zone)
    facts = (*_no_such_wall(asked, zone), *(() if slots else (*_nothing_named(history, asked, zone), *followed)))
    summary = _summary(slots, [row for _, row in places], asked)
    return _answer(history, asked.words, summary, slots, zone, question, facts, left_out)


def _most_telling(places: list[tuple[datetime, Occurrence | None]]) -> list[tuple[datetime, Occurrence | None]]:
    """All, or of too many the first of those that have a row."""
    if len(places) <= MOST_SLOTS:
        return places
    return ([place for place in places if place[1] is not None] or places)[:MOST_SLOTS]


def _answer(
    history: History, asked: str, summary: str, slots: tuple[Slot, ...], zone: tzinfo, question: Question,
    facts: tuple[Fact, ...] = (), left_out: int = 0,
) -> Answer:  # fmt: skip
    now = question.now
    holds = standing(history, question.engine, served_here=question.served_here, zone=zone, now=now)
    return Answer(
        job=history.job.name, job_id=history.job.id, timezone=str(zone), asked=asked, summary=summary, slots=slots,
        facts=(*facts, *holds), next=_next(history, now), left_out=left_out,
    )  # fmt: skip


def _next(history: History, now: datetime) -> datetime | None:
    job = history.job
    if history.schedule is None or job.stopped or job.retired_at is not None:
        return None
    return history.schedule.next_after(now)


def _named(history: History, asked: Asked) -> Iterator[tuple[datetime, int]]:
    """The instants that the versions in force then named, and those that only the present one names."""
    for low, high in asked.spans:
        if history.schedule is not None:
            for instant in _within(history.schedule, low, high):
                yield instant, history.job.version
        for version in history.versions:
            schedule = history.schedules.get(version.number)
            if schedule is not None and version.published_at <= high:
                for instant in _within(schedule, max(low, version.published_at), high):
                    if history.version_at(instant) == version:
                        yield instant, version.number


def _within(schedule: Schedule, low: datetime, high: datetime) -> Iterator[datetime]:
    slots = schedule.slots_after(low - datetime.resolution)
    return (slot.instant for slot in takewhile(lambda slot: slot.instant <= high, slots))


def _no_such_wall(asked: Asked, zone: tzinfo) -> Iterator[Fact]:
    if asked.wall is not None:
        at = asked.spans[0][0]
        yield Fact(f"{asked.wall:%H:%M:%S} does not exist on that day: the clock changes to {moment(at, zone)}", at)


def _nothing_named(history: History, asked: Asked, zone: tzinfo) -> Iterator[Fact]:
    """Why no instant lies in that time: the schedule in force then, and its next instant."""
    low, high = asked.spans[0]
    version = history.version_at(high)
    schedule = history.schedule if version is None else history.schedules.get(version.number)
    if version is None:
        text = f"the job was first published later, at {moment(history.job.first_published_at, zone)}"
        yield Fact(text, history.job.first_published_at)
    if schedule is None:
        yield Fact("the version in force then had no schedule, or was disabled: it ran only when triggered")
        return
    yield Fact(f"its schedule then: {schedule.describe()}")
    if not schedule.is_active_at(low):
        yield Fact("that time lies outside the window (start, end) of its schedule")
    following = schedule.next_after(high)
    if following is None and not schedule.is_never_over:
        yield Fact("it has no instant after that time")
    elif following is not None:
        yield Fact(f"the first instant after that time is {moment(following, zone)}", following)


def _summary(slots: Sequence[Slot], rows: Sequence[Occurrence | None], asked: Asked) -> str:
    if not slots:
        return f"The schedule of the job has no instant at that time ({asked.words}), and nobody asked for a run."
    if len(rows) == 1:
        return slots[0].summary
    counts = Counter("without a row" if row is None else _word(row.state) for row in rows)
    told = ", ".join(f"{count} {word}" for word, count in counts.most_common())
    return f"{len(rows)} instants: {told}."


def _word(state: OccurrenceState) -> str:
    return state.value.replace("_", " ")
