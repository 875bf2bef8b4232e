"""What the checker makes of a clock that was wrong: it forgives what the reference allows, and nothing more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.checker import delays, gaps, moves, presence
from tests.checker.enumeration import text_of
from tests.checker.history import SECOND, Change, Commit, History, Row

JOB, OTHER, KEY = b"j" * 16, b"o" * 16, b"k" * 16
HOUR = 3600 * SECOND
DAWN = 1_772_427_600 * SECOND
"""2026-03-02T05:00:00Z."""


def events(*told: tuple[str, int, bytes, bytes | None, Row]) -> list[Row]:
    """Lines of the audit: kind, time, job, occurrence, detail."""
    return [
        {"sequence": number, "kind": kind, "at": at, "job_id": job, "occurrence_id": key, "reason": None,
         "detail": json.dumps(detail)}
        for number, (kind, at, job, key, detail) in enumerate(told)
    ]  # fmt: skip


@pytest.mark.parametrize(("job", "broken"), [(JOB, 0), (OTHER, 1)])
def test_what_waited_may_be_handled_anew_after_a_wrong_clock_of_its_own_job(job: bytes, broken: int) -> None:
    told = events(
        ("occurrence_queued", DAWN, JOB, KEY, {}),
        ("clock_went_back", DAWN, job, None, {"cursor_was": text_of(DAWN)}),
        ("occurrence_started", DAWN, JOB, KEY, {}),
        ("occurrence_finished", DAWN, JOB, KEY, {"status": "completed"}),
    )
    rows = [{"id": KEY, "job_id": JOB, "state": "completed"}]
    assert len(list(moves.check(History({"event": told, "occurrence": rows})))) == broken


def test_what_was_taken_back_once_is_not_free_for_ever() -> None:
    told = events(
        ("occurrence_queued", DAWN, JOB, KEY, {}),
        ("clock_went_back", DAWN, JOB, None, {"cursor_was": text_of(DAWN)}),
        ("occurrence_queued", DAWN, JOB, KEY, {}),
        ("occurrence_started", DAWN, JOB, KEY, {}),
    )
    rows = [{"id": KEY, "job_id": JOB, "state": "running"}]
    (violation,) = moves.check(History({"event": told, "occurrence": rows}))
    assert "from queued to running" in violation.what


@pytest.mark.parametrize(
    ("waits_for", "found", "until", "choice", "broken"),
    [
        ("clock_unsteady", 0, 59, {}, 1), ("clock_unsteady", 0, 3600, {}, 0), ("clock_unsteady", 0, -1, {}, 0),
        ("recovery_hold", 60, 3600, {}, 1), ("recovery_hold", 61, 3600, {}, 0),
        ("recovery_hold", 0, 1, {"newest": 2, "strategy": "execute-all"}, 1),
        ("recovery_hold", 0, 1, {"released": True}, 0), ("recovery_hold", 0, 1, {"dropped_to": text_of(DAWN)}, 0),
        ("clock_unsteady", 0, 59, {"released": True}, 1),
    ],
)  # fmt: skip
def test_no_clock_is_waited_for_longer_than_a_minute_none_that_was_set_back_and_no_person_who_has_decided(
    waits_for: str, found: int, until: int, choice: Row, broken: int
) -> None:
    held = {"job_id": JOB, "state": "held", "begin_at": DAWN, "held_until": DAWN + (60 + until) * SECOND,
            "held_for": waits_for, "found_at": DAWN + found * SECOND, "choice": json.dumps(choice)}  # fmt: skip
    before: dict[str, Any] = {"job_id": JOB, "state": "planned", "trigger": "schedule", "scheduled_at": DAWN}
    after = {**before, "state": "skipped", "handled_at": DAWN + 60 * SECOND}
    commits = [
        Commit(1, None, [Change("job_gap", None, held)], []),
        Commit(2, None, [Change("occurrence", before, after)], []),
    ]
    assert len(list(gaps.check(History({}, commits=commits)))) == broken


EDITED = ("0 * * * *", "*/30 * * * *", "*/30 * * * *")


def missing(
    *told: tuple[str, int, bytes, bytes | None, Row],
    cursor: int,
    policy: str = "immediate",
    schedules: tuple[str | None, ...] = EDITED,
) -> list[str]:
    """The instants that the checker misses of a job that is edited to run every half an hour rather than every hour."""
    settings = {"update_policy": policy}
    definition = {"enabled": True, "timezone": "UTC", "config_settings": {}, "file_settings": {}, "settings": settings}
    job = {"id": JOB, "name": "job", "version": len(schedules), "first_published_at": DAWN, "cursor_at": cursor}
    versions = [
        {"job_id": JOB, "number": number, "definition": json.dumps({**definition, "schedule": schedule})}
        for number, schedule in enumerate(schedules, start=1)
    ]
    history = History({"job": [job], "job_version": versions, "event": events(*told)})
    found = presence.check_instants(history, job)
    return [violation.what.removeprefix("job has no occurrence at ") for violation in found]


def published(version: int, at: int) -> tuple[str, int, bytes, None, Row]:
    return "job_published", at, JOB, None, {"version": version}


def test_an_edit_by_a_clock_that_was_set_back_leaves_the_instants_where_they_are() -> None:
    minute = 60 * SECOND
    told = published(2, DAWN + 31 * minute), published(3, DAWN + 29 * minute)
    assert missing(*told, cursor=DAWN + HOUR) == [text_of(DAWN + HOUR)]


def test_a_schedule_that_is_yet_to_come_hands_over_as_any_other() -> None:
    told = published(1, DAWN + 2 * SECOND), published(2, DAWN - SECOND)
    assert missing(*told, cursor=DAWN + HOUR, policy="graceful") == [
        text_of(DAWN), text_of(DAWN + HOUR // 2), text_of(DAWN + HOUR)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("between", "expected"), [(None, (0, 7, 14, 21, 30, 60)), ("*/7 * * * *", (0, 7, 14, 21, 28, 30, 60))]
)
def test_what_an_edit_by_a_clock_that_was_set_back_takes_over_from_is_what_was_in_force(
    between: str | None, expected: tuple[int, ...]
) -> None:
    minute = 60 * SECOND
    told = published(1, DAWN - minute), published(2, DAWN + 29 * minute), published(3, DAWN + 25 * minute)
    schedules = ("*/7 * * * *", between, "*/30 * * * *")
    found = missing(*told, cursor=DAWN + HOUR, policy="graceful", schedules=schedules)
    assert found == [text_of(DAWN + at * minute) for at in expected]


def test_a_schedule_that_hands_over_has_its_last_instant_left_also_when_the_clock_was_set_back() -> None:
    minute = 60 * SECOND
    told = published(1, DAWN - minute), published(2, DAWN + 29 * minute), published(3, DAWN + 27 * minute)
    schedules = ("*/7 * * * *", "*/10 * * * *", "*/30 * * * *")
    found = missing(*told, cursor=DAWN + HOUR, policy="graceful", schedules=schedules)
    assert found == [text_of(DAWN + at * minute) for at in (0, 7, 14, 21, 35, 60)]


@pytest.mark.parametrize(
    ("minutes_ahead", "expected"), [(2, (0, 7, 14, 21, 35, 40, 50, 60)), (3, (0, 7, 14, 21, 30, 40, 50, 60))]
)
def test_a_schedule_that_was_stopped_hands_over_unless_the_clock_that_reckoned_it_was_ahead(
    minutes_ahead: int, expected: tuple[int, ...]
) -> None:
    minute = 60 * SECOND
    stopped, started = DAWN + 29 * minute, DAWN + (29 - minutes_ahead) * minute
    nothing: Row = {}
    went_back: Row = {"cursor_was": text_of(stopped)}
    acts = (
        ("job_stopped", stopped, JOB, None, nothing), ("clock_went_back", started, JOB, None, went_back),
        ("job_started", started, JOB, None, nothing),
    )  # fmt: skip
    schedules = ("*/7 * * * *", "*/10 * * * *")
    edits = published(1, DAWN - minute), published(2, DAWN + 28 * minute)
    found = missing(*edits, *acts, cursor=DAWN + HOUR, policy="graceful", schedules=schedules)
    assert found == [text_of(DAWN + at * minute) for at in expected]


def test_a_job_that_is_stopped_before_its_start_hands_nothing_over() -> None:
    """The clock was set back since: what the start had brought is in force, and the schedule from before it is not."""
    minute, nothing = 60 * SECOND, dict[str, Any]()
    acts = [("job_stopped", 20), ("job_started", 25), ("job_stopped", 18), ("job_started", 18)]
    told = [(kind, DAWN + at * minute, JOB, None, nothing) for kind, at in acts]
    found = missing(published(1, DAWN - minute), *told, cursor=DAWN + 22 * minute, schedules=("* * * * *",))
    assert found == [text_of(DAWN + at * minute) for at in range(23)]


@pytest.mark.parametrize(("edited", "expected"), [("*/10 * * * *", (35, 40, 50, 60)), ("*/20 * * * *", (40, 60))])
def test_what_hands_over_when_its_job_is_stopped_does_so_after_an_edit_of_something_else(
    edited: str, expected: tuple[int, ...]
) -> None:
    minute, nothing = 60 * SECOND, dict[str, Any]()
    stopped = ("job_stopped", DAWN + 29 * minute, JOB, None, nothing)
    started = ("job_started", DAWN + 31 * minute, JOB, None, nothing)
    edits = published(1, DAWN - minute), published(2, DAWN + 28 * minute), stopped, published(3, DAWN + 30 * minute)
    schedules = ("*/7 * * * *", "*/10 * * * *", edited)
    found = missing(*edits, started, cursor=DAWN + HOUR, policy="graceful", schedules=schedules)
    assert found == [text_of(DAWN + at * minute) for at in (0, 7, 14, 21, 28, *expected)]


@pytest.mark.parametrize(("looked", "expected"), [(34, (40, 50, 60)), (36, (35, 40, 50, 60))])
def test_what_has_handed_over_when_a_wrong_clock_is_seen_is_left_as_it_is(
    looked: int, expected: tuple[int, ...]
) -> None:
    minute = 60 * SECOND
    nothing: Row = {}
    went_back: Row = {"cursor_was": text_of(DAWN + HOUR)}
    acts = (
        ("job_stopped", DAWN + 29 * minute, JOB, None, nothing),
        ("clock_went_back", DAWN + looked * minute, JOB, None, went_back),
        ("job_started", DAWN + 34 * minute, JOB, None, nothing),
    )
    edits = published(1, DAWN - minute), published(2, DAWN + 28 * minute)
    schedules = ("*/7 * * * *", "*/10 * * * *")
    found = missing(*edits, *acts, cursor=DAWN + HOUR, policy="graceful", schedules=schedules)
    assert found == [text_of(DAWN + at * minute) for at in (0, 7, 14, 21, 28, *expected)]


def test_nothing_hands_over_from_a_job_that_is_stopped_whatever_was_in_force_at_that_time_once() -> None:
    """The clock was set back since."""
    minute, nothing = 60 * SECOND, dict[str, Any]()
    stopped = ("job_stopped", DAWN + 29 * minute, JOB, None, nothing)
    started = ("job_started", DAWN + 28 * minute, JOB, None, nothing)
    told = published(1, DAWN - minute), stopped, published(2, DAWN + 27 * minute), started
    found = missing(*told, cursor=DAWN + HOUR, policy="graceful", schedules=("*/7 * * * *", "*/10 * * * *"))
    assert found == [text_of(DAWN + at * minute) for at in (0, 7, 14, 21, 30, 40, 50, 60)]


@pytest.mark.parametrize(
    ("edited", "expected"), [(34, (35, 45, 60)), (35, (40, 45, 60)), (36, (40, 45, 60)), (40, (40, 50, 60))]
)
def test_what_handed_over_while_its_job_was_stopped_does_so_again_after_an_edit_before_that(
    edited: int, expected: tuple[int, ...]
) -> None:
    """The clock was set back by no more than what leaves a cursor where it is."""
    minute, nothing = 60 * SECOND, dict[str, Any]()
    stopped = ("job_stopped", DAWN + 29 * minute, JOB, None, nothing)
    started = ("job_started", DAWN + 36 * minute - SECOND, JOB, None, nothing)
    edits = published(1, DAWN - minute), published(2, DAWN + 28 * minute)
    schedules = ("*/7 * * * *", "*/10 * * * *", "*/15 * * * *")
    again = published(3, DAWN + edited * minute)
    found = missing(*edits, stopped, started, again, cursor=DAWN + HOUR, policy="graceful", schedules=schedules)
    assert found == [text_of(DAWN + at * minute) for at in (0, 7, 14, 21, 28, *expected)]


def test_what_handed_over_before_its_job_was_stopped_does_so_again_after_a_start_before_that() -> None:
    minute, nothing = 60 * SECOND, dict[str, Any]()
    stopped = ("job_stopped", DAWN + 36 * minute, JOB, None, nothing)
    again = ("job_started", DAWN + 34 * minute, JOB, None, nothing)
    edits = published(1, DAWN - minute), published(2, DAWN + 28 * minute)
    schedules = ("*/7 * * * *", "*/10 * * * *")
    found = missing(*edits, stopped, again, cursor=DAWN + HOUR, policy="graceful", schedules=schedules)
    assert found == [text_of(DAWN + at * minute) for at in (0, 7, 14, 21, 28, 35, 40, 50, 60)]


def test_a_job_that_returns_hands_nothing_over_also_where_it_is_stopped_and_started_later() -> None:
    minute, nothing = 60 * SECOND, dict[str, Any]()
    kinds = [("job_stopped", 29), ("job_retired", 30), ("job_returned", 31), ("job_started", 32)]
    acts = [
        (kind, DAWN + at * minute, JOB, None, {"version": 2} if kind == "job_returned" else nothing)
        for kind, at in kinds
    ]
    edits = published(1, DAWN - minute), published(2, DAWN + 28 * minute)
    found = missing(*edits, *acts, cursor=DAWN + 36 * minute, policy="graceful", schedules=("*/7 * * * *", "* * * * *"))
    assert found == [text_of(DAWN + at * minute) for at in (0, 7, 14, 21, 28, 33, 34, 35, 36)]


@pytest.mark.parametrize(
    ("reason", "epoch", "broken"),
    [("job_removed", 0, 0), ("replaced", 0, 0), ("user", 0, 1), ("replaced", 1, 1), (None, 0, 1)],
)
def test_of_what_was_cancelled_only_what_nobody_wanted_to_end_may_be_planned_again(
    reason: str | None, epoch: int, broken: int
) -> None:
    canceled = {"id": KEY, "job_id": JOB, "state": "canceled", "reason": reason, "epoch": epoch}
    again = Change("occurrence", canceled, {**canceled, "state": "planned", "reason": None})
    assert len(list(moves.check(History({}, commits=[Commit(1, None, [again], ["clock_went_back"])])))) == broken


@pytest.mark.parametrize(("reason", "broken"), [("replaced", 0), ("user", 1)])
def test_nor_does_the_audit_tell_that_what_a_person_had_cancelled_was_started(reason: str, broken: int) -> None:
    told = events(
        ("occurrence_canceled", DAWN, JOB, KEY, {}),
        ("clock_went_back", DAWN, JOB, None, {"cursor_was": text_of(DAWN)}),
        ("occurrence_started", DAWN, JOB, KEY, {}),
    )
    told[0]["reason"] = reason
    queued = {**told[0], "sequence": -1, "kind": "occurrence_queued"}
    rows = [{"id": KEY, "job_id": JOB, "state": "running"}]
    assert len(list(moves.check(History({"event": [queued, *told], "occurrence": rows})))) == broken


@pytest.mark.parametrize(("ahead", "expected"), [(119, []), (121, [text_of(DAWN)])])
def test_only_a_cursor_that_was_far_ahead_is_set_back(ahead: int, expected: list[str]) -> None:
    opened = DAWN + ahead * SECOND - SECOND
    was = {"cursor_was": text_of(opened)}
    told = published(2, opened), ("clock_went_back", opened - ahead * SECOND, JOB, None, was)
    assert missing(*told, cursor=opened) == expected


@pytest.mark.parametrize(("told", "broken"), [(DAWN - 1, 1), (DAWN, 0)])
def test_a_try_is_judged_by_when_it_was_told_to_start_not_by_the_clock_of_what_ran_it(told: int, broken: int) -> None:
    planned: Row = {"id": KEY, "number": 2, "state": "planned", "not_before": DAWN, "started_at": None}
    running = {**planned, "state": "running", "started_at": told}
    ended = {**running, "state": "failed", "started_at": DAWN - SECOND}
    commits = [
        Commit(1, None, [Change("attempt", planned, running)], []),
        Commit(2, None, [Change("attempt", running, ended)], []),
    ]
    assert len(list(delays.check(History({}, commits=commits)))) == broken
