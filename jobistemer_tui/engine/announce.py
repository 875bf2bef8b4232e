"""Pure: who is told of what. Each decision names its incident, so that a receiver is told of one once.

A failure's incident is the first occurrence of a streak of failures: however many follow, and whenever a rule was
written, its receiver hears of the streak once, and once of its end. A ping is no news for a person but the pulse that
an outside monitor counts, so it is sent each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from jobistemer_tui.domain.announcements import Announcements, Channel, HookName, Occasion, Rule
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.records import JobTally, Occurrence
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.engine.tally import FAILURES
from jobistemer_tui.settings.quick_dataclass import dataclass, replace

TOLD_SKIPS = frozenset({Reason.OVERLAP, Reason.QUEUE_FULL})
"""Skips that are news: what a person or the schedule has asked for is none."""

UNTOLD_MISSES = frozenset({Reason.COMPRESSED_INTO})


@dataclass(frozen=True, slots=True)
class Told:
    """Something to tell a receiver: `word` is an occasion or a hook's name, `incident` what it is about."""

    word: str
    channel: Channel
    target: Mapping[str, Any]
    receiver: str
    incident: str

    @property
    def about(self) -> str:
        """What makes it the same as an earlier one to the same receiver."""
        return f"{self.word}:{self.incident}"


def started(who: Announcements, row: Occurrence) -> list[Told]:
    """What the start of an occurrence tells; one that was given back and starts again tells again."""
    incident = f"{row.id}:{row.epoch}"
    return [*_hooks(who, (HookName.ON_START,), incident), *_tell(who.asking(Occasion.START), Occasion.START, incident)]


def ended(who: Announcements, row: Occurrence, before: JobTally, after: JobTally) -> list[Told]:
    """What the end of an occurrence that ran tells, by its job's tally before and after it."""
    told = _hooks(who, (HookName.ON_COMPLETE,), str(row.id))
    if row.state in FAILURES:
        told += _hooks(who, (HookName.ON_FAILURE,), str(row.id))
        told += [_failure(rule, row, after) for rule in who.asking(Occasion.FAILURE) if _counts(rule, before, after)]
    elif row.state is OccurrenceState.COMPLETED:
        told += _tell(who.asking(Occasion.SUCCESS), Occasion.SUCCESS, str(row.id))
        news = [rule for rule in who.asking(Occasion.RECOVERY) if before.failures >= who.failures_before_recovery(rule)]
        told += _tell(news, Occasion.RECOVERY, str(before.incident))
    return told


def _counts(rule: Rule, before: JobTally, after: JobTally) -> bool:
    if rule.channel is Channel.PING:
        return True
    return after.failures >= (rule.after or 1) and rule.key not in before.told


def remembered(tally: JobTally, told: Iterable[Told]) -> JobTally:
    """The tally with the receivers that are now told of the failures in a row."""
    news = {one.receiver for one in told if one.word == Occasion.FAILURE and one.channel is not Channel.PING}
    return replace(tally, told=[*tally.told, *sorted(news)]) if news else tally


def _failure(rule: Rule, row: Occurrence, after: JobTally) -> Told:
    incident = row.id if rule.channel is Channel.PING else after.incident
    return _one(rule, Occasion.FAILURE, str(incident))


def did_not_run(who: Announcements, row: Occurrence) -> list[Told]:
    """What a skipped or missed occurrence tells; all that one run keeps from running are one incident."""
    if row.state is OccurrenceState.SKIPPED and row.reason in TOLD_SKIPS:
        return _tell(who.asking(Occasion.SKIPPED), Occasion.SKIPPED, str(row.detail.get("blocked_by", row.id)))
    if row.state is OccurrenceState.MISSED and row.reason not in UNTOLD_MISSES:
        return _tell(who.asking(Occasion.MISSED), Occasion.MISSED, str(row.id))
    return []


def gap_passed(who: Announcements, until: datetime) -> list[Told]:
    """What the missed instants of a gap tell, all together."""
    return _tell(who.asking(Occasion.MISSED), Occasion.MISSED, f"gap:{instant_text(until)}")


def is_slow(who: Announcements, row: Occurrence) -> list[Told]:
    """What a run that takes longer than usual tells, while it runs or at its end."""
    return _tell(who.asking(Occasion.SLOW), Occasion.SLOW, str(row.id))


def no_success(who: Announcements, since: datetime, now: datetime) -> list[Told]:
    """What a job tells that has had no success since `since`: each rule whose time has passed, once."""
    over = [
        rule
        for rule in who.asking(Occasion.NO_SUCCESS)
        if rule.within_s is not None and now - since >= timedelta(seconds=rule.within_s)
    ]
    return _tell(over, Occasion.NO_SUCCESS, instant_text(since))


def _hooks(who: Announcements, names: Iterable[HookName], incident: str) -> list[Told]:
    return [Told(name, Channel.HOOK, who.hooks[name], "hook", incident) for name in names if name in who.hooks]


def _tell(rules: Iterable[Rule], occasion: Occasion, incident: str) -> list[Told]:
    return [_one(rule, occasion, incident) for rule in rules]


def _one(rule: Rule, occasion: Occasion, incident: str) -> Told:
    return Told(occasion, rule.channel, rule.target, rule.key, incident)
