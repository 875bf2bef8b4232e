"""Kinds of schedules from other packages: used like the built-in ones, and harmless when they are broken."""

from __future__ import annotations

import copy
import pickle
import sys
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.schedules import Excluding, Hint, Jittered, Schedule, ScheduleError, parse_schedule
from jobistemer_tui.schedules.guarded import Guarded
from jobistemer_tui.schedules.plugins import installed_versions
from tests.schedules.clock import first, utc
from tests.support.kinds import bring_kind

WORKING = """
from dataclasses import dataclass
from datetime import timedelta, timezone
from jobistemer_tui.schedules import Hint, Schedule, Slot

@dataclass(frozen=True)
class Every(Schedule):
    size: timedelta
    told: tuple
    has_jitter = True

    def next_after(self, instant):
        return next(slot.instant for slot in self.slots_after(instant) if slot.passed_over is None)

    def slots_after(self, instant):
        at = instant.replace(minute=0, second=0, microsecond=0).astimezone(timezone(timedelta(hours=5)))
        while True:
            at += self.size
            odd = at.hour % 2
            yield Slot(at, "excluded" if odd else None, "odd" if odd else "", timedelta(seconds=9))

    def describe(self):
        return f"every {self.size} {self.told}"

    def is_active_at(self, instant):
        return instant.year > 2000

    def hints_at(self, now=None):
        return (Hint("think twice"), "no hint", Hint(5, 7, "x"), Hint("far", "text", 10**9))

def make(value, *, timezone, key, anchor, step=1):
    return Every(timedelta(hours=value * step), (timezone, key, anchor))
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def parsed(value: Any, **more: Any) -> Schedule:
    return parse_schedule(value, timezone="Europe/Paris", key="job", **more)


def test_a_kind_is_a_table_with_its_name_and_its_own_keys(site: Path) -> None:
    bring_kind(site, "hours", WORKING)
    schedule = parsed({"hours": 1, "step": 3})
    assert isinstance(schedule, Guarded)
    assert schedule.describe() == "every 3:00:00 ('Europe/Paris', 'job', None)"
    # Hours at +05:00: even ones run.
    assert first(schedule, "2026-12-01T00:30", 2) == ["2026-12-01T03:00:00", "2026-12-01T09:00:00"]
    slots = list(islice(schedule.slots_after(utc("2026-12-01T00:30")), 2))
    assert [(slot.passed_over, slot.why, slot.jitter) for slot in slots] == [
        (None, "", timedelta(seconds=9)),
        ("excluded", "odd", timedelta(seconds=9)),
    ]
    assert schedule.has_jitter
    assert schedule.is_active_at(utc("2026-01-01"))
    assert not schedule.is_active_at(utc("1999-01-01"))
    assert schedule.hints_at() == (Hint("think twice"), Hint("5", "7"), Hint("far", "text"))
    with pytest.raises(ValueError, match="no time zone"):
        schedule.next_after(utc("2026-12-01").replace(tzinfo=None))
    with pytest.raises(ValueError, match="no time zone"):
        next(schedule.slots_after(utc("2026-12-01").replace(tzinfo=None)))


def test_it_takes_a_zone_exclusions_and_a_jitter_like_any_other(site: Path) -> None:
    bring_kind(site, "fine", WORKING)
    schedule = parsed({"fine": 1, "timezone": "UTC", "exclude": ["2026-12-01"], "jitter": "5s"})
    assert isinstance(schedule, Jittered)
    assert isinstance(schedule.schedule, Excluding)
    assert schedule.describe() == "every 1:00:00 ('UTC', 'job', None); except 2026-12-01; each up to 5 seconds later"
    assert first(schedule, "2026-11-30T23:30", 1) == ["2026-12-02T01:00:00"]
    union = parsed(["@daily", {"fine": 2}], anchor=utc("2026-01-01"))
    assert "2026" in union.describe()


def test_two_are_equal_when_they_were_told_the_same(site: Path) -> None:
    bring_kind(site, "same", WORKING)
    one, other = parsed({"same": 1}), parsed({"same": 1})
    assert one == other
    assert hash(one) == hash(other)
    assert one != parsed({"same": 2})
    assert copy.copy(one) == pickle.loads(pickle.dumps(one)) == one


def test_unknown_kinds_are_named_with_those_that_there_are(site: Path) -> None:
    bring_kind(site, "moon-phase", WORKING)
    with pytest.raises(ScheduleError) as caught:
        parsed({"moon_phase": "full"})
    assert caught.value.message == "unknown key 'moon_phase' in a schedule"
    assert (caught.value.text, caught.value.hint) == ("moon_phase", 'did you mean "moon-phase"?')
    with pytest.raises(ScheduleError) as caught:
        parsed({"tides": "high"})
    assert caught.value.hint.endswith("jitter, moon-phase; further kinds come with packages that are installed")
    with pytest.raises(ScheduleError) as caught:
        parsed({"timezone": "UTC"})
    assert caught.value.message == "a schedule needs cron, interval, once, any, after or moon-phase"


def test_two_kinds_at_once_and_two_packages_for_one_kind_are_refused(site: Path) -> None:
    bring_kind(site, "one", WORKING)
    bring_kind(site, "two", WORKING)
    with pytest.raises(ScheduleError, match=r"this has one and two|this has two and one"):
        parsed({"one": 1, "two": 2})
    bring_kind(site, "one", WORKING, distribution="another")
    with pytest.raises(ScheduleError) as caught:
        parsed({"one": 1})
    assert 'two installed packages bring a schedule "one"' in caught.value.message
    assert "another_module:make" in caught.value.message


def test_a_built_in_kind_cannot_be_replaced(site: Path) -> None:
    bring_kind(site, "cron", "raise RuntimeError")
    assert parsed({"cron": "0 5 * * *"}).describe() == "at 05:00 every day, Europe/Paris time"


MADE_WRONG = [
    ("import-fails", "import nothing_like_that", "ModuleNotFoundError: No module named 'nothing_like_that'"),
    ("import-leaves", "raise SystemExit(3)", "SystemExit: 3"),
    ("syntax", "def make(:", "SyntaxError: "),
    ("absent", "x = 1", "AttributeError: "),
    ("no-function", "make = 5", "cannot be called"),
    ("raises", "def make(value, **rest): 1 / 0", "ZeroDivisionError: division by zero"),
    ("recursion", "def make(value, **rest): return make(value, **rest)", "RecursionError: "),
    ("takes-nothing", "def make(): pass", "TypeError: make() "),
    ("gives-nothing", "def make(value, **rest): pass", "gave something else than a schedule: NoneType"),
    (
        "wordless",
        "class Wordless(Exception):\n def __str__(self): raise ValueError\ndef make(value, **rest): raise Wordless",
        "failed: Wordless",
    ),
]


@pytest.mark.parametrize(("kind", "code", "message"), MADE_WRONG, ids=[case[0] for case in MADE_WRONG])
def test_what_cannot_be_made_is_a_schedule_error(site: Path, kind: str, code: str, message: str) -> None:
    bring_kind(site, kind, code)
    with pytest.raises(ScheduleError) as caught:
        parsed({kind: 5})
    assert message in caught.value.message
    assert f'"{kind}"' in caught.value.message


def test_keys_that_are_no_text_are_refused(site: Path) -> None:
    bring_kind(site, "strict", WORKING)
    with pytest.raises(ScheduleError, match="unknown key '5' in a schedule with strict"):
        parsed({"strict": 1, 5: 6})
    with pytest.raises(ScheduleError, match=r"TypeError: make\(\) got an unexpected keyword argument 'stop'"):
        parsed({"strict": 1, "stop": 6})


def test_its_own_schedule_errors_pass_with_their_place(site: Path) -> None:
    code = (
        "from jobistemer_tui.schedules import ScheduleError\n"
        "def make(value, **rest): raise ScheduleError('no such moon', text=value, position=2, hint='full')\n"
    )
    bring_kind(site, "moon", code)
    with pytest.raises(ScheduleError) as caught:
        parsed({"moon": "half"})
    assert (caught.value.message, caught.value.text, caught.value.position) == ("no such moon", "half", 2)
    for value, text in (("x", "x"), (7, "7")):
        with pytest.raises(ScheduleError) as caught:
            parsed({"moon": value})
        assert (caught.value.text, caught.value.position) == (text, None)  # 2 lies behind the end of the text


def test_values_that_cannot_be_compared_are_refused(site: Path) -> None:
    bring_kind(
        site, "told", "def make(value, **rest): " + "from jobistemer_tui.schedules import Cron; return Cron('@daily')\n"
    )
    with pytest.raises(ScheduleError, match='the schedule "told" failed: TypeError'):
        parsed({"told": {1: "a", "b": "c"}})


ODD = """
from datetime import datetime, timedelta, timezone
from jobistemer_tui.schedules import Schedule, Slot

class Unspeakable:
    def __str__(self):
        raise OSError("no words")

class Odd(Schedule):
    def __init__(self, answer):
        self.answer = answer
    def next_after(self, instant):
        return self.answer(instant)
    def slots_after(self, instant):
        return self.answer(instant)
    def describe(self):
        return self.answer(None)
    def hints_at(self, now=None):
        return self.answer(now)
    def is_active_at(self, instant):
        return self.answer(instant)
    @property
    def has_jitter(self):
        return self.answer(None)

def broken(_):
    raise OSError("no calendar")

def slots(*found):
    return lambda instant: iter(found)

ANSWERS = {
    "broken": broken,
    "naive": lambda instant: datetime(2030, 1, 1),
    "text": lambda instant: "tomorrow",
    "still": lambda instant: instant,
    "back": lambda instant: instant - timedelta(days=1),
    "beyond": lambda instant: datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
    "slot-text": slots("tomorrow"),
    "slot-naive": slots(Slot(datetime(2030, 1, 1))),
    "slot-odd": slots(Slot(datetime(2030, 1, 1, tzinfo=timezone.utc), "odd")),
    "slot-jitter": slots(Slot(datetime(2030, 1, 1, tzinfo=timezone.utc), None, "", "5s")),
    "slot-negative": slots(Slot(datetime(2030, 1, 1, tzinfo=timezone.utc), None, "", timedelta(seconds=-1))),
    "slot-late": slots(Slot(datetime(2030, 1, 1, tzinfo=timezone.utc), None, "", timedelta.max)),
    "slot-why": slots(Slot(datetime(2030, 1, 1, tzinfo=timezone.utc), "excluded", Unspeakable())),
    "slot-twice": slots(*[Slot(datetime(2030, 1, 1, tzinfo=timezone.utc))] * 2),
    "slot-breaks": lambda instant: (1 / 0 for _ in range(1)),
    "endless": lambda instant: iter(()),
}

def make(value, **rest):
    return Odd(ANSWERS[value])
"""


@pytest.mark.parametrize("answer", ["broken", "naive", "text", "still", "back", "beyond"])
def test_a_wrong_next_instant_is_a_schedule_error(site: Path, answer: str) -> None:
    bring_kind(site, "odd-instant", ODD, distribution=f"odd_{answer}")
    schedule = parsed({"odd-instant": answer})
    for ask in (schedule.next_after, lambda at: list(schedule.between(at, at + timedelta(days=9)))):
        with pytest.raises(ScheduleError, match='the schedule "odd-instant"'):
            ask(utc("2026-12-01"))


@pytest.mark.parametrize(
    "answer",
    [
        "broken",
        "slot-text",
        "slot-naive",
        "slot-odd",
        "slot-jitter",
        "slot-twice",
        "slot-breaks",
        "text",
        "slot-negative",
        "slot-late",
        "slot-why",
    ],
)
def test_a_wrong_slot_is_a_schedule_error(site: Path, answer: str) -> None:
    bring_kind(site, "odd-slot", ODD, distribution=f"odd_{answer.replace('-', '_')}")
    schedule = parsed({"odd-slot": answer})
    with pytest.raises(ScheduleError, match='the schedule "odd-slot"'):
        list(schedule.slots_after(utc("2026-12-01")))


def test_a_schedule_without_slots_is_over(site: Path) -> None:
    bring_kind(site, "odd-over", ODD)
    assert list(parsed({"odd-over": "endless"}).slots_after(utc("2026-12-01"))) == []


def test_whatever_else_breaks_is_a_schedule_error(site: Path) -> None:
    bring_kind(site, "odd-all", ODD)
    schedule = parsed({"odd-all": "broken"})
    for ask in (
        schedule.describe,
        schedule.hints_at,
        lambda: schedule.has_jitter,
        lambda: schedule.is_active_at(utc("2026-12-01")),
        lambda: schedule.slot_at(utc("2026-12-01")),
    ):
        with pytest.raises(ScheduleError, match="failed: OSError: no calendar"):
            ask()


def test_only_a_kind_that_is_not_built_in_looks_for_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "jobistemer_tui.schedules.plugins", raising=False)
    parsed({"any": ["@daily", {"interval": "P1D"}], "exclude": ["2026-12-24"], "jitter": "5s"})
    assert "jobistemer_tui.schedules.plugins" not in sys.modules


def test_what_is_installed_is_told_with_its_version(site: Path) -> None:
    bring_kind(site, "hours", WORKING)
    assert installed_versions.__wrapped__() == ["hours kind_hours_module:make kind_hours 1.0"]
