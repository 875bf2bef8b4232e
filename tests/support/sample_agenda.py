"""What is to come of the sample's jobs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from jobistemer_tui.domain.states import Reason
from jobistemer_tui.domain.upcoming import Upcoming
from jobistemer_tui.operations.agenda import Agenda, AgendaRow, Load, parts_of, with_overlaps

from .sample_jobs import Sample, ahead

_QUARTER = timedelta(minutes=15)


def _rows() -> list[AgendaRow]:
    def at(job: str, instant: datetime, seconds: float | None, **fields: object) -> AgendaRow:
        values: dict[str, object] = {"entry": Upcoming(instant, instant), "expected_s": seconds, **fields}
        return AgendaRow(job, instant, **values)  # type: ignore[arg-type]  # fields are given by name

    vm, night = ahead(minutes=2, seconds=53), ahead(hours=11, minutes=27, seconds=53)
    skipped, moved = ahead(hours=3, minutes=27, seconds=53), ahead(hours=12, minutes=27, seconds=53)
    return [
        at("backup-vm", vm, 40, more=94, last=vm + 94 * _QUARTER, every_s=900.0),
        at("backup-home", ahead(minutes=27, seconds=12), 58, tags=("backup",)),
        at("backup-photos", ahead(minutes=27, seconds=53), 12, paused=True),
        at("report-sales", skipped, 360,
           entry=Upcoming(skipped, None, Reason.SKIPPED_BY_USER, "holiday"), tags=("report",)),
        at("backup-db", night, 250, group="io", group_limit=2, tags=("backup", "io")),
        at("rotate-logs", night, 3, group="io", group_limit=2),
        at("vacuum-db", night + timedelta(seconds=100), 1200, group="io", group_limit=2),
        at("dst-demo", moved, None,
           entry=Upcoming(moved, moved, effect="moved", wall=datetime(2026, 11, 25, 2, 30))),  # noqa: DTZ001 - a wall time
        at("monthly-report", ahead(days=6, hours=16), 95),
    ]  # fmt: skip


def sample_agenda(
    sample: Sample, start: datetime, end: datetime, step: timedelta, wanted: Callable[[AgendaRow], bool]
) -> Agenda:
    """The rows of a window, or where the sample has no runs, none."""
    rows = [row for row in (_rows() if sample.occurrences else []) if start <= row.instant < end and wanted(row)]
    running = [row for row in rows if not row.paused]
    instants = [[row.instant + number * _QUARTER for number in range(row.more + 1)] for row in running]
    after = None if rows else (ahead(days=6, hours=16), "monthly-report")
    return Agenda(
        start, end, tuple(with_overlaps(rows)), len(rows), parts_of(map(Load, instants), start, end, step),
        sum(map(len, instants)), len(running), len(rows) - len(running), after,
    )  # fmt: skip
