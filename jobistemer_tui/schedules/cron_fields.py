"""The text of one cron field, read strictly into a set of numbers and what goes beyond one."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from dataclasses import field

from jobistemer_tui.schedules import cron_refusals as refusals
from jobistemer_tui.schedules.bitset import bits
from jobistemer_tui.schedules.contract import Hint
from jobistemer_tui.schedules.phrases import counted
from jobistemer_tui.schedules.word import Word
from jobistemer_tui.settings.quick_dataclass import dataclass

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

_ITEM = re.compile(r"(?:(\*)|(\d+|[a-z]{3})(?:-(\d+|[a-z]{3}))?)(?:/(\d+))?", re.ASCII)
_HASHED = re.compile(r"h(?:\((\d+)-(\d+)\))?(?:/(\d+))?", re.ASCII)
_LAST_WEEKDAY = re.compile(r"(\d|[a-z]{3})l|l(\d)", re.ASCII)
_NTH_WEEKDAY = re.compile(r"(\d|[a-z]{3})#(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class FieldKind:
    """One of the six fields: its name, its numbers from `low` to `high`, its names, how far `H` spreads, its unit."""

    name: str
    low: int
    high: int
    names: dict[str, int] = field(default_factory=dict)
    hash_high: int | None = None
    unit: str = ""

    @property
    def size(self) -> int:
        """After how many values the field begins again; for days that is the longest month."""
        return min(self.high - self.low + 1, 7) if self.name == "day of week" else self.high - self.low + 1

    @property
    def everything(self) -> int:
        return (2 << self.high) - (1 << self.low)


SECOND = FieldKind("second", 0, 59, unit="second")
MINUTE = FieldKind("minute", 0, 59, unit="minute")
HOUR = FieldKind("hour", 0, 23, unit="hour")
# H stays on days that every month has.
DAY = FieldKind("day of month", 1, 31, hash_high=28, unit="day")
MONTH = FieldKind("month", 1, 12, {name: number for number, name in enumerate(MONTHS, 1)}, unit="month")
WEEKDAY = FieldKind(
    "day of week", 0, 7, {name: number for number, name in enumerate(WEEKDAYS)}, hash_high=6, unit="day"
)


@dataclasses.dataclass(slots=True)
class Field:
    """What a field means. `starred` is true when its text begins with `*` (or is `?`)."""

    kind: FieldKind
    word: Word
    values: int = 0
    starred: bool = False
    last_day: bool = False
    last_workday: bool = False
    last_weekdays: int = 0
    nth: tuple[tuple[int, int], ...] = ()
    hashed: bool = False
    hints: tuple[Hint, ...] = ()


def read_field(kind: FieldKind, word: Word, key: str | None) -> Field:
    """Read one field; `word` is in lower case, `key` is what `H` is computed from.

    Raises ScheduleError that points at the character at fault.
    """
    found = Field(kind, word)
    if word.text == "*" or (word.text == "?" and kind in (DAY, WEEKDAY)):
        found.starred, found.values = True, kind.everything
    else:
        found.starred = word.text.startswith("*")
        for item in word.split(",") if "," in word.text else (word,):
            _read_item(found, item, key)
    if kind is WEEKDAY:
        found.values = (found.values | found.values >> 7) & 0b111_1111
    return found


def _read_item(found: Field, item: Word, key: str | None) -> None:
    if match := _ITEM.fullmatch(item.text):
        if not match[2] or match[2] in found.kind.names or match[2].isdigit():
            found.values |= _read_range(found, item, match)
            return
    elif match := _HASHED.fullmatch(item.text):
        found.values |= _read_hashed(found.kind, item, match, key)
        found.hashed = True
        return
    if not _read_special(found, item):
        raise refusals.unreadable(found.kind.name, tuple(found.kind.names), item)


def _read_range(found: Field, item: Word, match: re.Match[str]) -> int:
    kind = found.kind
    star, first, last, step_text = match.groups()
    low = kind.low if star else _number(kind, item.part(*match.span(2)))
    if star or (step_text and last is None):
        high = kind.high
    elif last is None or last == first:
        high = low
    else:
        high = 7 if kind is WEEKDAY and last == "sun" else _number(kind, item.part(*match.span(3)))
    step = _step(item, match, 4)
    if high < low:
        raise refusals.backwards(item, (first, last), low, high, step, (kind.low, kind.high), tuple(kind.names))
    values = range(low, high + 1, step)
    if message := _about_the_step(kind, item.text, values, high):
        found.hints += (Hint(message, item.whole, item.at),)
    return bits(values)


def _about_the_step(kind: FieldKind, text: str, values: range, high: int) -> str:
    """What is odd about a step: it never steps, or it does not come round evenly. "" if nothing is."""
    low, last, step = values[0], values[-1], values.step
    if step > max(high - low, 1):
        return f'the step {step} in "{text}" is larger than the range {low}-{high}: only {kind.name} {low} matches'
    size = kind.size
    gap = low + size - last
    comes_round = step > 1 and low - step < kind.low and last + step >= kind.low + size
    if not comes_round or gap in (step, size):
        return ""
    after = f"after {kind.name} {last} comes {kind.name} {low}"
    return f'the step of "{text}" is uneven: {after}, {counted(gap, kind.unit)} later instead of {step}'


def _number(kind: FieldKind, word: Word) -> int:
    if word.text in kind.names:
        return kind.names[word.text]
    if not word.text.isdigit():
        raise refusals.unknown_name(kind.name, tuple(kind.names), word)
    value = int(word.text)
    if not kind.low <= value <= kind.high:
        raise word.refuse(
            f"{kind.name} {word.text} does not exist",
            hint=f"{refusals.a(kind.name)} is a number from {kind.low} to {kind.high}",
        )
    return value


def _step(item: Word, match: re.Match[str], group: int) -> int:
    if match[group] is None:
        return 1
    if not (step := int(match[group])):
        raise item.part(*match.span(group)).refuse("a step of 0 never moves on", hint="write a step of at least 1")
    return step


def _read_hashed(kind: FieldKind, item: Word, match: re.Match[str], key: str | None) -> int:
    """`H`, `H/n`, `H(a-b)` and `H(a-b)/n`: a value of the range, or a first value below n and then each n-th."""
    if key is None:
        raise item.refuse("H needs a key to be computed from", hint="give key=…, or write a number")
    low, high = kind.low, kind.high if kind.hash_high is None else kind.hash_high
    if match[1]:
        low, high = _number(kind, item.part(*match.span(1))), _number(kind, item.part(*match.span(2)))
        if high < low:
            raise item.part(*match.span(1)).refuse(
                f"the range {match[1]}-{match[2]} runs backwards", hint="write the smaller number first"
            )
    step = _step(item, match, 3)
    width = min(step, high - low + 1) if match[3] else high - low + 1
    digest = hashlib.sha256(f"{kind.name}\0{key}".encode()).digest()
    start = low + int.from_bytes(digest[:8], "big") % width
    return bits(range(start, high + 1, step)) if match[3] else 1 << start


def _read_special(found: Field, item: Word) -> bool:
    """`L` and `LW` among the days of the month, `5L`, `L5`, `friL` and `fri#2` among those of the week."""
    kind, text = found.kind, item.text
    if kind is DAY and text in ("l", "lw"):
        found.last_day |= text == "l"
        found.last_workday |= text == "lw"
    elif kind is WEEKDAY and (match := _LAST_WEEKDAY.fullmatch(text)):
        weekday = _number(kind, item.part(*match.span(1 if match[1] else 2)))
        found.last_weekdays |= 1 << weekday % 7
    elif kind is WEEKDAY and (match := _NTH_WEEKDAY.fullmatch(text)):
        weekday, number = _number(kind, item.part(*match.span(1))), int(match[2])
        if not 1 <= number <= 5:
            raise item.part(*match.span(2)).refuse(
                f"there is no weekday number {match[2]} in a month", hint="write #1 to #5, or L for the last one"
            )
        found.nth += ((weekday % 7, number),)
    else:
        return False
    return True
