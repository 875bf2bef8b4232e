"""Fixed jobs, occurrences and files for the screens: made once, the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_DNS, UUID, uuid5

from jobistemer_tui.domain.acts import Act
from jobistemer_tui.domain.cascade import Effective
from jobistemer_tui.domain.definition_diff import Difference, Kind
from jobistemer_tui.domain.file_plan import FilePlan, InstantDiff, JobChange, JobPlan
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason, TaskRunState, Trigger
from jobistemer_tui.domain.upcoming import Upcoming
from jobistemer_tui.operations.read_models import (
    ActivityRow,
    AttemptRow,
    FileProblem,
    FileRow,
    JobDetail,
    JobRow,
    LastRun,
    OccurrenceDetail,
    OccurrenceRow,
    RunRow,
    TaskRow,
    TaskShape,
)

NOW = datetime(2026, 11, 24, 13, 32, 7, tzinfo=UTC)
FILE = "/home/eva/.config/jobistemer/jobs/backup.toml"
_O = OccurrenceState
_WORDS = {
    "v": _O.COMPLETED, "x": _O.FAILED, "t": _O.FAILED_STALE, "s": _O.SKIPPED, "m": _O.MISSED, "c": _O.CANCELED,
    "e": _O.COMPLETED_WITH_ERRORS, "r": _O.RUNNING, "q": _O.QUEUED,
}  # fmt: skip

_SCHEDULES = {
    "0 6 * * *": "every day at 06:00",
    "0 2 * * *": "every day at 02:00",
    "*/15 * * * *": "every 15 minutes",
    "0 7 1 * *": "at 07:00 on day 1 of the month",
    "@daily": "every day at 00:00",
}


def sample_id(name: str) -> UUID:
    """A fixed id for a name."""
    return uuid5(NAMESPACE_DNS, name)


def ago(**length: float) -> datetime:
    """An instant before the fixed now."""
    return NOW - timedelta(**length)


def ahead(**length: float) -> datetime:
    """An instant after the fixed now."""
    return NOW + timedelta(**length)


def job_row(name: str, recent: str = "", **fields: object) -> JobRow:
    """A job that is loaded and at rest; `recent` are its last states as letters."""
    values: dict[str, object] = {
        "id": sample_id(name),
        "name": name,
        "file": FILE,
        "line": 41,
        "description": "",
        "schedule": "0 6 * * *",
        "in_words": lambda: _SCHEDULES.get(str(fields.get("schedule", "0 6 * * *")), ""),
        "timezone": "Europe/Berlin",
        "enabled": True,
        "loaded": True,
        "paused": False,
        "paused_until": None,
        "pause_reason": None,
        "next": ahead(hours=15, minutes=27, seconds=53),
        "running": 0,
        "queued": 0,
        "last": None,
        "recent": tuple(_WORDS[letter] for letter in recent),
        "tags": (),
        "error": None,
    }
    return JobRow(**{**values, **fields})  # type: ignore[arg-type]  # fields are given by name


def last_run(
    job: str, status: OccurrenceState, ended: datetime, seconds: float | None, reason: Reason | None = None
) -> LastRun:
    """The newest occurrence of a job, `seconds` long (None: it never started)."""
    started = None if seconds is None else ended - timedelta(seconds=seconds)
    scheduled = (started or ended).replace(microsecond=0)
    finished = None if status is _O.RUNNING else ended
    return LastRun(sample_id(f"{job}/last"), status, reason, scheduled, started, finished)


def sample_rows() -> list[JobRow]:
    """Jobs in all the states that a list shows."""
    db = LastRun(sample_id("backup-db/last"), _O.RUNNING, None, ago(seconds=252), ago(seconds=252), None)
    return [
        job_row("backup-db", "vvvvvvxvvvvr", schedule="0 2 * * *", running=1, last=db, next=ahead(hours=11, minutes=28),
                tags=("backup", "io"), description="Dump of the customer database"),
        job_row("backup-home", "vvvvvvvvvvvv", schedule="every 6h", next=ahead(minutes=27, seconds=12),
                tags=("backup",), last=last_run("backup-home", _O.COMPLETED, ago(hours=5, minutes=32), 58)),
        job_row("backup-offsite", "vvvvvvvvvvvx", tags=("backup", "remote"),
                description="Copies the last dump to the other site",
                last=last_run("backup-offsite", _O.FAILED, ago(hours=8, minutes=2), 1811, Reason.TASK_FAILED)),
        job_row("backup-photos", "vvvvvvvvssvv", schedule="every 1h", paused=True, pause_reason="disk swap",
                last=last_run("backup-photos", _O.COMPLETED, ago(days=2, hours=3), 12), next=ahead(minutes=28)),
        job_row("backup-vm", "vvvmvvvvvvvm", schedule="*/15 * * * *", next=ahead(minutes=3, seconds=10),
                last=last_run("backup-vm", _O.MISSED, ago(minutes=18), None, Reason.ASLEEP)),
        job_row("monthly-report", "", schedule="0 7 1 * *", next=ahead(days=6, hours=16)),
        job_row("old-import", "vvvvvv", enabled=False, next=None,
                last=last_run("old-import", _O.COMPLETED, ago(days=41), 4)),
        job_row("report-sales", "vvvtvvevvvvt", schedule="@daily", next=ahead(hours=3, minutes=28), tags=("report",),
                next_mark=Reason.SKIPPED_BY_USER,
                last=last_run("report-sales", _O.FAILED_STALE, ago(hours=10), 360, Reason.OWNER_LOST)),
        job_row("restore-test", "vccv", schedule=None, in_words=str, next=None,
                last=last_run("restore-test", _O.CANCELED, ago(days=9), 71, Reason.USER)),
        job_row("sync-mail", "vvvvvvvvvvvq", schedule="every 5m", queued=1, next=ahead(minutes=2),
                last=last_run("sync-mail", _O.COMPLETED, ago(minutes=3), 0.4)),
        job_row("vacuum-db", "vvvv", loaded=False, next=None,
                last=last_run("vacuum-db", _O.COMPLETED, ago(days=3), 1203)),
    ]  # fmt: skip


HOSTILE_NAMES = (
    "[/oops] [bold]x[/bold]",
    "esc\x1b[2J\x1b[31mred",
    "osc\x1b]52;c;aGk=\x07clip",
    "osc\x1b]0;title\x1b\\t",
    "bidi\u202egnp.exe\u2066",
    "nul\x00bel\x07c1\x9b31m",
    "line\nbreak\rback\ttab",
    "long" + "x" * 10_000,
    "wide漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字",
    "$(rm -rf ~) 'quoted' \"twice\"",
)


def hostile_rows() -> list[JobRow]:
    """Jobs whose every text tries to harm the terminal or the markup parser."""
    rows = []
    for name in HOSTILE_NAMES:
        last = last_run(name, _O.FAILED, ago(hours=1), 5, Reason.TASK_FAILED)
        rows.append(
            job_row(name, "x", description=name, schedule=name, in_words=name.__str__, timezone=name, tags=(name,),
                    pause_reason=name, error=name, file=f"/jobs/{name}", last=last)
        )  # fmt: skip
    return rows


@dataclass(frozen=True)
class Try:
    """One try of a sample task, in seconds from the start of its occurrence; no end: it runs."""

    begin: float | None
    end: float | None
    status: AttemptState
    exit_code: int | None = None
    reason: Reason | None = None


def task(
    occurrence: UUID,
    start: datetime,
    name: str,
    status: TaskRunState,
    tries: Sequence[Try] = (),
    needs: tuple[str, ...] = (),
    *,
    reason: Reason | None = None,
    ended: float | None = None,
) -> TaskRow:
    """A task with its tries."""
    attempts = tuple(_attempt(occurrence, start, name, number, one) for number, one in enumerate(tries, 1))
    started = attempts[0].started_at if attempts else None
    finished = attempts[-1].finished_at if attempts else None
    if ended is not None:
        finished = start + timedelta(seconds=ended)
    return TaskRow(
        sample_id(f"{occurrence}/{name}"), name, status, reason, needs, started, finished, attempts,
        what=f"/usr/local/lib/backup/{name} --verbose", cwd="/srv/backup", variables=("BWLIMIT", "RSYNC_PASSWORD"),
    )  # fmt: skip


def _attempt(occurrence: UUID, start: datetime, task_name: str, number: int, one: Try) -> AttemptRow:
    begin = None if one.begin is None else start + timedelta(seconds=one.begin)
    end = None if one.end is None else start + timedelta(seconds=one.end)
    not_before = ahead(seconds=25) if begin is None else None
    detail: dict[str, object] = {"pid": 48110 + number} if begin else {}
    if end is not None:
        detail |= {"user_s": 1.5, "system_s": 0.25, "max_rss_bytes": 48 << 20, "output_bytes": 3210}
    name = f"{occurrence}/{task_name}/{number}"
    return AttemptRow(
        sample_id(name), number, one.status, one.reason, one.exit_code, None, not_before, begin, end, detail
    )


def occurrence(
    job: str,
    name: str,
    status: OccurrenceState,
    scheduled: datetime,
    seconds: float | None,
    tasks: Iterable[TaskRow] = (),
    *,
    trigger: Trigger = Trigger.SCHEDULE,
    reason: Reason | None = None,
    detail: dict[str, object] | None = None,
) -> OccurrenceDetail:
    """An occurrence that began 0.4 s late and took `seconds` (None: never started; 0: still runs)."""
    started = None if seconds is None else scheduled + timedelta(seconds=0.4)
    finished = scheduled + timedelta(seconds=0.4 + seconds) if seconds else None
    if seconds is None and status not in (_O.PENDING, _O.QUEUED):
        finished = scheduled
    row = OccurrenceRow(
        sample_id(f"{job}/{name}"), job, sample_id(job), scheduled, trigger, status, reason, detail or {}, started,
        finished, "n1", sample_id("n1"), 7,
    )  # fmt: skip
    return OccurrenceDetail(row, tuple(tasks), ahead(hours=20) if status is _O.RUNNING else None)


def offsite_failed() -> OccurrenceDetail:
    """The failed run of `backup-offsite`: five tasks, one of them tried three times."""
    key, start = sample_id("backup-offsite/last"), ago(hours=8, minutes=32, seconds=11)
    done, failed = AttemptState.SUCCESS, AttemptState.FAILED
    tasks = [
        task(key, start, "lock", TaskRunState.SUCCESS, [Try(0, 0.2, done, 0)]),
        task(key, start, "dump", TaskRunState.SUCCESS, [Try(1, 581, done, 0)], ("lock",)),
        task(key, start, "compress", TaskRunState.SUCCESS, [Try(582, 820, done, 0)], ("dump",)),
        task(key, start, "upload", TaskRunState.FAILED,
             [Try(822, 1000, failed, 12), Try(1060, 1300, failed, 12), Try(1420, 1811, failed, 23)], ("dump",),
             reason=Reason.TASK_FAILED),
        task(key, start, "notify-ok", TaskRunState.SKIPPED, (), ("upload",), reason=Reason.NEED_NOT_MET, ended=1811),
    ]  # fmt: skip
    return occurrence("backup-offsite", "last", _O.FAILED, start, 1811, tasks, reason=Reason.TASK_FAILED)


def db_running() -> OccurrenceDetail:
    """The live run of `backup-db`: one task done, one running, one waiting to be tried again, one waiting."""
    key, start = sample_id("backup-db/last"), ago(seconds=252)
    done = AttemptState.SUCCESS
    tasks = [
        task(key, start, "lock", TaskRunState.SUCCESS, [Try(0.4, 1.5, done, 0)]),
        task(key, start, "dump", TaskRunState.RUNNING, [Try(2, None, AttemptState.RUNNING)], ("lock",)),
        task(key, start, "probe", TaskRunState.RETRYING,
             [Try(3, 95, AttemptState.FAILED, 7), Try(None, None, AttemptState.PLANNED)], ("lock",),
             reason=Reason.RETRY),
        task(key, start, "upload", TaskRunState.PENDING, (), ("dump", "probe")),
    ]  # fmt: skip
    return occurrence("backup-db", "last", _O.RUNNING, start, 0, tasks)


def sample_run(detail: OccurrenceDetail) -> RunRow:
    """An occurrence as the list of runs has it; every run is expected to take ten minutes."""
    telling = (TaskRunState.RUNNING, TaskRunState.RETRYING, TaskRunState.FAILED)
    live = detail.row.status is _O.RUNNING
    if not live and detail.row.status is not _O.FAILED:
        return RunRow(detail.row)
    steps = tuple(one.name for one in detail.tasks if one.status in telling)
    done = sum(one.finished_at is not None for one in detail.tasks)
    return RunRow(detail.row, steps, done, len(detail.tasks), 600.0 if live else None)


def sample_occurrences() -> list[OccurrenceDetail]:
    """Histories of the jobs that tests and pictures go into."""
    found = [offsite_failed(), db_running()]
    for day in range(1, 9):
        scheduled = ago(days=day, hours=8, minutes=32, seconds=11)
        key = sample_id(f"backup-offsite/{day}")
        one = task(key, scheduled, "dump", TaskRunState.SUCCESS, [Try(1, 560 + day, AttemptState.SUCCESS, 0)])
        found.append(occurrence("backup-offsite", str(day), _O.COMPLETED, scheduled, 1500 + 7 * day, [one]))
    found += [
        occurrence("backup-db", "1", _O.COMPLETED, ago(days=1), 302, [], trigger=Trigger.MANUAL),
        occurrence("backup-db", "2", _O.SKIPPED, ago(days=2), None, [], reason=Reason.OVERLAP),
        occurrence("backup-db", "3", _O.MISSED, ago(days=3), None, [], reason=Reason.DOWNTIME),
        occurrence("backup-db", "4", _O.CANCELED, ago(days=4), 44, [], reason=Reason.USER),
        occurrence("sync-mail", "1", _O.QUEUED, ago(minutes=1), None, [], reason=Reason.OVERLAP),
    ]
    others = [row for row in sample_rows() if row.last and row.name not in ("backup-db", "backup-offsite")]
    return found + [_plain_last(row) for row in others]


def _plain_last(row: JobRow) -> OccurrenceDetail:
    """The newest occurrence of a job that nobody goes into: one task, as the job's row tells."""
    assert row.last is not None
    last = row.last
    seconds = None
    tasks: list[TaskRow] = []
    if last.started_at is not None and last.finished_at is not None:
        seconds = (last.finished_at - last.started_at).total_seconds()
        tries = [Try(0, seconds, AttemptState.SUCCESS, 0)]
        tasks = [task(last.id, last.started_at, "main", TaskRunState.SUCCESS, tries)]
    return occurrence(row.name, "last", last.status, last.scheduled_at, seconds, tasks, reason=last.reason)


REFUSED_FILE = FileRow(
    "/home/eva/.config/jobistemer/jobs/sync.toml", "/home/eva/.config/jobistemer/jobs", False, ago(minutes=12),
    ("sync-mail",),
    (
        FileProblem("/home/eva/.config/jobistemer/jobs/sync.toml", 12, 1, "error", "unknown key “retrys”",
                    "did you mean “retries”?", "retrys = 3"),
    ),
)  # fmt: skip
GOOD_FILE = FileRow(FILE, "/home/eva/.config/jobistemer/jobs", True, ago(minutes=12), ("backup-db",), ())

DENIED_FILE = FileRow(
    "/home/eva/.config/jobistemer/jobs/shared.toml", "/home/eva/.config/jobistemer/jobs", False, ago(minutes=3), (),
    (FileProblem("/home/eva/.config/jobistemer/jobs/shared.toml", 0, 0, "error", "can be written by everybody",
                 "chmod o-w it", ""),),
    denied=True,
)  # fmt: skip
OTHER_FILE = FileRow("/srv/team/jobs/reports.yaml", "/srv/team/jobs", True, ago(days=2), ("report-sales",), (),
                     watched=False)  # fmt: skip
WARNED_FILE = FileRow(
    "/home/eva/.config/jobistemer/jobs/photos.toml", "/home/eva/.config/jobistemer/jobs", True, ago(hours=3),
    ("backup-photos", "sort-photos"),
    (FileProblem("/home/eva/.config/jobistemer/jobs/photos.toml", 7, 12, "warning",
                 "the program “exiftran” is not found", "install it, or set path",
                 'command = ["exiftran", "-ai", "/srv/photos/inbox"]'),),
)  # fmt: skip
LAST_CHANGE = FilePlan(
    ago(minutes=12),
    (
        JobPlan(
            "backup-db", JobChange.CHANGED, FILE, 4, "Europe/Berlin", 3, 4,
            differences=(
                Difference(Kind.CHANGED, "schedule", "0 2 * * *", "0 3 * * 1-5"),
                Difference(Kind.CHANGED, "retry_policy.max_retries", 0, 2),
            ),
            instants=InstantDiff(
                tuple(ahead(days=day, hours=12, minutes=27, seconds=53) for day in (1, 2, 3, 6)),
                tuple(ahead(days=day, hours=11, minutes=27, seconds=53) for day in (0, 1, 2, 3)),
                22, 30,
            ),
            waiting=1, running=1,
        ),
        JobPlan(
            "backup-old", JobChange.RETIRED, "/home/eva/.config/jobistemer/jobs/old.toml", 1, "Europe/Berlin", 2, 2,
            waiting=2,
        ),
    ),
)  # fmt: skip


def _event(number: int, when: datetime, actor: str, kind: str, /, job: str | None = None, run: str | None = None,
           reason: Reason | None = None, **detail: object) -> ActivityRow:  # fmt: skip
    act = None
    if kind == "job_paused" and job is not None:
        act = Act(number, kind, actor, when, sample_id(job), job)
    run_id = None if run is None else sample_id(run)
    return ActivityRow(number, when, kind, actor, job, run_id, reason, detail, act)


def sample_activity() -> list[ActivityRow]:
    """A morning's audit."""
    engine = "engine 3f2a81c0"
    active = {"stopped": False, "paused": False, "until": None, "reason": None}
    return [
        _event(1, ago(hours=11), engine, "occurrence_reaped", "report-sales", "report-sales/last", Reason.OWNER_LOST,
               status="failed_stale"),
        _event(2, ago(hours=8, minutes=17), engine, "occurrence_missed", "backup-vm", "backup-vm/last", Reason.ASLEEP),
        _event(3, ago(hours=8, minutes=2), engine, "occurrence_finished", "backup-offsite", "backup-offsite/last",
               Reason.TASK_FAILED, status="failed"),
        _event(4, ago(minutes=12), engine, "file_refused", path=REFUSED_FILE.path,
               errors=[{"file": REFUSED_FILE.path, "line": 12, "column": 1, "message": "unknown key “retrys”",
                        "hint": "did you mean “retries”?", "source_line": "retrys = 3"}]),
        _event(5, ago(minutes=12), engine, "files_reloaded", **LAST_CHANGE.to_json()),
        _event(6, ago(minutes=2), "tui eva", "job_paused", "backup-photos", before=active,
               after={**active, "paused": True, "reason": "disk swap"}),
        _event(7, ago(seconds=20), engine, "occurrence_started", "backup-db", "backup-db/last"),
        _event(8, ago(seconds=9), engine, "space_low", free=120 << 20, min_free=200 << 20),
    ]  # fmt: skip


@dataclass
class Sample:
    """What a FakeOperations serves; tests change it and call `touch` or `commit`."""

    jobs: dict[str, JobRow] = field(default_factory=lambda: {row.name: row for row in sample_rows()})
    occurrences: dict[UUID, OccurrenceDetail] = field(
        default_factory=lambda: {detail.row.id: detail for detail in sample_occurrences()}
    )
    files: list[FileRow] = field(default_factory=lambda: [GOOD_FILE])
    last_change: FilePlan | None = None
    activity: list[ActivityRow] = field(default_factory=lambda: sample_activity())
    pending: FilePlan = field(default_factory=lambda: FilePlan(NOW))

    @staticmethod
    def of(rows: Iterable[JobRow]) -> Sample:
        """Only these jobs, with occurrences that fit them."""
        jobs = {row.name: row for row in rows}
        details = [_hostile_occurrence(row) for row in jobs.values() if row.last]
        return Sample(jobs, {detail.row.id: detail for detail in details}, [])

    def job_detail(self, row: JobRow, instants: int) -> JobDetail:
        """The job with instants a day apart."""
        first = row.next
        days = [first + timedelta(days=day) for day in range(instants)] if first else []
        shapes = (
            TaskShape("dump", (), "success", "run", ""),
            TaskShape("upload", ("dump",), "success", "run", ""),
        )
        settings = {
            "overlap_policy": Effective("skip", "default"),
            "recovery_strategy": Effective("execute-last", "default"),
            "retry_policy.max_retries": Effective(2, "job"),
            "failure_strategy": Effective("fail-fast", "default"),
        }
        coming = [Upcoming(day, day) for day in days]
        if coming and row.next_mark is not None:
            coming[0] = replace(coming[0], starts_at=row.next_starts, reason=row.next_mark)
        schedule = row.schedule and {"cron": row.schedule, "exclude": ["2026-12-24..2026-12-26"]}
        return JobDetail(
            row, 7, ago(minutes=12), tuple(coming), shapes, settings, timezone_data="2026b", schedule=schedule
        )


def _hostile_occurrence(row: JobRow) -> OccurrenceDetail:
    assert row.last is not None
    tries = [Try(0, 5, AttemptState.FAILED, 1)]
    one = task(row.last.id, row.last.scheduled_at, row.name, TaskRunState.FAILED, tries, (row.name,))
    waiting = task(row.last.id, row.last.scheduled_at, f"{row.name}2", TaskRunState.PENDING, (), (row.name,))
    detail = occurrence(
        row.name, "last", _O.FAILED, row.last.scheduled_at, 5, [one, waiting], detail={"note": row.name}
    )
    return detail
