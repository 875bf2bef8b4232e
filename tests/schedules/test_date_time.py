"""Date-times as texts and as native values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.date_time import read_instant, read_moment
from tests.schedules.clock import utc

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T08:00", "2026-03-01T07:00"),
        ("2026-03-01T08:00:30", "2026-03-01T07:00:30"),
        ("2026-03-01T08:00:30.25", "2026-03-01T07:00:30.250"),
        ("2026-03-01T08:00:30,000001", "2026-03-01T07:00:30.000001"),
        ("2026-03-01T08:00Z", "2026-03-01T08:00"),
        ("2026-03-01T08:00+05:30", "2026-03-01T02:30"),
        ("2026-03-01T08:00-0300", "2026-03-01T11:00"),
        ("2026-03-01T08:00+01", "2026-03-01T07:00"),
        ("2026-03-01T08:00[Asia/Tokyo]", "2026-02-28T23:00"),
        ("2026-03-01T08:00:00+01:00[Europe/Paris]", "2026-03-01T07:00"),
        ("2026-03-01T08:00Z[UTC]", "2026-03-01T08:00"),
        ("2026-10-25T02:30", "2026-10-25T00:30"),
        ("2026-10-25T02:30+02:00[Europe/Paris]", "2026-10-25T00:30"),
        ("2026-10-25T02:30+01:00[Europe/Paris]", "2026-10-25T01:30"),
        ("2026-03-29T02:30", "2026-03-29T01:30"),
        ("2011-12-30T09:00[Pacific/Apia]", "2011-12-30T19:00"),
    ],
)
def test_forms(text: str, instant: str) -> None:
    assert read_instant(text, PARIS, "start") == utc(instant)


@pytest.mark.parametrize(
    ("text", "position", "message", "hint"),
    [
        ("", 0, "begins with a date", "write it like"),
        ("26-03-01T08:00", 0, "begins with a date", "write it like"),
        ("2026-03-01", 10, "a time of day", "write it like"),
        ("2026-03-01 08:00", 10, "a time of day", "write it like"),
        ("2026-03-01T8:00", 10, "a time of day", "write it like"),
        ("2026-02-30T08:00", 0, "there is no date 2026-02-30", "the month"),
        ("2026-13-01T08:00", 0, "there is no date", "the month"),
        ("2026-03-01T24:00", 11, "there is no time 24:00", "from 00 to 23"),
        ("2026-03-01T08:00:60", 11, "there is no time 08:00:60", "59"),
        ("0999-03-01T08:00", 0, "the year 999", ""),
        ("9991-03-01T08:00", 0, "the year 9991", ""),
        ("2026-03-01T08:00 UTC", 16, "cannot be read", "write it like"),
        ("2026-03-01T08:00:00.1234567", 26, "cannot be read", "write it like"),
        ("2026-03-01T08:00z", 16, "cannot be read", "write it like"),
        ("2026-03-01T08:00+24:00", 16, "there is no offset +24:00", "-23:59"),
        ("2026-03-01T08:00+01:60", 16, "there is no offset", ""),
        ("2026-03-01T08:00[Europe/Pari]", 17, 'did you mean "Europe/Paris"', "IANA"),
        ("2026-03-01T08:00[]", 17, "unknown zone", "IANA"),
        ("2026-03-01T08:00+02:00[Europe/Paris]", 16, "contradicts the zone Europe/Paris, which then is +01:00", "drop"),
        ("2026-03-01T08:00Z[Europe/Paris]", 16, "contradicts", "drop"),
        ("2026-03-29T02:30+01:00[Europe/Paris]", 16, "in a gap of its clock", "drop"),
        ("2026-10-25T02:30+03:00[Europe/Paris]", 16, "+02:00, +01:00", "drop"),
        ("2026-07-01T02:30+03:00[America/New_York]", 16, "which then is -04:00", "drop"),
    ],
)
def test_refusals(text: str, position: int, message: str, hint: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        read_moment(text, PARIS)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert (caught.value.text, caught.value.position) == (text, position)


def test_native_values() -> None:
    naive = datetime(2026, 10, 25, 2, 30, tzinfo=UTC).replace(tzinfo=None)
    assert read_instant(naive, PARIS, "start") == utc("2026-10-25T00:30")
    assert read_instant(naive.replace(tzinfo=PARIS, fold=1), PARIS, "start") == utc("2026-10-25T01:30")
    fixed = read_moment(naive.replace(tzinfo=timezone(timedelta(hours=-3))), PARIS)
    assert (fixed.instant, fixed.wall) == (utc("2026-10-25T05:30"), naive)
    assert fixed.zone == timezone(timedelta(hours=-3))


def test_a_native_date_needs_a_time() -> None:
    with pytest.raises(ScheduleError, match="start needs a time of day") as caught:
        read_instant(date(2026, 3, 1), PARIS, "start")
    assert caught.value.hint == 'write "2026-03-01T00:00" for its beginning'


def test_other_values_are_refused() -> None:
    with pytest.raises(ScheduleError, match="start is a text, not int"):
        read_instant(2026, PARIS, "start")
    with pytest.raises(ScheduleError, match="the year 1 is not between"):
        read_instant(utc("0001-01-01"), PARIS, "start")
