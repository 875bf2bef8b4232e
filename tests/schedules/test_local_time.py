"""The wall clock of zones: stretches of constant offset, gaps and overlaps."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

import pytest

from jobistemer_tui.schedules import local_time
from jobistemer_tui.schedules.local_time import (
    LARGEST_CLOCK_CHANGE,
    changes_between,
    instants_of,
    offset_at,
    resolve,
    stretch_at,
    wall_at,
)

PARIS = ZoneInfo("Europe/Paris")


def naive(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


def changes(zone: str, year: int) -> list[tuple[str, int]]:
    """Each change of a year, with the minutes by which the clock jumps."""
    start, end = naive(f"{year}-01-01"), naive(f"{year + 1}-01-01")
    return [
        (f"{stretch.start:%m-%dT%H:%M}", stretch.shift // timedelta(minutes=1))
        for stretch in changes_between(ZoneInfo(zone), start, end)
    ]


@pytest.mark.parametrize(
    ("zone", "year", "expected"),
    [
        ("Europe/Paris", 2024, [("03-31T01:00", 60), ("10-27T01:00", -60)]),
        ("Australia/Lord_Howe", 2024, [("04-06T15:00", -30), ("10-05T15:30", 30)]),
        ("Pacific/Apia", 2011, [("04-02T14:00", -60), ("09-24T14:00", 60), ("12-30T10:00", 1440)]),
        ("Africa/Casablanca", 2024, [("03-10T02:00", -60), ("04-14T02:00", 60)]),
        ("Europe/London", 1947, [("03-16T02:00", 60), ("04-13T01:00", 60), ("08-10T01:00", -60), ("11-02T02:00", -60)]),
        ("Asia/Tokyo", 2024, []),
        ("Asia/Kathmandu", 1986, []),
        ("Asia/Kathmandu", 1985, [("12-31T18:30", 15)]),
    ],
)
def test_changes_of_a_year(zone: str, year: int, expected: list[tuple[str, int]]) -> None:
    assert changes(zone, year) == expected


def test_a_change_at_the_turn_of_the_year_is_found_once() -> None:
    found = list(changes_between(ZoneInfo("Pacific/Apia"), naive("2011-12-01"), naive("2012-02-01")))
    assert [stretch.start for stretch in found] == [naive("2011-12-30T10:00")]


def test_the_stretches_of_a_year_join() -> None:
    for zone in ("Europe/Paris", "Pacific/Apia", "UTC"):
        at = naive("2010-06-01")
        while at < naive("2014-01-01"):
            stretch = stretch_at(ZoneInfo(zone), at)
            assert stretch.start <= at < stretch.end
            assert stretch_at(ZoneInfo(zone), stretch.end - timedelta(seconds=1)) == stretch
            at = stretch.end


def test_a_zone_may_be_a_fixed_offset() -> None:
    zone = timezone(timedelta(hours=-3))
    assert offset_at(zone, naive("2024-06-01")) == timedelta(hours=-3)
    assert resolve(zone, naive("2024-06-01")) == naive("2024-06-01T03:00")


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        ("Europe/Paris", "2024-06-01T12:00", ["2024-06-01T10:00"]),
        ("Europe/Paris", "2024-03-31T02:00", []),
        ("Europe/Paris", "2024-03-31T02:59:59", []),
        ("Europe/Paris", "2024-03-31T03:00", ["2024-03-31T01:00"]),
        ("Europe/Paris", "2024-10-27T02:00", ["2024-10-27T00:00", "2024-10-27T01:00"]),
        ("Europe/Paris", "2024-10-27T03:00", ["2024-10-27T02:00"]),
        ("Pacific/Apia", "2011-12-30T12:00", []),
        ("Pacific/Apia", "2011-12-31T23:00", ["2011-12-31T09:00"]),
        ("UTC", "2024-12-31T23:59", ["2024-12-31T23:59"]),
        ("Asia/Tokyo", "2025-01-01T00:00", ["2024-12-31T15:00"]),
    ],
)
def test_instants_of_a_wall_time(zone: str, wall: str, expected: list[str]) -> None:
    assert instants_of(ZoneInfo(zone), naive(wall)) == [naive(text) for text in expected]


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        ("Europe/Paris", "2024-03-31T02:30", "2024-03-31T03:30"),
        ("Australia/Lord_Howe", "2024-10-06T02:10", "2024-10-06T02:40"),
        ("Pacific/Apia", "2011-12-30T09:00", "2011-12-31T09:00"),
        ("Europe/Paris", "2024-10-27T02:30", "2024-10-27T02:30"),
    ],
)
def test_a_wall_time_in_a_gap_moves_by_its_length(zone: str, wall: str, expected: str) -> None:
    assert wall_at(ZoneInfo(zone), resolve(ZoneInfo(zone), naive(wall))) == naive(expected)


def test_resolving_agrees_with_the_standard_library() -> None:
    # PEP 495: fold=0 is the first of two, and in a gap the offset before it.
    for zone in (PARIS, ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Sao_Paulo")):
        at = naive("2017-12-30")
        while at < naive("2019-02-01"):
            assert resolve(zone, at) == at.replace(tzinfo=zone, fold=0).astimezone(UTC).replace(tzinfo=None)
            at += timedelta(minutes=47)


def transitions(name: str) -> list[datetime]:
    """The instants at which a zone's offset changes, from the database itself (RFC 9636)."""
    folders = [*map(Path, TZPATH), Path(str(files("tzdata"))) / "zoneinfo"]
    data = next(path for folder in folders if (path := folder / name).is_file()).read_bytes()
    second = data.index(b"TZif", 4)
    is_ut, is_std, leaps, times, types, characters = struct.unpack(">6l", data[second + 20 : second + 44])
    assert min(is_ut, is_std, leaps, characters) >= 0
    at = second + 44
    seconds = struct.unpack(f">{times}q", data[at : at + 8 * times])
    indices = data[at + 8 * times : at + 9 * times]
    at += 9 * times
    offsets = [struct.unpack(">l", data[at + 6 * n : at + 6 * n + 4])[0] for n in range(types)]
    found, before = [], offsets[0]
    for second_of, index in zip(seconds, indices, strict=True):
        if offsets[index] != before:
            found.append(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second_of))
        before = offsets[index]
    return found


def test_no_change_of_any_zone_is_missed() -> None:
    # The search probes once a day; this holds while no two changes of a zone lie closer together.
    nearest = min(later - earlier for name in available_timezones() for earlier, later in pairwise(transitions(name)))
    assert nearest > 2 * local_time._PROBE
    for name in ("Europe/Paris", "Africa/Freetown", "Asia/Gaza", "America/Recife"):
        known = {instant.replace(tzinfo=None) for instant in transitions(name) if 1930 <= instant.year < 2030}
        found = {stretch.start for stretch in changes_between(ZoneInfo(name), naive("1930-01-01"), naive("2029-12-31"))}
        assert found == known


def test_a_large_change_forgets_what_was_reached() -> None:
    apia = stretch_at(ZoneInfo("Pacific/Apia"), naive("2011-12-30T10:00"))
    assert apia.shift == timedelta(days=1) > LARGEST_CLOCK_CHANGE
    assert apia.reached == naive("2011-12-31T00:00")
    assert apia.gap is None
    paris = stretch_at(PARIS, naive("2024-03-31T01:00"))
    assert paris.gap == (naive("2024-03-31T02:00"), naive("2024-03-31T03:00"))
