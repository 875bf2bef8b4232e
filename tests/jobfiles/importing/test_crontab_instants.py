"""Twenty crontabs: each line, imported, falls due when cronsim says that the original line does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim

from jobistemer_tui.jobfiles.importing.model import Fate
from jobistemer_tui.schedules import Jittered, Schedule, parse_schedule
from tests.jobfiles.importing.importing_crontabs import CRONTABS, SYSTEM, imported

MACROS = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip
STARTS = [
    datetime(2026, month, day, 12, 34, 56, tzinfo=UTC)
    for month, day in ((1, 1), (3, 6), (3, 27), (10, 23), (10, 30), (12, 31))
]
"""Among them the days before the clocks change in Europe and in America."""


def lines_of(path: Path) -> Iterator[tuple[int, str, str]]:
    """Number, expression and zone ("": the machine's) of each line that runs something, read without our parser."""
    zone = ""
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        words = line.removeprefix("-").split()
        if line.startswith("CRON_TZ="):
            zone = line.removeprefix("CRON_TZ=")
        if words and words[0] in MACROS:
            yield number, MACROS[words[0]], zone
        elif words and words[0][0] in "0123456789*~":
            yield number, " ".join(words[:5]), zone


def schedules_of(path: Path, machine: str) -> dict[int, tuple[Schedule, str]]:
    """Line → the schedule of the job that was made of it, and its zone."""
    made = imported(path, timezone=machine)
    tables = {job.name: job.table for job in made.jobs}
    carried = {note.line: note.job for note in made.notes if note.fate is Fate.CARRIED and note.job}
    found = {}
    for line, name in carried.items():
        zone = tables[name].get("timezone", machine)
        schedule = parse_schedule(tables[name]["schedule"], timezone=zone, key=name)
        found[line] = (schedule.schedule if isinstance(schedule, Jittered) else schedule, zone)
    return found


def test_there_are_twenty() -> None:
    assert len(CRONTABS) == 20
    assert {path.stem for path in CRONTABS} > SYSTEM


@pytest.mark.parametrize("path", CRONTABS, ids=lambda path: path.stem)
def test_the_next_ten_instants_are_those_of_the_original_line(path: Path) -> None:
    machine = "Europe/Berlin"
    schedules = schedules_of(path, machine)
    compared = 0
    for number, expression, zone in lines_of(path):
        if number not in schedules or "~" in expression:
            continue
        schedule, its_zone = schedules[number]
        assert its_zone == (zone or machine)
        for start in STARTS:
            cronsim = CronSim(expression, start.astimezone(ZoneInfo(zone or machine)))
            wanted = [instant.astimezone(UTC) for instant in islice(cronsim, 10)]
            assert list(islice(runs_after(schedule, start), 10)) == wanted, (number, expression, start)
        compared += 1
    assert compared >= 1


def runs_after(schedule: Schedule, instant: datetime) -> Iterator[datetime]:
    while (following := schedule.next_after(instant)) is not None:
        yield following
        instant = following


def test_only_lines_that_cannot_be_compared_are_left_out() -> None:
    left_out = {
        path.stem: [
            number for number, text, _ in lines_of(path) if number not in schedules_of(path, "UTC") or "~" in text
        ]
        for path in CRONTABS
    }
    assert {name: numbers for name, numbers in left_out.items() if numbers} == {
        "13-cronie": [8, 9],  # a random time of cronie's
        "20-broken-lines": [2, 3, 4, 6, 7, 8],  # cron would not run them either
    }


def test_a_random_range_stays_within_itself() -> None:
    (path,) = [path for path in CRONTABS if path.stem == "13-cronie"]
    schedules = schedules_of(path, "UTC")
    report_in, anywhere = schedules[8][0], schedules[9][0]
    start = STARTS[0]
    assert {run.hour for run in islice(runs_after(report_in, start), 10)} == {5}
    assert len({run.minute for run in islice(runs_after(report_in, start), 10)}) == 1
    assert {run.hour for run in islice(runs_after(anywhere, start), 10)} == {6, 7, 8}
