"""A whole cron expression: macros, five or six fields, what they mean together, and what is refused."""

from __future__ import annotations

import re
from functools import lru_cache

from jobistemer_tui.schedules import cron_fields as kinds
from jobistemer_tui.schedules.cron_fields import Field, read_field
from jobistemer_tui.schedules.days import DayRule
from jobistemer_tui.schedules.meant import meant_interval
from jobistemer_tui.schedules.word import Word, expression
from jobistemer_tui.settings.quick_dataclass import dataclass

MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_KINDS = (kinds.SECOND, kinds.MINUTE, kinds.HOUR, kinds.DAY, kinds.MONTH, kinds.WEEKDAY)
_FIELD = re.compile(r"[^ \t]+")
_EXAMPLE = 'such as "30 5 * * 1-5" (minute, hour, day of month, month, day of week)'


@dataclass(frozen=True, slots=True)
class CronText:
    """A parsed expression. `seconds`, `minutes` and `hours` are bitsets, `fields` the six fields as read.

    `wildcard` is true when the minute or the hour begins with `*`; `hashed` when the key matters.
    """

    text: str
    fields: tuple[Field, ...]
    seconds: int
    minutes: int
    hours: int
    days: DayRule
    wildcard: bool
    hashed: bool

    @property
    def covers_days(self) -> bool:
        """Whether a day that matches matches in each of its minutes, whatever the clock does."""
        return self.wildcard and (self.hours, self.minutes) == (kinds.HOUR.everything, kinds.MINUTE.everything)


@lru_cache(maxsize=2048)
def read_cron(text: str, seconds: bool, key: str | None) -> CronText:
    """Read an expression of five fields, or of six with `seconds`.

    Raises ScheduleError with the position of what is at fault.
    """
    words = _fields(expression(text, "a cron expression"), seconds)
    fields = tuple(read_field(kind, word, key) for kind, word in zip(_KINDS, words, strict=True))
    second, minute, hour, day, month, weekday = fields
    days = DayRule(
        day.values,
        month.values,
        weekday.values,
        day.starred or weekday.starred,
        day.last_day,
        day.last_workday,
        weekday.last_weekdays,
        weekday.nth,
    )
    if not days.is_possible():
        raise day.word.refuse(
            "there is no such date in any year",
            hint="February ends on the 29th; April, June, September and November on the 30th",
        )
    return CronText(
        " ".join(match[0] for match in _FIELD.finditer(text)),
        fields,
        second.values,
        minute.values,
        hour.values,
        days,
        minute.starred or hour.starred,
        any(field.hashed for field in fields),
    )


def _fields(source: Word, seconds: bool) -> list[Word]:
    """The six fields, in lower case."""
    words = [Word(m[0].lower(), m.start(), source.text) for m in _FIELD.finditer(source.text)]
    if not words:
        raise source.refuse("the cron expression is empty", hint=f"write five fields {_EXAMPLE}")
    if words[0].text.startswith("@"):
        return [Word("0", words[0].at, source.text), *_macro(words)]
    if seconds and len(words) == 6:
        return words
    if not seconds and len(words) == 5:
        return [Word("0", 0, source.text), *words]
    raise _wrong_number_of_fields(source, words, seconds)


def _macro(words: list[Word]) -> list[Word]:
    name = words[0]
    if name.text == "@reboot":
        raise name.refuse("@reboot is a schedule of its own, without fields", hint='write schedule = "@reboot"')
    if name.text not in MACROS:
        interval = 'write an interval, such as "PT5M"' if name.text == "@every" else ""
        raise name.refuse(f"{name.text} is not known", hint=interval or f"the words are {', '.join(MACROS)}, @reboot")
    if len(words) > 1:
        raise words[1].refuse(f"nothing may follow {name.text}", hint="remove it")
    return [Word(text, name.at, name.whole) for text in MACROS[name.text].split()]


def _wrong_number_of_fields(source: Word, words: list[Word], seconds: bool) -> Exception:
    count = len(words)
    message = f"a cron expression has {'six' if seconds else 'five'} fields here, this has {count}"
    if seconds:
        hint = 'with seconds = true the second comes first: "0 30 5 * * *"'
    elif count == 6:
        hint = (
            "programs disagree on where the seconds stand; "
            'if they come first, write { cron = "…", seconds = true }, else drop the sixth field'
        )
    else:
        hint = _meant(source) or f"write five fields {_EXAMPLE}"
    extra = words[6 if seconds else 5] if count > (6 if seconds else 5) else None
    return (
        extra.refuse(message, hint=hint)
        if extra
        else source.refuse(message, offset=len(source.text.rstrip()), hint=hint)
    )


def _meant(source: Word) -> str:
    """What to write for a text that was never meant as five fields."""
    macro = f"@{source.text.strip().lower()}"
    if macro in MACROS:
        return f'write "{macro}"'
    interval = meant_interval(source.text)
    return f'write "{interval}", an interval, or five fields {_EXAMPLE}' if interval else ""
