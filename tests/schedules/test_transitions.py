"""Generated expressions around real clock changes, against cron minute by minute and against cronsim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from jobistemer_tui.schedules import Cron, ScheduleError
from tests.schedules.brute_force import REACH, Plain, runs_around
from tests.schedules.expressions import NEAR_CHANGES
from tests.schedules.transitions import ZONES, Transition, all_transitions, sample

SAMPLE = sample(60)
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


def cron_of(text: str, zone: str) -> Cron | None:
    """The schedule; None where its dates are impossible, which the generator cannot know."""
    try:
        return Cron(text, timezone=zone)
    except ScheduleError as error:
        if "no such date" not in error.message:
            raise
        return None


def is_common(transition: Transition, text: str) -> bool:
    """Whether the rules of cronsim are ours here.

    For wildcard jobs it takes each change for one of whole hours on the hour, and it lets them run at the end of a gap
    that begins at midnight. It makes up for a change of more than three hours, which here is a correction of the clock.
    """
    if abs(transition.shift) > 3 * _HOUR:
        return False
    plain_change = not transition.shift % _HOUR and not transition.before.minute
    at_midnight = transition.shift > timedelta(0) and not transition.before.hour
    return not Plain.read(text).wildcard or (plain_change and not at_midnight)


def by_cronsim(text: str, transition: Transition) -> list[datetime]:
    """What cronsim says for 36 hours before and after; it repeats an instant for each time that folds into it."""
    start, end = transition.at - REACH, transition.at + REACH
    found: list[datetime] = []
    for local in CronSim(text, (start - _MINUTE).astimezone(ZoneInfo(transition.zone))):
        instant = local.astimezone(UTC)
        if instant >= end:
            break
        if instant >= start and (not found or instant > found[-1]):
            found.append(instant)
    return found


def judge(transitions: Sequence[Transition], texts: Sequence[str]) -> None:
    """Each expression around its change: ours, the walk's and, where it is right, cronsim's."""
    for transition, text in zip(transitions, texts, strict=True):
        cron = cron_of(text, transition.zone)
        if cron is None:
            continue
        ours = list(cron.between(transition.at - REACH - _MINUTE, transition.at + REACH - _MINUTE))
        assert ours == runs_around(text, transition), f"{text} around {transition}, minute by minute"
        if is_common(transition, text):
            assert ours == by_cronsim(text, transition), f"{text} around {transition}, by cronsim"


@settings(max_examples=3)
@given(st.lists(NEAR_CHANGES, min_size=len(SAMPLE), max_size=len(SAMPLE)))
def test_a_fixed_sample_of_changes(texts: list[str]) -> None:
    judge(SAMPLE, texts)


def test_the_sample_holds_changes_of_every_kind_in_every_zone() -> None:
    assert len(SAMPLE) == len(set(SAMPLE)) == 60
    assert {transition.zone for transition in SAMPLE} == set(ZONES)
    common = {transition.zone for transition in SAMPLE if is_common(transition, "* * * * *")}
    assert len(common) >= 40
    minutes = {transition.shift / _MINUTE for transition in all_transitions()}
    assert {60, -60, 30, -30, 120, -120, 1440} <= minutes
    assert len(all_transitions()) > 1000


@pytest.mark.campaign("schedules")
@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=6, derandomize=False, print_blob=True, phases=[Phase.generate])
@given(data=st.data())
def test_all_changes_of_twenty_years(zone: str, data: st.DataObject) -> None:
    transitions = [transition for transition in all_transitions() if transition.zone == zone]
    texts = data.draw(st.lists(NEAR_CHANGES, min_size=len(transitions), max_size=len(transitions)))
    judge(transitions, texts)
