"""Why a cron field cannot be read, said in words and with what to write instead."""

from __future__ import annotations

import re

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.word import Word

_STRAY = re.compile(r"[^0-9a-z*/,#?()-]", re.ASCII)
_LONG_NAME = re.compile(r"[a-z]{4,}", re.ASCII)
_LAST = re.compile(r"l(-?\w{1,3})?|\w{1,3}l", re.ASCII)
_SHORT_LIST = 7


def unreadable(field: str, names: tuple[str, ...], item: Word) -> ScheduleError:
    """The refusal of an item that has none of the forms that are understood."""
    text = item.text
    if not text:
        return item.refuse(f"an item of the list in the {field} field is empty", hint="remove the extra comma")
    if match := _STRAY.search(text):
        return item.refuse(f'"{match[0]}" does not belong in the {field} field', offset=match.start(), hint="remove it")
    if refusal := _beyond_posix(field, item):
        return refusal
    if (match := re.fullmatch(r"([a-z]{3})(?:[-/].*)?", text)) and match[1] not in names:
        return unknown_name(field, names, item.part(0, 3))
    if (match := _LONG_NAME.search(text)) and match[0][:3] in names:
        return item.part(*match.span()).refuse(
            f'"{match[0]}" is not a name that cron knows', hint=f'write "{match[0][:3]}"'
        )
    return _bad_range_or_step(field, item)


def _beyond_posix(field: str, item: Word) -> ScheduleError | None:
    text = item.text
    if re.fullmatch(r"\d+w|w\d*", text):
        return item.refuse(
            "W (the weekday nearest to a date) is not supported",
            hint="LW is the last weekday of the month; else list the days and check the weekday in the task",
        )
    if text.startswith("r") and re.fullmatch(r"r(\(.*\))?(/\d+)?", text):
        return item.refuse("R (a random value) would change at each start", hint="H is spread but stays the same")
    if _LAST.fullmatch(text):
        return item.refuse(
            f"L in this form does not belong in the {field} field",
            hint="day of month: L (last day) or LW (last weekday); day of week: friL or 5L (last Friday of the month)",
        )
    if "#" in text:
        return item.refuse(
            "# counts weekdays and stands between a weekday and its number",
            offset=text.index("#"),
            hint="write fri#2 in the day-of-week field for the second Friday",
        )
    if "?" in text:
        return item.refuse("? stands alone, in one of the two day fields", offset=text.index("?"), hint="write *")
    return None


def _bad_range_or_step(field: str, item: Word) -> ScheduleError:
    text = item.text
    body, slash, step = text.partition("/")
    if slash and not step.isdigit():
        return item.refuse("the step after / is not a number", offset=len(body), hint="write */5 or 10-50/5")
    if body.startswith("-"):
        return item.refuse("the range has no beginning", hint="write both ends, such as 1-5")
    if body.endswith("-"):
        return item.refuse("the range has no end", offset=len(body) - 1, hint="write both ends, such as 1-5")
    if body.count("-") > 1:
        return item.refuse(
            "a range has two ends, this has more",
            offset=body.index("-", body.index("-") + 1),
            hint="write both ends, such as 1-5",
        )
    return item.refuse(f'"{text}" cannot be read as {a(field)}', hint="write numbers, a-b, a list, */n or *")


def unknown_name(field: str, names: tuple[str, ...], word: Word) -> ScheduleError:
    """The refusal of letters that are no name of this field."""
    hint = f"the names are {', '.join(names)}" if names else f"{a(field)} has no names, only numbers"
    return word.refuse(f'"{word.text}" is not {a(field)}', hint=hint)


def a(field: str) -> str:
    """The name of a field with its article."""
    return f"an {field}" if field == "hour" else f"a {field}"


def backwards(
    item: Word, ends: tuple[str, str], low: int, high: int, step: int, limits: tuple[int, int], names: tuple[str, ...]
) -> ScheduleError:
    """The refusal of a range that ends before it begins, with the two ranges or the list that it may mean."""
    first, last = ends
    lowest, highest = limits
    # Sunday is 0 and 7, so a week is taken modulo its seven names.
    count = len(names) or highest - lowest + 1
    values = [(low - lowest + place) % count for place in range(0, (high - low) % count + 1, step)]
    if names:
        written = ",".join(names[value] for value in values)
    elif len(values) <= _SHORT_LIST or step > 1:
        written = ",".join(str(lowest + value) for value in values)
    else:
        written = f"{low}-{highest},{lowest}-{high}"
    return item.refuse(f"the range {first}-{last} runs backwards", hint=f"write {written}")
