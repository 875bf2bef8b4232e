"""`OnCalendar=` expressions fall due when systemd says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jobistemer_tui.jobfiles.importing.systemd_calendar import CalendarError, calendar_schedules
from jobistemer_tui.schedules import parse_schedule
from tests.jobfiles.importing.calendar_facts import FACTS

BEFORE = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(seconds=1)


def due(expression: str, count: int = 3) -> list[str]:
    schedule = parse_schedule(calendar_schedules(expression), timezone="UTC", key="")
    found: list[str] = []
    instant: datetime | None = BEFORE
    while instant is not None and len(found) < count:
        instant = schedule.next_after(instant)
        found += [] if instant is None else [instant.strftime("%Y-%m-%dT%H:%M:%S")]
    return found


@pytest.mark.parametrize(("expression", "elapses"), FACTS.items())
def test_it_falls_due_when_systemd_says(expression: str, elapses: str) -> None:
    wanted = elapses.split()
    assert due(expression, max(len(wanted), 1)) == wanted


@pytest.mark.parametrize(
    ("expression", "schedules"),
    [
        ("Mon..Fri 22:30", ["30 22 * * mon-fri"]),
        ("*:0/15", ["*/15 * * * *"]),
        ("Mon *-*-1..7 04:00", ["0 4 * * mon#1"]),
        ("Fri *-*~07/1 18:00", ["0 18 * * friL"]),
        ("*-*~1", ["0 0 L * *"]),
        ("*-*-* 02:30 Europe/Berlin", [{"cron": "30 2 * * *", "timezone": "Europe/Berlin"}]),
        ("*:*:0/10", [{"cron": "*/10 * * * * *", "seconds": True}]),
        ("Sun *-*-13 03:00", [{"cron": "0 3 13 * *", "exclude": ["* * * * mon-sat"]}]),
        ("2030-01-02 03:04:05", [{"once": "2030-01-02T03:04:05"}]),
        ("@1767225600", [{"once": "2026-01-01T00:00:00Z"}]),
        ("2026,2028-*-01 05:00", [
            {"cron": "0 5 1 * *", "start": "2026-01-01T00:00:00", "end": "2026-12-31T23:59:59"},
            {"cron": "0 5 1 * *", "start": "2028-01-01T00:00:00", "end": "2028-12-31T23:59:59"},
        ]),
        ("2026/1-*-01", [{"cron": "0 0 1 * *", "start": "2026-01-01T00:00:00"}]),
    ],
)  # fmt: skip
def test_it_is_written_as_a_person_would(expression: str, schedules: list[object]) -> None:
    assert calendar_schedules(expression) == schedules


@pytest.mark.parametrize(
    "expression",
    [
        "", "nonsense", "25:00", "12:60", "1:2:3:4", "*-*-* 1:00:00.5", "*-02~03", "2026/2-06-01", "Fri..Mon 10:00",
        "13-01", "*-*-* 10:00 Mars/Olympus", "one two three four", "*-*-0", "*-*~0", "*-*~1..5", "*-*~x", "*-*-*-*",
        "Mon,Foo 10:00", "10..8:00", "*:0/0",
    ],
)  # fmt: skip
def test_what_has_no_counterpart_is_refused(expression: str) -> None:
    with pytest.raises(CalendarError):
        calendar_schedules(expression)
