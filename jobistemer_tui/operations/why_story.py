"""The story of a run that has a row: what happened to it, in order, each sentence with what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import chain

from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.domain.records import Attempt, Event, Occurrence, TaskRun
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason, TaskRunState, Trigger
from jobistemer_tui.operations.queries_waiting import Ways
from jobistemer_tui.operations.why_absent import engines_around, pause_fact
from jobistemer_tui.operations.why_answer import Evidence, Fact, Slot, length, moment
from jobistemer_tui.operations.why_clauses import because
from jobistemer_tui.operations.why_events import event_fact
from jobistemer_tui.operations.why_followed import followed_text
from jobistemer_tui.operations.why_held import held_fact
from jobistemer_tui.operations.why_history import History
from jobistemer_tui.operations.why_verdict import verdict
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_OCCURRENCE,
    EVENTS_BY_OCCURRENCE,
    OCCURRENCES_BY_REPLAYED,
    TASK_RUNS_BY_OCCURRENCE,
)

LATE = timedelta(seconds=2)
"""A start later than this after its instant is explained."""
_NEVER_RAN = (OccurrenceState.SKIPPED, OccurrenceState.MISSED)
_CHANGES = {"moved": "does not exist on that day: the run moved to this instant", "doubled": "occurs twice on that day"}


@dataclass(frozen=True, slots=True)
class Life:
    """A run with everything that the store keeps of it."""

    row: Occurrence
    events: Sequence[Event]
    runs: Sequence[TaskRun]
    attempts: Sequence[Attempt]
    replays: Sequence[Occurrence]


def read_life(reader: Reader, row: Occurrence) -> Life:
    """Read the life of a run, and what is in its way now."""
    return Life(
        row=Ways(reader).as_it_waits(row),
        events=reader.scan(EVENTS_BY_OCCURRENCE, row.id),
        runs=reader.scan(TASK_RUNS_BY_OCCURRENCE, row.id),
        attempts=reader.scan(ATTEMPTS_BY_OCCURRENCE, row.id),
        replays=reader.scan(OCCURRENCES_BY_REPLAYED, row.id),
    )


def tell_life(life: Life, history: History, zone: tzinfo, now: datetime) -> Slot:
    """The answer for one run."""
    row = life.row
    facts = chain(
        _origin(row, history, zone),
        (event_fact(event, zone) for event in life.events),
        _lateness(life, zone),
        _gap(row, history, zone),
        _tries(life, zone),
        _replays(life),
    )
    told = sorted(facts, key=lambda fact: fact.at or row.scheduled_at)
    return Slot(row.scheduled_at, row.id, row.state, row.reason, verdict(row, zone, now), tuple(told))


def _origin(row: Occurrence, history: History, zone: tzinfo) -> Iterator[Fact]:
    """Where the run comes from: the schedule of a version, or a request."""
    here = Evidence("occurrence", str(row.id))
    match row.trigger:
        case Trigger.SCHEDULE | Trigger.RECOVERY:
            yield _named_by(row, history)
            yield from clock_facts(history, row.scheduled_at)
        case Trigger.REPLAY:
            yield Fact(f"it repeats run {short_id(row.replay_of)}", row.created_at, here)
        case Trigger.BACKFILL:
            yield Fact("it was asked for afterwards, as part of a backfill", row.created_at, here)
        case Trigger.AFTER:
            yield from (Fact(followed_text(run, zone), row.scheduled_at, here) for run in row.follows.get("runs", []))
        case Trigger.MANUAL:
            if not row.handled_at:
                yield Fact("it was asked for by hand", row.created_at, here)


def _named_by(row: Occurrence, history: History) -> Fact:
    """Which version's schedule names the instant; a run takes the version that is in force when it is started."""
    version = history.version_naming(row.scheduled_at)
    if version is None:
        text = "it is an instant of a schedule that no stored version has any more"
        return Fact(text, row.scheduled_at, Evidence("occurrence", str(row.id)))
    ran_as = f"; it ran as version {row.version}" if row.started_at and row.version != version.number else ""
    text = f"the schedule of version {version.number} names this instant{ran_as}"
    return Fact(text, row.scheduled_at, Evidence("job_version", f"{row.job_id} {version.number}"))


def clock_facts(history: History, instant: datetime) -> Iterator[Fact]:
    """What a change of the clock has to do with an instant."""
    version = history.version_at(instant)
    schedule = None if version is None else history.schedules.get(version.number)
    if schedule is None:
        return
    for effect in schedule.clock_effects(instant - LATE, instant):
        if effect.instant == instant and effect.effect in _CHANGES:
            yield Fact(f"{effect.wall:%H:%M:%S} on the wall clock {_CHANGES[effect.effect]}", instant)


def _lateness(life: Life, zone: tzinfo) -> Iterator[Fact]:
    row = life.row
    wanted = row.scheduled_at if row.trigger in _BY_SCHEDULE else row.created_at
    if row.started_at is None or row.started_at - wanted <= LATE:
        return
    waits = [event for event in life.events if event.kind in _WAITS and event.at <= row.started_at]
    starts = [event for event in life.events if event.kind == "occurrence_started" and event.reason is not None]
    late = length(wanted, row.started_at)
    if waits:
        why = because(waits[-1].reason, waits[-1].detail, zone) or ", and the store does not say why"
        waited = length(waits[0].at, row.started_at)
        text = f"it started {late} late; it had waited {waited}{why}"
        yield Fact(text, row.started_at, Evidence("event", str(waits[-1].sequence)))
    elif starts:
        text = f"it started {late} late{because(starts[0].reason, {}, zone)}"
        yield Fact(text, row.started_at, Evidence("event", str(starts[0].sequence)))
    elif row.due_at > row.scheduled_at:
        yield Fact(f"it started {late} late: it was due at {moment(row.due_at, zone)}", row.started_at)
    else:
        text = f"it started {late} late; the store does not say why"
        yield Fact(text, row.started_at, Evidence("occurrence", str(row.id)))


_BY_SCHEDULE = (Trigger.SCHEDULE, Trigger.RECOVERY, Trigger.AFTER)
_WAITS = frozenset(
    f"occurrence_{word}" for word in ("pending", "queued", "recovered", "triggered", "replayed", "backfilled")
)


def _gap(row: Occurrence, history: History, zone: tzinfo) -> Iterator[Fact]:
    """For what was missed, or made up for: which engines were there; for what was paused: the pause; what holds it."""
    held = held_fact(history, row.scheduled_at, zone) if row.state is OccurrenceState.PLANNED else None
    if held is not None:
        yield held
    pause = history.pause_at(row.scheduled_at) if row.reason is Reason.PAUSED else None
    if pause is not None:
        yield pause_fact(pause, zone)
    if row.state not in _NEVER_RAN and row.trigger is not Trigger.RECOVERY:
        return
    if row.reason in _GAPS or row.trigger is Trigger.RECOVERY:
        yield from engines_around(history, row.scheduled_at, zone)
    resolved = history.gap_resolved_after(row.scheduled_at)
    if resolved is not None and resolved.at == row.handled_at:
        count = resolved.detail.get("instants", "?")
        text = f"the gap was resolved: the recovery_strategy decided about {count} instants that had passed"
        yield Fact(text, resolved.at, Evidence("event", str(resolved.sequence)))


_GAPS = frozenset({Reason.DOWNTIME, Reason.ASLEEP, Reason.CLOCK_SET, Reason.OUT_OF_WINDOW, Reason.COMPRESSED_INTO})


def _tries(life: Life, zone: tzinfo) -> Iterator[Fact]:
    """What else than success became of tries, and which tasks never began."""
    names = {run.id: run.name for run in life.runs}
    for attempt in life.attempts:
        text = _try_text(attempt, names.get(attempt.task_run_id, "?"), zone)
        if text:
            yield Fact(text, attempt.finished_at or attempt.created_at, Evidence("attempt", str(attempt.id)))
    for run in life.runs:
        if run.state in (TaskRunState.SKIPPED, TaskRunState.CANCELED) and run.started_at is None:
            text = f"task {run.name} never began{because(run.reason, run.detail, zone)}"
            yield Fact(text, run.finished_at, Evidence("task_run", str(run.id)))


def _try_text(attempt: Attempt, task: str, zone: tzinfo) -> str:
    what = f"try {attempt.number} of task {task}"
    match attempt.state:
        case AttemptState.SUCCESS | AttemptState.RUNNING:
            return ""
        case AttemptState.PLANNED:
            return f"{what} waits until {moment(attempt.not_before or attempt.created_at, zone)}"
        case _:
            how = _how_it_ended(attempt)
            return (
                f"{what} ended as {attempt.state.replace('_', ' ')}{how}{because(attempt.reason, attempt.detail, zone)}"
            )


def _how_it_ended(attempt: Attempt) -> str:
    if attempt.signal is not None:
        return f" by signal {attempt.signal}"
    return "" if attempt.exit_code in (None, 0) else f" with exit code {attempt.exit_code}"


def _replays(life: Life) -> Iterator[Fact]:
    for row in life.replays:
        text = f"it was repeated as run {short_id(row.id)}: {row.state.replace('_', ' ')}"
        yield Fact(text, row.created_at.astimezone(UTC), Evidence("occurrence", str(row.id)))
