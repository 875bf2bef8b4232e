"""Times to come and acts in words, the same for the command line and the screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from jobistemer_tui.domain.states import Reason

if TYPE_CHECKING:
    from jobistemer_tui.domain.acts import Act
    from jobistemer_tui.domain.upcoming import Upcoming

When = Callable[[datetime], str]
"""How an instant is written."""

ACT_WORDS: Final = {
    "job_paused": "pause",
    "job_resumed": "resume",
    "job_stopped": "stop",
    "job_started": "start",
    "run_skipped": "skip",
    "run_unskipped": "skip taken back",
    "run_snoozed": "snooze",
    "run_unsnoozed": "snooze taken back",
}


def upcoming_words(entry: Upcoming, when: When) -> str:
    """What becomes of a time to come; empty where it just runs."""
    return "; ".join(part for part in (_clock_words(entry), _fate_words(entry, when)) if part)


def _clock_words(entry: Upcoming) -> str:
    wall = "" if entry.wall is None else f"{entry.wall:%H:%M:%S}".removesuffix(":00")
    match entry.effect:
        case "moved":
            return f"moved from {wall}, which the clocks leave out"
        case "doubled":
            return f"{wall} a second time, as the clocks go back"
        case "dropped":
            return f"{wall} is left out, as the clocks change"
        case None:
            return ""


def _fate_words(entry: Upcoming, when: When) -> str:
    why = f" ({entry.why})" if entry.why else ""
    many = "" if entry.last is None else f", {entry.count} times up to {when(entry.last)}"
    match entry.reason:
        case None:
            return ""
        case Reason.JITTER if entry.starts_at is not None:
            return f"starts at {when(entry.starts_at)} (jitter)"
        case Reason.SNOOZED if entry.starts_at is not None:
            return f"put off until {when(entry.starts_at)}{why}"
        case Reason.SKIPPED_BY_USER:
            return f"will be skipped{why}"
        case Reason.PAUSED:
            return f"skipped while the job is paused{why}"
        case Reason.EXCLUDED:
            return f"left out{why}{many}"
        case Reason.DST if entry.effect is None:
            return f"left out by a change of the clock{why}{many}"
        case _:
            return many.removeprefix(", ")


def act_words(act: Act, when: When) -> str:
    """What an act did: `skip of backup at TIME`, `pause of all jobs`."""
    if act.batch is not None:
        return f"{ACT_WORDS[act.kind]} of all jobs"
    at = "" if act.instant is None else f" at {when(act.instant)}"
    return f"{ACT_WORDS[act.kind]} of {act.job}{at}"
