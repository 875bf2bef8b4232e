"""Every change of the clock of many zones in twenty years, found without the code under test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONES = (
    *("Europe/Paris", "Europe/London", "Europe/Lisbon", "Europe/Dublin", "Europe/Athens", "Europe/Kyiv"),
    *("Europe/Chisinau", "Europe/Istanbul", "Europe/Moscow", "Europe/Volgograd", "Atlantic/Azores"),
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage"),
    *("America/St_Johns", "America/Halifax", "America/Havana", "America/Mexico_City", "America/Sao_Paulo"),
    *("America/Asuncion", "America/Santiago", "America/Caracas", "America/Nuuk", "America/Port-au-Prince"),
    *("America/Scoresbysund", "Africa/Cairo", "Africa/Casablanca", "Africa/Tripoli", "Africa/Windhoek"),
    *("Africa/Juba", "Asia/Jerusalem", "Asia/Beirut", "Asia/Amman", "Asia/Gaza", "Asia/Tehran", "Asia/Pyongyang"),
    *("Asia/Novosibirsk", "Asia/Ulaanbaatar", "Asia/Damascus", "Antarctica/Troll", "Antarctica/Casey"),
    *("Australia/Sydney", "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham"),
    *("Pacific/Apia", "Pacific/Fiji", "Pacific/Norfolk", "Pacific/Tongatapu", "Pacific/Fakaofo"),
)
FIRST, LAST = datetime(2011, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Transition:
    """A change of `zone` by `shift` at `at` (aware UTC)."""

    zone: str
    at: datetime
    shift: timedelta

    def __str__(self) -> str:
        return f"{self.zone} {self.at:%Y-%m-%dT%H:%M} {self.shift / _MINUTE:+g}"

    @property
    def before(self) -> datetime:
        """What the clock showed when it was changed."""
        return wall(self.at - _MINUTE, ZoneInfo(self.zone)) + _MINUTE


def wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """The naive wall clock of an instant."""
    return instant.astimezone(zone).replace(tzinfo=None)


@lru_cache(maxsize=1)
def all_transitions() -> tuple[Transition, ...]:
    """All of them, by zone and in time order."""
    return tuple(transition for name in ZONES for transition in _of_zone(name))


def _of_zone(name: str) -> list[Transition]:
    zone, at, found = ZoneInfo(name), FIRST, []
    offset = at.astimezone(zone).utcoffset()
    while at < LAST:
        offset, earlier = (at + _DAY).astimezone(zone).utcoffset(), offset
        if offset != earlier:
            moment = _minute_of_change(zone, at)
            before, after = (moment - _MINUTE).astimezone(zone).utcoffset(), moment.astimezone(zone).utcoffset()
            assert before is not None
            assert after is not None
            found.append(Transition(name, moment, after - before))
        at += _DAY
    return found


def _minute_of_change(zone: ZoneInfo, low: datetime) -> datetime:
    high, offset = low + _DAY, low.astimezone(zone).utcoffset()
    while high - low > _MINUTE:
        middle = low + (high - low) // _MINUTE // 2 * _MINUTE
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high


def sample(count: int) -> list[Transition]:
    """A fixed choice that takes part of every zone's."""
    everything = all_transitions()
    last_of_each = list({transition.zone: transition for transition in everything}.values())
    others = [transition for transition in everything if transition not in last_of_each]
    step = max(1, len(others) // max(1, count - len(last_of_each)))
    return (last_of_each + others[::step])[:count]
