"""Gaps in words, the same for the command line and the screen."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from jobistemer_tui.domain.durations import duration_text
from jobistemer_tui.domain.states import Reason

if TYPE_CHECKING:
    from jobistemer_tui.operations.queries_gaps import GapRow

AWAY: Final = {Reason.DOWNTIME: "down", Reason.ASLEEP: "asleep", Reason.CLOCK_SET: "clock set"}
"""Why no engine was awake."""


def whole(seconds: float) -> str:
    """A length in whole seconds, from an hour in whole minutes: `7h12m`."""
    length = round(max(0.0, seconds))
    return duration_text(float(length - length % 60 if length >= 3600 else length))


def away_words(gap: GapRow) -> str:
    """Why, and for how long, no engine was awake: `down 7h12m`."""
    return f"{AWAY.get(gap.reason, gap.reason.value)} {length_words(gap.down_at or gap.begin_at, gap.awake_at)}"


def length_words(begin: datetime, end: datetime) -> str:
    """How far two instants are apart as they are shown, without their fractions of a second: `7h12m`."""
    return whole((end.replace(microsecond=0) - begin.replace(microsecond=0)).total_seconds())


def plan_words(gap: GapRow) -> str:
    """What would be done about a gap, as a person has decided or its job says: `execute-all of the newest 3`."""
    if gap.dropped:
        return "dropped"
    strategy = "?" if gap.strategy is None else gap.strategy.value
    changed = gap.is_held and gap.strategy is not gap.own_strategy
    text = f"{strategy} (changed)" if changed else strategy
    return text if gap.newest is None else f"{text}, newest {gap.newest}"


def runs_words(gap: GapRow) -> str:
    """How many would run, and how long that takes by the job's history: `3 runs, ~4m`."""
    if gap.would_run is None:
        return "not counted yet"
    runs = "1 run" if gap.would_run == 1 else f"{gap.would_run} runs"
    return runs if gap.estimated_s is None or not gap.would_run else f"{runs}, ~{whole(max(1.0, gap.estimated_s))}"


def outcome_words(gap: GapRow) -> str:
    """What became of a gap: `1 run, 4 missed`."""
    names = {"run": "run", "missed": "missed", "passed_over": "skipped"}
    return (
        ", ".join(f"{gap.outcome[name]} {word}" for name, word in names.items() if gap.outcome.get(name)) or "nothing"
    )


def hold_words(gap: GapRow, now: datetime) -> str:
    """For what a gap waits, and for how long yet: `you, 9m12s`."""
    if gap.held_until is None:
        return "done"
    left = whole((gap.held_until - now).total_seconds())
    if gap.held_for is Reason.CLOCK_UNSTEADY:
        return f"a steady clock, {left}"
    return "released" if gap.held_until <= now else f"you, {left}"
