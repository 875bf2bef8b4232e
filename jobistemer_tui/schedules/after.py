"""Falling due when other jobs end, not by the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.contract import Follow, Schedule
from jobistemer_tui.schedules.tables import ScheduleTable
from jobistemer_tui.settings.near_words import did_you_mean, nearest
from jobistemer_tui.settings.quick_dataclass import dataclass

OUTCOMES = ("completed", "completed_with_errors", "failed", "failed_stale", "canceled")
"""The ends that can be followed: those of a run that had begun."""
_WORDS = {"completed": "completes", "completed_with_errors": "completes with errors", "failed": "fails",
          "failed_stale": "is lost", "canceled": "is cancelled"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class After(Schedule):
    """No instants of its own: it falls due each time that what `follow` names has come about."""

    follow: Follow

    def next_after(self, instant: datetime) -> datetime | None:
        if instant.tzinfo is None:
            raise ValueError(f"{instant!r} has no time zone; schedules take aware datetimes")
        return None

    def describe(self) -> str:
        several = len(self.follow.jobs) > 1
        jobs = _joined(self.follow.jobs, "and")
        every = set(self.follow.on) == set(OUTCOMES)
        how = "ends" if every else _joined([_WORDS[word] for word in self.follow.on], "or")
        return f"once each of {jobs} {how}" if several else f"after {jobs} {how}"

    @property
    def follows(self) -> tuple[Follow, ...]:
        return (self.follow,)


def read_after(table: ScheduleTable) -> After:
    """The schedule of `{ after = "job" }`. Raises ScheduleError."""
    jobs = tuple(dict.fromkeys(_texts(table.value, "after", "the name of a job, or a list of names")))
    on = tuple(dict.fromkeys(_texts(table.rest.get("on", "completed"), "on", "an outcome, or a list of outcomes")))
    for word in on:
        if word not in OUTCOMES:
            hint = did_you_mean(nearest(word, OUTCOMES), f"the outcomes are {', '.join(OUTCOMES)}")
            raise ScheduleError(f"{word[:80]!r} is no outcome of a run", text=word[:80], hint=hint)
    return After(Follow(jobs, on))


def followed_names(value: object) -> tuple[str, ...]:
    """The names of the jobs that a job file's value follows, without judging the rest of it."""
    match value:
        case {"after": str(name)}:
            return (name,)
        case {"after": [*names]}:
            return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))
        case {"any": [*values]} | [*values]:
            return tuple(dict.fromkeys(name for one in values for name in followed_names(one)))
        case _:
            return ()


def refuse_rules(table: ScheduleTable) -> None:
    """Raise ScheduleError for rules about instants beside what follows other jobs."""
    for name in ("exclude", "jitter"):
        if getattr(table, name) is not None:
            raise ScheduleError(
                f"{name} says nothing about a run that follows another job", text=name,
                hint="give it to the schedules of the clock alone",
            )  # fmt: skip


def _texts(value: Any, key: str, what: str) -> Sequence[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not texts or not all(isinstance(text, str) and text for text in texts):
        raise ScheduleError(f"{key} holds {what}", text=key, hint='write { after = "other-job" }')
    return texts


def _joined(words: Iterable[str], last: str) -> str:
    *others, final = words
    return f"{', '.join(others)} {last} {final}" if others else final
