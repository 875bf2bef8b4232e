"""Why an instant has no row, as far as the store knows; where it does not know, it says what it knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.records import Event, JobVersion, Node, Pause
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.engine.planner import SKIPPED_TOGETHER
from jobistemer_tui.operations.why_answer import Evidence, Fact, Slot, moment
from jobistemer_tui.operations.why_clauses import CLAUSES, instant_words
from jobistemer_tui.operations.why_events import event_fact
from jobistemer_tui.operations.why_held import held_fact
from jobistemer_tui.operations.why_history import History, last_seen
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import EVENTS_BY_OCCURRENCE

UNSURE = timedelta(seconds=60)
"""An idle engine writes that it is up about so often; one that was killed may have lived so much longer."""


@dataclass(frozen=True, slots=True)
class Absent:
    """An instant that has no row: the version whose schedule names it, and what the audit says of its run."""

    instant: datetime
    named_by: int
    events: Sequence[Event] = ()


def read_absent(reader: Reader, job_id: UUID, instant: datetime, named_by: int) -> Absent:
    """Read what the audit says of the run of an instant; its id follows from the instant."""
    events = reader.scan(EVENTS_BY_OCCURRENCE, identity.occurrence_id(job_id, instant))
    return Absent(instant, named_by, events)


def tell_absent(history: History, absent: Absent, zone: tzinfo, now: datetime) -> Slot:
    """The answer for an instant that has no row."""
    instant = absent.instant
    told = [event_fact(event, zone) for event in absent.events]
    if any(event.kind.startswith("occurrence_") for event in absent.events):
        summary = f"Its run is not stored any more, but the audit tells of it: {told[-1].text}."
        return Slot(instant, None, None, None, summary, tuple(told))
    found = _first(history, instant, absent.named_by, zone, now)
    summary = found.text[0].upper() + found.text[1:] + "."
    facts = (found, *told, *(_around(history, instant, zone) if instant <= now else ()))
    return Slot(instant, None, None, None, summary, facts)


def _first(history: History, instant: datetime, named_by: int, zone: tzinfo, now: datetime) -> Fact:
    """The first thing that explains it."""
    version = history.version_at(instant)
    explained = (
        _before_publication(history, instant, zone)
        or _other_version(history, version, named_by, zone)
        or _in_a_range(history, instant, zone)
        or _gone(history, instant, zone)
        or _stopped(history, instant, zone)
        or _to_come(history, instant, zone, now)
        or held_fact(history, instant, zone)
        or _not_handled(history, instant, zone)
        or _cleared(history, instant, zone)
    )
    if explained is not None:
        return explained
    return Fact("the store has no row for this instant, and does not say why", None, _of_job(history))


def _before_publication(history: History, instant: datetime, zone: tzinfo) -> Fact | None:
    first = history.job.first_published_at
    if instant > first:
        return None
    text = f"it lies before the job was first published, at {moment(first, zone)}, and an earlier time is never run"
    return Fact(text, first, _of_job(history))


def _other_version(history: History, version: JobVersion | None, named_by: int, zone: tzinfo) -> Fact | None:
    """The present schedule names the instant, but another version was in force then."""
    if version is None or version.number == named_by:
        return None
    later = next((row for row in history.versions if row.number == named_by), version)
    text = (
        f"version {version.number} was in force then, and its schedule does not name this instant; "
        f"version {later.number}, which does, was published at {moment(later.published_at, zone)}, "
        "and an edit never works backwards"
    )
    return Fact(text, later.published_at, _of_version(version))


def _in_a_range(history: History, instant: datetime, zone: tzinfo) -> Fact | None:
    row = history.range_of(instant)
    if row is None:
        return None
    became = OccurrenceState.SKIPPED if row.reason in SKIPPED_TOGETHER else OccurrenceState.MISSED
    text = (
        f"it is one of {row.count} instants from {moment(row.from_at, zone)} to {moment(row.to_at, zone)} that share "
        f"one row: {became} because {CLAUSES[row.reason]}"
    )
    return Fact(text, row.to_at, Evidence("missed_range", f"{row.job_id} {instant_text(row.from_at)}"))


def _gone(history: History, instant: datetime, zone: tzinfo) -> Fact | None:
    for event, words in (
        (history.gone_at(instant), "no watched job file held the job then: it was retired at"),
        (history.quarantined_at(instant), "the job could not be planned then: it was set aside at"),
    ):
        if event is not None:
            return Fact(f"{words} {moment(event.at, zone)}{_error(event)}", event.at, _of_event(event))
    return None


def _error(event: Event) -> str:
    return f" ({event.detail['error']})" if event.detail.get("error") else ""


def _stopped(history: History, instant: datetime, zone: tzinfo) -> Fact | None:
    event = history.stopped_at(instant)
    if event is None:
        return None
    why = f' ("{event.detail["reason"]}")' if event.detail.get("reason") else ""
    text = f"the schedule was stopped then: {event.actor} stopped it at {moment(event.at, zone)}{why}"
    return Fact(text, event.at, _of_event(event))


def _to_come(history: History, instant: datetime, zone: tzinfo, now: datetime) -> Fact | None:
    if instant <= now:
        return None
    pause = history.pause_at(instant)
    if pause is not None and history.job.paused_at is not None:
        return Fact("it lies ahead, and will be skipped because the job is paused", instant, _of_job(history))
    return Fact("it lies ahead; it is planned when the instant before it has come", instant, _of_job(history))


def _not_handled(history: History, instant: datetime, zone: tzinfo) -> Fact | None:
    if instant <= history.job.cursor_at:
        return None
    text = (
        "it has no fate yet: everything up to "
        f"{moment(history.job.cursor_at, zone)} has one, and the next engine decides about what passed since"
    )
    return Fact(text, None, _of_job(history))


def _cleared(history: History, instant: datetime, zone: tzinfo) -> Fact | None:
    """Retention tells of the runs that it removes as a whole, not one by one."""
    for event in history.acts:
        if event.kind == "runs_cleared" and event.detail["from"] <= instant_text(instant) <= event.detail["to"]:
            low, high = (instant_words(event.detail[end], zone) for end in ("from", "to"))
            runs = f"{event.detail['runs']} runs from {low} to {high}"
            text = f"the store has no row for this instant; retention cleared away {runs}, and it may be one"
            return Fact(text, event.at, _of_event(event))
    return None


def _around(history: History, instant: datetime, zone: tzinfo) -> Iterator[Fact]:
    """What else is known of that time."""
    version = history.version_at(instant)
    if version is not None:
        text = f"version {version.number} of the job was in force, published at {moment(version.published_at, zone)}"
        yield Fact(text, version.published_at, _of_version(version))
    pause = history.pause_at(instant)
    if pause is not None:
        yield pause_fact(pause, zone)
    yield from engines_around(history, instant, zone)
    refused = next((event for event in reversed(history.refusals) if event.at <= instant), None)
    if refused is not None and (version is None or version.published_at < refused.at):
        text = (
            f"a save of {refused.detail.get('path')} was refused at {moment(refused.at, zone)}{_first_error(refused)}"
        )
        yield Fact(text, refused.at, _of_event(refused))


def _first_error(event: Event) -> str:
    errors = event.detail.get("errors") or []
    return f": {errors[0].get('message', '')}" if errors and isinstance(errors[0], dict) else ""


def pause_fact(pause: Pause, zone: tzinfo) -> Fact:
    """From when to when a job was paused, and why."""
    end = "it is resumed" if pause.end_at is None else moment(pause.end_at, zone)
    why = f' ("{pause.reason}")' if pause.reason else ""
    text = f"the job was paused from {moment(pause.begin_at, zone)} until {end}{why}"
    return Fact(text, pause.begin_at, Evidence("pause", f"{pause.job_id} {instant_text(pause.begin_at)}"))


def engines_around(history: History, instant: datetime, zone: tzinfo) -> Iterator[Fact]:
    """Which engine was up at an instant; else the last one before it and the first one after it."""
    up = history.node_at(instant)
    if up is not None:
        text = f"an engine was up: {up.host}, process {up.pid}, from {moment(up.started_at, zone)}"
        yield Fact(text, up.started_at, _of_node(up))
        return
    before = max((row for row in history.nodes if row.started_at <= instant), key=last_seen, default=None)
    if before is not None:
        yield Fact(_last_seen_text(before, instant, zone), last_seen(before), _of_node(before))
    after = next((row for row in history.nodes if row.started_at > instant), None)
    if after is not None:
        text = f"the next engine started at {moment(after.started_at, zone)} ({after.host}, process {after.pid})"
        yield Fact(text, after.started_at, _of_node(after))
    elif before is None:
        yield Fact("no engine has ever served this store")


def _last_seen_text(node: Node, instant: datetime, zone: tzinfo) -> str:
    who, when = f"{node.host}, process {node.pid}", moment(last_seen(node), zone)
    if node.stopped_at is not None:
        return f"the engine before it ({who}) stopped at {when}"
    if instant - node.swept_at <= UNSURE:
        return f"the engine before it ({who}) was last seen at {when}; it may still have been up"
    return f"the engine before it ({who}) was last seen at {when}, and never said that it stopped"


def _of_job(history: History) -> Evidence:
    return Evidence("job", str(history.job.id))


def _of_version(row: JobVersion) -> Evidence:
    return Evidence("job_version", f"{row.job_id} {row.number}")


def _of_event(event: Event) -> Evidence:
    return Evidence("event", str(event.sequence))


def _of_node(node: Node) -> Evidence:
    return Evidence("node", str(node.id))
