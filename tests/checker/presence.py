"""I1: every instant of a schedule has exactly one occurrence, under the id it gives, or lies in a range."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from tests.checker.enumeration import Names, microseconds, schedule_of, text_of
from tests.checker.history import SECOND, Change, History, Row, Violation, setting, short

ROOT = uuid.uuid5(uuid.NAMESPACE_DNS, "jobistemer")
_BY_SCHEDULE = ("schedule", "recovery")
_OPENS = ("job_published", "job_returned", "job_started")
_CLOSES = ("job_retired", "job_stopped")
_AHEAD = 120 * SECOND
"""A cursor that is ahead by no more than this is left where it is (hazard 14)."""
_BACKWARD = frozenset({"clock_went_back", "job_published", "job_returned", "job_started", "gap_resolved"})


def check(history: History) -> Iterator[Violation]:
    """All of I1."""
    yield from check_ids(history)
    for job in history.rows("job"):
        yield from check_instants(history, job)
    yield from check_cursors(history)


def _is_of_schedule(row: Row) -> bool:
    """Whether an occurrence is the one of its instant; a backfill makes it where there was none."""
    return row["trigger"] in _BY_SCHEDULE or (row["trigger"] == "backfill" and row["replay_of"] is None)


# --- identity


def check_ids(history: History) -> Iterator[Violation]:
    """An id is computed from what a thing is."""
    for job in history.rows("job"):
        yield from _expect(job["id"], ROOT, job["key"], f"job {job['name']}")
    for row in history.rows("occurrence"):
        if row["replay_of"] is None:
            yield from _expect(row["id"], uuid.UUID(bytes=row["job_id"]), _name(row), f"occurrence {short(row['id'])}")
    yield from _check_replays(history)
    for runs in history.runs.values():
        for run in runs:
            occurrence = history.occurrences[run["occurrence_id"]]
            task = uuid.uuid5(uuid.UUID(bytes=occurrence["job_id"]), f"task:{run['name']}")
            yield from _expect(run["id"], uuid.UUID(bytes=run["occurrence_id"]), str(task), f"task run {run['name']}")
    for row in history.rows("attempt"):
        parent = uuid.UUID(bytes=row["task_run_id"])
        yield from _expect(row["id"], parent, str(row["number"]), f"attempt {short(row['id'])}")


def _check_replays(history: History) -> Iterator[Violation]:
    """Replays of one occurrence are numbered from 1; as long as none was pruned, without a gap."""
    replays: dict[bytes, set[bytes]] = {}
    for row in history.rows("occurrence"):
        if row["replay_of"] is not None:
            replays.setdefault(row["replay_of"], set()).add(row["id"])
    for original, found in replays.items():
        parent = uuid.UUID(bytes=original)
        expected = {uuid.uuid5(parent, f"replay:{number}").bytes for number in range(1, len(found) + 1)}
        for key in found - expected:
            yield Violation("I1", f"the id of {short(key)} is not that of a replay of {short(original)}")


def _name(row: Row) -> str:
    if _is_of_schedule(row):
        return text_of(row["scheduled_at"])
    return f"manual:{uuid.UUID(bytes=row['request_id'])}" if row["request_id"] else ""


def _expect(key: bytes, parent: uuid.UUID, name: str, what: str) -> Iterator[Violation]:
    if name and uuid.uuid5(parent, name).bytes != key:
        yield Violation("I1", f"the id of {what} is not that of {name!r}")


# --- instants


@dataclass
class Span:
    """A time in which one schedule was in force."""

    names: Names
    start: int
    end: int | None = None


@dataclass
class Story:
    """What the audit tells of a job's schedule."""

    spans: list[Span] = field(default_factory=list)
    stopped: bool = False
    retired: bool = False
    text: str = ""
    opened_at: int | None = None
    handing_over: Span | None = None
    """What hands over to the schedule of the last edit, with its last instant alone; also once it has done so."""

    @property
    def is_open(self) -> bool:
        """Whether a schedule is in force, be it from a time that a clock which was set back has yet to reach."""
        return any(span.end is None for span in self.spans)

    @property
    def rests(self) -> bool:
        """Whether none is in force, whatever there was."""
        return self.stopped or self.retired

    def current(self, at: int) -> Span | None:
        """The span in force."""
        return next((span for span in self.spans if span.start <= at and (span.end is None or span.end > at)), None)

    def close(self, at: int) -> None:
        """End what is in force, and drop what was to come after it."""
        self.spans = [span for span in self.spans if span.start <= at]
        current = self.current(at)
        if current is not None:
            current.end = at

    def leave_last(self, at: int) -> int:
        """From when the schedule of the last edit applies: what hands over to it still has its last instant."""
        if self.handing_over is None or self.handing_over.end is None or self.handing_over.end <= at:
            return at
        self.spans.append(replace(self.handing_over, start=at))
        return self.handing_over.end

    def reach_back(self, at: int) -> None:
        """The clock was set back to before what is in force began: that is so from then on, and nothing before it."""
        if self.opened_at is None or self.opened_at <= at or self.rests:
            return
        earlier, latest = self.current(at), self.current(self.opened_at)
        if latest is not None and latest is not earlier:
            latest.start = self.leave_last(at) if latest.end is None else at
            if earlier is not None:
                earlier.end = at

    def went_back(self, at: int) -> None:
        """The clock was wrong: what lay beyond is planned anew, and nothing hands over then."""
        if self.handing_over is not None and (self.handing_over.end or at) > at:
            self.handing_over = None
        for span in self.spans:
            if span.end is None:
                span.start = min(span.start, at)
            else:
                span.end = min(span.end, at)


def check_instants(history: History, job: Row) -> Iterator[Violation]:
    """Every instant of a job has its row or lies in a range, and no row is of none."""
    known = schedules_of(history, job)
    if any(names is None for names in known):
        return  # a schedule that this enumeration does not know
    rows = {
        row["scheduled_at"]: row
        for row in history.rows("occurrence")
        if row["job_id"] == job["id"] and _is_of_schedule(row)
    }
    for instant in rows:
        if not any(names is not None and names(instant) for names in known):
            yield Violation("I1", f"{job['name']} has an occurrence at {text_of(instant)}, which no version names")
    cleared = {row["scheduled_at"] for row in history.cleared["occurrence"] if row["job_id"] == job["id"]}
    ranges = [(row["from_at"], row["to_at"]) for row in history.rows("missed_range") if row["job_id"] == job["id"]]
    for span in _spans(history, job):
        end = _end(history, job, span)
        for instant in span.names.between(span.start, end):
            if instant in cleared or any(first <= instant <= last for first, last in ranges):
                continue
            if instant not in rows:
                yield Violation("I1", f"{job['name']} has no occurrence at {text_of(instant)}")
            elif rows[instant]["state"] == "planned" and instant <= (history.until or 0):
                yield Violation("I1", f"{job['name']} has no fate at {text_of(instant)}")


def _end(history: History, job: Row, span: Span) -> int:
    if span.end is None:
        cursor: int = job["cursor_at"]
        return cursor if history.until is None else max(history.until, cursor)
    return span.end


def schedules_of(history: History, job: Row) -> list[Names | None]:
    """What each version of a job names; None: a schedule that this enumeration does not know."""
    return [_names(history, job, number) for number in range(1, job["version"] + 1)]


def _names(history: History, job: Row, number: int) -> Names | None:
    definition = history.versions[job["id"], number]
    if definition["schedule"] is None or not definition["enabled"]:
        return Names(1, 0, lambda instant: False)
    return schedule_of(definition["schedule"], definition["timezone"], job["first_published_at"])


def _spans(history: History, job: Row) -> list[Span]:
    story = Story()
    for event in sorted(history.rows("event"), key=lambda row: row["sequence"]):
        if event["job_id"] == job["id"]:
            tell(history, job, story, event)
    return [span for span in story.spans if span.names.step > 1]


def tell(history: History, job: Row, story: Story, event: Row) -> None:
    """Take what an event of a job says into its story."""
    kind, at = event["kind"], event["at"]
    if kind == "clock_went_back" and _moved_the_cursor(event):
        story.went_back(at)
    if kind in _CLOSES:
        story.reach_back(at)
        story.stopped |= kind == "job_stopped"
        story.retired |= kind == "job_retired"
        story.close(at)
    if kind in _OPENS:
        story.stopped &= kind != "job_started"
        story.retired &= kind != "job_returned"
        number = json.loads(event["detail"]).get("version")
        definition = history.versions[job["id"], number] if number else None
        text = json.dumps([definition["schedule"], definition["enabled"]]) if definition else story.text
        graceful = definition is not None and setting(definition, "update_policy") == "graceful"
        if kind == "job_returned":
            story.handing_over = None  # what returns begins at once, be it when it is started
        # An edit that leaves the schedule of a job that rests alone leaves what was to hand over.
        if text != story.text or not (story.is_open or story.rests):
            _open(
                history,
                job,
                story,
                text,
                at,
                graceful=graceful and kind == "job_published",
                starts=kind == "job_started",
            )


def _moved_the_cursor(event: Row) -> bool:
    """Whether the cursor lay too far ahead; else only what waited was put off anew."""
    was = datetime.fromisoformat(json.loads(event["detail"])["cursor_was"])
    return bool(microseconds(was) > event["at"] + _AHEAD)


def _open(history: History, job: Row, story: Story, text: str, at: int, *, graceful: bool, starts: bool) -> None:
    story.reach_back(at)
    before = story.current(at) if graceful and not story.rests else None
    last = None if before is None else before.end
    story.close(at)
    story.text, story.opened_at = text, at
    schedule, enabled = json.loads(text)
    names = schedule_of(schedule, "UTC", job["first_published_at"]) if enabled and schedule is not None else None
    if not starts:
        hands_over = before is not None and before.names.step > 1 and names is not None
        story.handing_over = _hand_over(before, last, at) if before is not None and hands_over else None
    if not story.rests:
        story.spans.append(Span(names or Names(1, 0, lambda instant: False), story.leave_last(at)))


def _hand_over(before: Span, last: int | None, at: int) -> Span:
    """The next instant of an old schedule, which still happens before a new one applies.

    One that hands over already has only its `last`, also where the clock was set back and it would name earlier ones.
    """
    last = before.names.first_after(at) if last is None else last
    return Span(replace(before.names, test=lambda instant: instant == last), at, last)


# --- the cursor


def check_cursors(history: History) -> Iterator[Violation]:
    """A cursor moves with what is handled, and back only with a word about why."""
    planned: dict[bytes, dict[bytes, int]] = {}
    for commit in history.commits or ():
        jobs = {change.row["id"]: change.row for change in commit.changes if change.table == "job"}
        for change in commit.changes:
            if change.table == "occurrence":
                _keep_planned(planned.setdefault(change.row["job_id"], {}), change)
        for change in commit.changes:
            before, after = change.before, change.after
            if before is None or after is None:
                continue
            if change.table == "job" and after["cursor_at"] < before["cursor_at"]:
                if not _BACKWARD & set(commit.events):
                    yield Violation("I1", f"commit {commit.number} set the cursor of {after['name']} back")
            elif change.table == "occurrence" and before["state"] == "planned" != after["state"]:
                yield from _check_moved(commit.number, after, jobs.get(after["job_id"]), planned[after["job_id"]])


def _keep_planned(planned: dict[bytes, int], change: Change) -> None:
    """Take into a job's planned instants what a commit made of one row."""
    after = change.after
    if after is not None and after["state"] == "planned":
        planned[after["id"]] = after["scheduled_at"]
    else:
        planned.pop(change.row["id"], None)


def _is_out_of_turn(row: Row, planned: dict[bytes, int]) -> bool:
    """Whether an earlier instant is still planned: it moves the cursor, over what lies between as well.

    A mark makes a row before its turn, and a job's rows need not be handled in the order of their instants.
    """
    return any(instant < row["scheduled_at"] for instant in planned.values())


def _check_moved(number: int, row: Row, job: Row | None, planned: dict[bytes, int]) -> Iterator[Violation]:
    moved = job is not None and job["cursor_at"] >= row["scheduled_at"]
    if row["trigger"] in _BY_SCHEDULE and not moved and not _is_out_of_turn(row, planned):
        yield Violation("I1", f"commit {number} gave {short(row['id'])} its fate and did not move the cursor")
