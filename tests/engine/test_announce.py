"""Who is told of what: decisions alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.announcements import Announcements, Channel, HookName, Occasion, Rule, announcements
from jobistemer_tui.domain.cascade import Level, effective_settings
from jobistemer_tui.domain.records import JobTally, Occurrence
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason, Trigger
from jobistemer_tui.engine import announce
from jobistemer_tui.engine.tally import after_end

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
JOB = UUID(int=1)
HOOKS = {name: {"run": "x", "timeout": 60.0} for name in HookName}


def rule(*on: str, channel: Channel = Channel.MAIL, to: str = "me@x", **values: Any) -> Rule:
    return Rule(tuple(Occasion(word) for word in on), channel, {"to": [to]}, **values)


def row(number: int, state: O = O.FAILED, **values: Any) -> Occurrence:
    return Occurrence(
        UUID(int=number), JOB, NOW, NOW, Trigger.SCHEDULE, state, 1, NOW, started_at=NOW,
        finished_at=NOW + timedelta(minutes=number), **values,
    )  # fmt: skip


def history(who: Announcements, states: str) -> list[list[str]]:
    """What is told at the end of each run, `s` succeeded, `f` failed, `e` with errors, `l` lost, `c` cancelled."""
    kinds = {"f": O.FAILED, "s": O.COMPLETED, "c": O.CANCELED, "e": O.COMPLETED_WITH_ERRORS, "l": O.FAILED_STALE}
    tally, seen, told = JobTally(JOB), set(), []
    for number, letter in enumerate(states, start=10):
        one = row(number, kinds[letter])
        before, tally = tally, after_end(tally, one, [], [])
        ended = announce.ended(who, one, before, tally)
        tally = announce.remembered(tally, ended)
        news = [each for each in ended if (each.about, each.receiver) not in seen]
        seen |= {(each.about, each.receiver) for each in news}
        told.append([each.word for each in news])
    return told


def only(*rules: Rule) -> Announcements:
    return Announcements({}, rules)


F, R = "failure", "recovery"


@pytest.mark.parametrize(
    ("who", "states", "told"),
    [
        (only(rule(F)), "fff", [[F], [], []]),
        (only(rule(F)), "fsf", [[F], [], [F]]),
        (only(rule(F, after=3)), "ffffs", [[], [], [F], [], []]),
        (only(rule(F, after=3)), "ffsffs", [[], [], [], [], [], []]),
        (only(rule(F, R)), "fffsss", [[F], [], [], [R], [], []]),
        (only(rule(F, R, after=3)), "ffsfffs", [[], [], [], [], [], [F], [R]]),
        (only(rule(F, after=3), rule(R)), "ffsfffs", [[], [], [], [], [], [F], [R]]),
        (only(rule(R)), "sfs", [[], [], [R]]),
        (only(rule(R, after=2)), "fsffs", [[], [], [], [], [R]]),
        (only(rule(F, R)), "fcfs", [[F], [], [], [R]]),
        (only(rule(F, R)), "elcs", [[F], [], [], [R]]),
        (only(rule("success")), "sfs", [["success"], [], ["success"]]),
        (only(rule(F, to="a"), rule(F, after=2, to="b")), "fff", [[F], [F], []]),
        (only(rule(F), rule(F, after=2)), "fff", [[F], [], []]),
        (only(rule("success", F, channel=Channel.PING)), "ffs", [[F], [F], ["success"]]),
        (only(), "fs", [[], []]),
        (Announcements(HOOKS), "fscel", [
            ["on_complete", "on_failure"], ["on_complete"], ["on_complete"], ["on_complete", "on_failure"],
            ["on_complete", "on_failure"],
        ]),
    ],
)  # fmt: skip
def test_what_the_ends_of_runs_tell(who: Announcements, states: str, told: list[list[str]]) -> None:
    assert history(who, states) == told


def test_a_rule_that_is_added_while_a_job_fails_tells_of_the_next_failure() -> None:
    tally = JobTally(JOB)
    for number in range(5):
        tally = after_end(tally, row(number), [], [])
    (told,) = announce.ended(only(rule(F)), row(6), tally, after_end(tally, row(6), [], []))
    assert (told.word, told.incident) == (F, str(UUID(int=0)))


def test_what_was_told_of_a_row_of_failures_is_known_although_its_line_is_cleared_away() -> None:
    who, tally, told = only(rule(F), rule(F, to="b", after=3)), JobTally(JOB), []
    for number in range(5):
        before, tally = tally, after_end(tally, row(number), [], [])
        news = announce.ended(who, row(number), before, tally)
        tally = announce.remembered(tally, news)
        told.append(len(news))
    assert told == [1, 0, 1, 0, 0]
    assert after_end(tally, row(9, O.COMPLETED), [], []).told == []


def test_a_start_tells_once_for_each_time_that_it_begins() -> None:
    who = Announcements(HOOKS, (rule("start"),))
    first, again = announce.started(who, row(1, O.RUNNING, epoch=1)), announce.started(who, row(1, O.RUNNING, epoch=2))
    assert [one.word for one in first] == ["on_start", "start"]
    assert {one.about for one in first} & {one.about for one in again} == set()


@pytest.mark.parametrize(
    ("state", "reason", "told"),
    [
        (O.SKIPPED, Reason.OVERLAP, ["skipped"]),
        (O.SKIPPED, Reason.QUEUE_FULL, ["skipped"]),
        (O.SKIPPED, Reason.PAUSED, []),
        (O.SKIPPED, Reason.SKIPPED_BY_USER, []),
        (O.MISSED, Reason.TOO_LATE, ["missed"]),
        (O.MISSED, Reason.COMPRESSED_INTO, []),
        (O.PENDING, Reason.NO_SLOT, []),
        (O.QUEUED, Reason.OVERLAP, []),
    ],
)
def test_what_does_not_run(state: O, reason: Reason, told: list[str]) -> None:
    who = only(rule("skipped", "missed"))
    assert [one.word for one in announce.did_not_run(who, row(1, state, reason=reason))] == told


def test_all_that_one_run_keeps_from_running_are_one_incident() -> None:
    who = only(rule("skipped"))
    rows = [row(n, O.SKIPPED, reason=Reason.OVERLAP, detail={"blocked_by": "that"}) for n in (1, 2)]
    first, second = (announce.did_not_run(who, one)[0] for one in rows)
    assert first.about == second.about == "skipped:that"


def test_no_success_for_as_long_as_the_rule_says() -> None:
    who = only(rule("no_success", within_s=3600.0), rule("no_success", within_s=7200.0, to="b"), rule(F))
    since = NOW - timedelta(hours=1)
    assert announce.no_success(who, since + timedelta(seconds=1), NOW) == []
    (told,) = announce.no_success(who, since, NOW)
    assert told.about == "no_success:2026-03-02T04:00:00Z"
    assert len(announce.no_success(who, NOW - timedelta(hours=2), NOW)) == 2


def test_the_nearest_level_wins_as_a_whole() -> None:
    file: dict[str, Any] = {
        "on_failure": {"run": "a", "timeout": 60.0},
        "notify": [{"on": [F], "mail": {"to": ["a@x"]}}],
    }
    mine: dict[str, Any] = {"notify": [], "on_start": {"command": ["b"], "timeout": 1.0}}
    who = announcements(effective_settings([Level("file", file), Level("job", mine)]))
    assert dict(who.hooks) == {"on_failure": file["on_failure"], "on_start": mine["on_start"]}
    assert who.rules == ()
    assert announcements(effective_settings([])) == Announcements({}, ())


@pytest.mark.parametrize(
    ("stored", "wanted"),
    [
        ({"on": ["slow"], "command": {"run": "x"}}, Rule((Occasion.SLOW,), Channel.COMMAND, {"run": "x"})),
        ({"on": [F], "after": 3, "ping": {"url": "u"}}, Rule((Occasion.FAILURE,), Channel.PING, {"url": "u"}, after=3)),
        (
            {"on": ["no_success"], "within": 5.0, "webhook": {"url": "u", "headers": []}},
            Rule((Occasion.NO_SUCCESS,), Channel.WEBHOOK, {"url": "u", "headers": []}, within_s=5.0),
        ),
    ],
)
def test_a_stored_rule(stored: dict[str, Any], wanted: Rule) -> None:
    (found,) = announcements(effective_settings([Level("job", {"notify": [stored]})])).rules
    assert found == wanted
