"""Whatever a file may hold: a schedule or a ScheduleError, soon, and so is each answer of the schedule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from time import perf_counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jobistemer_tui.schedules import Schedule, ScheduleError, parse_schedule
from tests.schedules.expressions import EXPRESSIONS
from tests.schedules.transitions import ZONES

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SOON_S = 10.0
"""Far above what the slowest question takes (a second or two, where 400 years are searched on a busy machine)."""

_FIRST, _LAST = datetime.fromisoformat("0001-01-01"), datetime.fromisoformat("9999-12-31T23:59:59.999999")
CHARACTERS = "0123456789*/-,#?LWHRPTYMDS:+Z[]@ .;%\t\n\x00é\u2028\U0001f600jansufreboot"
ODD_TEXTS = st.one_of(
    st.text(st.sampled_from(CHARACTERS), max_size=30),
    st.text(max_size=20),
    EXPRESSIONS,
    st.sampled_from(
        [
            *("@reboot", "@daily", "H H * * *", "30 2 * 3 sunL", "*/30 2 * 3 sunL", "0 0 29 2 mon", "* * * * *"),
            *(
                "R/2026-01-01T00:00/PT1S",
                "R2/P9000Y/9000-01-01T00:00",
                "R/1000-01-01T00:00/P8999Y",
                "P1M",
                "PT0.000001S",
            ),
            *("2026-12-01T09:00", "9990-12-31T23:59", "1000-01-01T00:00", "2026-12-24/2027-01-02", "2026-12-24"),
            *(
                "1000-01-01/9990-12-31",
                "R999999999/PT1S",
                "R/2026-01-31T00:00/P1M1DT1H",
                "2",
                "30s",
                "P1D",
                "Pacific/Apia",
            ),
        ]
    ),
)
LEAVES = st.one_of(
    ODD_TEXTS,
    st.none(),
    st.booleans(),
    st.integers(-5, 10**20),
    st.floats(),
    st.binary(max_size=5),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.sampled_from([*ZONES[::7], "run", "skip", "first", "both", date.max, _FIRST, _LAST]),
)
KEYS = st.sampled_from(
    [
        *("cron", "interval", "once", "any", "timezone", "start", "end", "seconds", "dst_gap", "dst_overlap"),
        *("repetitions", "exclude", "jitter", "calendar", "tides", 5),
    ]
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=12,
)
# Tables that are nearly right get further than those of chance.
TABLES = st.fixed_dictionaries(
    {"cron": EXPRESSIONS},
    optional={
        "timezone": st.sampled_from(ZONES),
        "start": LEAVES,
        "end": LEAVES,
        "dst_gap": st.sampled_from(["run", "skip"]),
        "dst_overlap": st.sampled_from(["first", "both"]),
        "exclude": st.lists(ODD_TEXTS, max_size=3),
        "jitter": st.sampled_from(["30s", "1h", "PT5M", "30"]),
    },
)


def ask(schedule: Schedule, instant: datetime) -> None:
    """Every question of the contract."""
    if schedule.needs_anchor:
        schedule = schedule.with_anchor(NOW)
    if schedule.waits_for_boot:
        schedule = schedule.with_boots([NOW])
    found = schedule.next_after(instant)
    assert found is None or (found > instant and found.tzinfo is UTC)
    listed = list(islice(schedule.between(instant, instant + timedelta(days=3)), 5))
    assert listed == sorted(set(listed))
    slots = list(islice(schedule.slots_after(instant), 5))
    assert [slot.instant for slot in slots] == sorted({slot.instant for slot in slots})
    runs = [slot.instant for slot in slots if slot.passed_over is None]
    if runs:
        assert runs[0] == found
    for slot in slots[:2]:
        assert schedule.slot_at(slot.instant) == slot
    list(islice(schedule.clock_effects(instant, instant + timedelta(days=400)), 5))
    assert schedule.describe()
    schedule.is_active_at(instant)
    schedule.covers_until(instant)
    for now in (None, instant):
        assert all(hint.message for hint in schedule.hints_at(now))
    assert hash(schedule) == hash(schedule)


INSTANTS = st.one_of(
    st.just(NOW),
    st.datetimes(_FIRST.replace(year=1000), _LAST - timedelta(days=2), timezones=st.just(UTC)),
)


def judge(value: Any, zone: str, instant: datetime) -> None:
    begun = perf_counter()
    try:
        ask(parse_schedule(value, timezone=zone, key="job"), instant)
        problem = None
    except ScheduleError as error:
        problem = error
    assert perf_counter() - begun < SOON_S
    if problem is not None:
        assert problem.message
        assert problem.position is None or 0 <= problem.position <= len(problem.text)


@settings(max_examples=250)
@given(VALUES, st.sampled_from(ZONES), INSTANTS)
def test_any_value(value: Any, zone: str, instant: datetime) -> None:
    judge(value, zone, instant)


@settings(max_examples=100)
@given(TABLES, st.sampled_from(ZONES), INSTANTS)
def test_tables_that_are_nearly_right(value: Any, zone: str, instant: datetime) -> None:
    judge(value, zone, instant)
