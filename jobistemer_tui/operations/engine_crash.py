"""What a person is told of an engine that crashed in the background, and how long it waits for its next try."""

from __future__ import annotations

from datetime import datetime, timedelta
from traceback import format_exception
from typing import Final

from jobistemer_tui.settings.quick_dataclass import dataclass

FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(minutes=1)
SOUND_AFTER: Final = timedelta(minutes=5)
"""An engine that has served for so long begins to count anew."""


@dataclass(frozen=True, slots=True)
class EngineCrash:
    """The newest crash. `count` are the crashes in a row, this one included; `at` and `retry_at` are aware UTC."""

    error: str
    traceback: str
    count: int
    at: datetime
    retry_at: datetime


def crashed(
    error: BaseException, before: EngineCrash | None, served_since: datetime | None, now: datetime
) -> EngineCrash:
    """The crash by `error` at `now`, after the one `before`. `served_since`: since when the engine had served, if so.

    The pause doubles with each crash in a row, up to LONGEST_PAUSE.
    """
    was_sound = served_since is not None and now - served_since >= SOUND_AFTER
    count = 1 if before is None or was_sound else before.count + 1
    pause = min(FIRST_PAUSE * 2 ** min(count - 1, 10), LONGEST_PAUSE)
    return EngineCrash(_line(error), "".join(format_exception(error)), count, now, now + pause)


def _line(error: BaseException) -> str:
    """The innermost error of a group in one line."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}".splitlines()[0]
