"""From the rows that a simulation left in its store to the forecast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from jobistemer_tui.domain.instants import EPOCH
from jobistemer_tui.domain.records import Event, Occurrence
from jobistemer_tui.domain.states import OPEN_OCCURRENCES, WAITING_OCCURRENCES, Reason, Trigger
from jobistemer_tui.engine.transactions.groups import limit_of
from jobistemer_tui.operations.simulate_forecast import JobForecast, Load
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_OCCURRENCE,
    EVENTS_BY_JOB,
    OCCURRENCES_BY_GROUP,
    OCCURRENCES_BY_JOB,
)

Span = tuple[datetime, datetime]
MOST_PARTS = 48
_STEPS_S = (60, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400)
_WAITS = frozenset({"occurrence_pending", "occurrence_queued", "occurrence_recovered", "occurrence_promoted"})


@dataclass(frozen=True, slots=True)
class Measured:
    """A job's forecast, the spans in which its runs ran, and how many of its instants met an earlier run."""

    forecast: JobForecast
    spans: Sequence[Span]
    scheduled: int
    overlapped: int


def measure(reader: Reader, job_id: UUID, name: str, origins: Mapping[str, str], end: datetime) -> Measured:
    """Count what became of a job's instants up to `end`."""
    rows = [row for row in reader.scan(OCCURRENCES_BY_JOB, job_id) if row.handled_at is not None]
    events = reader.scan(EVENTS_BY_JOB, job_id)
    spans = [span for row in rows if (span := _span(reader, row, end)) is not None]
    longest = max((row for row in rows if _waited(row)), key=lambda row: (_wait(row, end), row.id), default=None)
    forecast = JobForecast(
        job=name,
        runs=len(spans),
        ended=_counted(row.state.value for row in rows if row.started_at and row.state not in OPEN_OCCURRENCES),
        not_run=_counted(_fate(row) for row in rows if not row.started_at and row.state not in OPEN_OCCURRENCES),
        queued=sum(event.kind == "occurrence_queued" for event in events),
        longest_wait_s=_wait(longest, end) if longest else 0.0,
        longest_wait_for=_wait_reasons(reader, longest, events, end) if longest else {},
        recovered=sum(row.trigger is Trigger.RECOVERY for row in rows),
        waiting=sum(row.state in WAITING_OCCURRENCES for row in rows),
        busy_s=_covered(spans),
        most_at_once=max((count for _, count in _counts(spans)), default=0),
        duration_from=dict(origins),
    )
    overlapped = sum(event.reason in _OVERLAPS and event.kind in _MET for event in events)
    return Measured(forecast, spans, len(rows), overlapped)


_OVERLAPS = (Reason.OVERLAP, Reason.QUEUE_FULL, Reason.REPLACING)
_MET = frozenset({"occurrence_queued", "occurrence_skipped"})


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def _fate(row: Occurrence) -> str:
    return row.state.value if row.reason is None else f"{row.state.value} ({row.reason.value})"


def _span(reader: Reader, row: Occurrence, end: datetime) -> Span | None:
    """From the start of a run to the end of its last process; an engine that is down records that end later."""
    if row.started_at is None:
        return None
    ends = [attempt.finished_at for attempt in reader.scan(ATTEMPTS_BY_OCCURRENCE, row.id)]
    over = row.state not in OPEN_OCCURRENCES
    last = max((at for at in ends if at is not None), default=row.started_at)
    return row.started_at, min(last if over else end, end)


def _waited(row: Occurrence) -> bool:
    return row.started_at is not None or row.state in WAITING_OCCURRENCES


def _wait(row: Occurrence, end: datetime) -> float:
    since = row.handled_at or row.scheduled_at
    return max(0.0, ((row.started_at or end) - since).total_seconds())


def _wait_reasons(reader: Reader, row: Occurrence, events: Sequence[Event], end: datetime) -> dict[str, float]:
    """For what a run waited, and how long for each, in order: what it waits for last is what lets it start."""
    over = row.started_at or end
    own = [event for event in events if event.occurrence_id == row.id and event.kind in _WAITS and event.at <= over]
    changes = [*(event.at for event in own), over]
    parts: dict[str, float] = {}
    for event, until in zip(own, changes[1:], strict=True):
        reason = _for_place(reader, row, over) if event.kind == "occurrence_promoted" else event.reason
        if reason is not None and until > event.at:
            parts[reason.value] = parts.get(reason.value, 0.0) + (until - event.at).total_seconds()
    return parts


def _for_place(reader: Reader, row: Occurrence, over: datetime) -> Reason:
    """For what a run waited whose turn in its queue had come: for its group, if that was full until then."""
    if row.group_name is None:
        return Reason.NO_SLOT
    began = [
        one for one in reader.scan(OCCURRENCES_BY_GROUP, row.group_name) if one.started_at and one.started_at < over
    ]
    busy = sum(one.finished_at is None or one.finished_at >= over for one in began)
    return Reason.GROUP if busy >= limit_of(reader, row.group_name) else Reason.NO_SLOT


def _counts(spans: Sequence[Span]) -> Iterator[tuple[datetime, int]]:
    """How many spans hold each moment at which that changes; one that ends as another begins makes room for it."""
    changes = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    count = 0
    for at, change in changes:
        count += change
        yield at, count


def _covered(spans: Sequence[Span]) -> float:
    """The seconds in which at least one span lasts."""
    total, since = 0.0, None
    for at, count in _counts(spans):
        if count and since is None:
            since = at
        elif not count and since is not None:
            total += (at - since).total_seconds()
            since = None
    return total


def step_of(start: datetime, end: datetime) -> float:
    """The length in seconds of the parts that a time is cut into, so that there are few enough."""
    length = (end - start).total_seconds()
    return next((float(step) for step in _STEPS_S if length / step <= MOST_PARTS), float(_STEPS_S[-1]))


def load_over(spans: Sequence[Span], start: datetime, end: datetime, step_s: float) -> tuple[Load, ...]:
    """How many spans last in each part of a time, on average and at most; parts begin at whole steps of the day."""
    step = timedelta(seconds=step_s)
    first = EPOCH + (start - EPOCH) // step * step
    edges = [first + part * step for part in range(-((first - end) // step) + 1)]
    seconds, most = [0.0] * len(edges), [0] * len(edges)
    for begin, over, count in _steady(spans, start, end):
        for part in range((begin - first) // step, -((first - over) // step)):
            lasted = min(over, edges[part] + step) - max(begin, edges[part])
            seconds[part] += count * lasted.total_seconds()
            most[part] = max(most[part], count)
    parts = zip(edges[:-1], seconds, most, strict=False)
    return tuple(
        Load(at, round(sum_s / (min(end, at + step) - max(start, at)).total_seconds(), 2), high)
        for at, sum_s, high in parts
    )


def _steady(spans: Sequence[Span], start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, int]]:
    """The stretches from `start` to `end` in which the same number of spans lasts."""
    before, count = start, 0
    for at, now in (*_counts(spans), (end, 0)):
        if at > before:
            yield before, at, count
        before, count = max(at, before), now
