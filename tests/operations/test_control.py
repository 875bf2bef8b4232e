"""What a person does to schedules, through the door that command line and screen share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import poke
from jobistemer_tui.errors import NotFound, Refused, UsageError
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.operations.reason_text import LONGEST
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE
from tests.operations.local_operations import FixedClock, operations_on
from tests.support.factories import NOW, add_job, make_definition

HOUR = timedelta(hours=1)
FIVE = NOW.replace(hour=5, minute=0, second=0) + timedelta(days=1)


def kinds(store: Store) -> list[str]:
    return [event.kind for event in store.read(lambda reader: reader.scan(EVENTS_BY_SEQUENCE))]


@pytest.fixture
def operations(store: Store, tmp_path: Path) -> LocalOperations:
    add_job(store, make_definition("backup", schedule="0 5 * * *"), cursor_at=NOW)
    return operations_on(store, tmp_path, FixedClock())


def test_stop_and_start(store: Store, operations: LocalOperations) -> None:
    stopped = operations.stop("backup", reason="disk swap")
    assert (stopped.stopped, stopped.enabled, stopped.next) == (True, False, None)
    assert operations.job("backup").coming == ()
    started = operations.start("backup")
    assert (started.stopped, started.enabled, started.next) == (False, True, FIVE)
    assert kinds(store) == ["job_stopped", "job_started"]


def test_a_reason_has_a_length(store: Store, operations: LocalOperations) -> None:
    long = "x" * (LONGEST + 1)
    waiting = operations.trigger("backup", request=uuid4(), reason=long[1:]).occurrence_id
    before = len(kinds(store))
    ways: list[Callable[[], object]] = [
        lambda: operations.stop("backup", reason=long),
        lambda: operations.pause("backup", reason=long),
        lambda: operations.pause_all(reason=long),
        lambda: operations.skip("backup", reason=long),
        lambda: operations.snooze("backup", until=FIVE + HOUR, reason=long),
        lambda: operations.drop_gap("backup", reason=long),
        lambda: operations.drain_node("here", reason=long),
        lambda: operations.trigger("backup", request=uuid4(), reason=long),
        lambda: operations.cancel(waiting, reason=long),
    ]
    for way in ways:
        with pytest.raises(UsageError, match="at most 4,000 characters, not 4,001"):
            way()
    assert len(kinds(store)) == before


def test_a_skipped_run_is_shown_in_lists_and_among_what_is_to_come(operations: LocalOperations) -> None:
    row = operations.skip("backup", reason="no disk")
    assert (row.scheduled_at, row.status, row.reason) == (FIVE, S.PLANNED, Reason.SKIPPED_BY_USER)
    assert operations.jobs()[0].next_mark is Reason.SKIPPED_BY_USER
    first, second = operations.job("backup", instants=2).coming
    assert (first.starts_at, first.reason, first.why) == (None, Reason.SKIPPED_BY_USER, "no disk")
    assert (second.starts_at, second.reason) == (FIVE + timedelta(days=1), None)
    assert operations.upcoming(None, 1) == [(FIVE + timedelta(days=1), "backup")]
    assert operations.unskip("backup").reason is None
    assert operations.jobs()[0].next_mark is None


def test_a_later_run_is_skipped_by_its_time(operations: LocalOperations) -> None:
    later = FIVE + timedelta(days=2)
    assert operations.skip("backup", instant=later).scheduled_at == later
    assert [entry.reason for entry in operations.job("backup", instants=3).coming] == [
        None, None, Reason.SKIPPED_BY_USER,
    ]  # fmt: skip
    assert operations.unskip("backup", instant=later).scheduled_at == later


def test_a_snoozed_run_tells_when_it_starts(operations: LocalOperations) -> None:
    operations.snooze("backup", until=FIVE + HOUR, reason="load")
    row = operations.jobs()[0]
    assert (row.next, row.next_mark, row.next_starts) == (FIVE, Reason.SNOOZED, FIVE + HOUR)
    (entry,) = operations.job("backup", instants=1).coming
    assert (entry.starts_at, entry.reason, entry.why) == (FIVE + HOUR, Reason.SNOOZED, "load")
    assert operations.unsnooze("backup").reason is None
    assert operations.jobs()[0].next_starts is None


def test_undo_takes_back_the_named_act_once(store: Store, operations: LocalOperations) -> None:
    operations.skip("backup")
    operations.pause("backup")
    act = operations.last_act("backup")
    assert (act.kind, act.actor, act.at, act.job) == ("job_paused", "test", NOW, "backup")
    for _ in range(2):
        assert [one.sequence for one in operations.undo(act)] == [act.sequence]
    assert not operations.jobs()[0].paused
    assert operations.last_act().kind == "run_skipped"
    assert kinds(store).count("undone") == 1


def test_undo_without_anything_to_undo_is_refused(operations: LocalOperations) -> None:
    with pytest.raises(Refused, match="nothing to undo"):
        operations.last_act("backup")
    with pytest.raises(NotFound):
        operations.last_act("nobody")


def test_all_are_paused_resumed_and_undone_together(store: Store, operations: LocalOperations) -> None:
    for name in ("alone", "by-hand", "mail"):
        add_job(store, make_definition(name, schedule=None if name == "by-hand" else "0 6 * * *"))
    add_job(store, make_definition("gone"), retired_at=NOW)
    operations.pause("alone", reason="disk swap")
    assert [row.name for row in operations.pause_all(reason="night", until=NOW + HOUR)] == ["backup", "mail"]
    assert operations.pause_all() == []
    paused = {row.name: row.pause_reason for row in operations.jobs() if row.paused}
    assert paused == {"alone": "disk swap", "backup": "night", "mail": "night"}
    assert [row.name for row in operations.resume_all()] == ["backup", "mail"]
    assert operations.resume_all() == []
    assert [row.name for row in operations.jobs() if row.paused] == ["alone"]
    assert sorted(act.job for act in operations.undo(operations.last_act())) == ["backup", "mail"]
    assert sorted(row.name for row in operations.jobs() if row.paused) == ["alone", "backup", "mail"]


def test_of_many_those_are_undone_that_have_not_changed_since(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition("mail", schedule="0 6 * * *"))
    operations.pause_all()
    act = operations.last_act()
    operations.pause("mail", reason="longer")
    assert [one.job for one in operations.undo(act)] == ["backup"]
    changed = operations.last_act("mail")
    operations.resume("mail")
    with pytest.raises(Refused, match="changed since"):
        operations.undo(changed)


def test_every_act_wakes_the_engine(operations: LocalOperations, monkeypatch: pytest.MonkeyPatch) -> None:
    poked: list[Path] = []
    monkeypatch.setattr(poke, "poke", poked.append)
    operations.stop("backup")
    operations.start("backup")
    operations.pause("backup")
    operations.resume("backup")
    operations.skip("backup")
    operations.unskip("backup")
    operations.snooze("backup", until=FIVE + HOUR)
    operations.unsnooze("backup")
    operations.pause_all()
    operations.resume_all()
    operations.undo(operations.last_act())
    assert len(poked) == 11


def test_the_ticker_of_a_job_is_the_same_one(operations: LocalOperations) -> None:
    ticker = operations.ticker("backup")
    assert ticker.next_run() == FIVE
    operations.pause("backup")
    assert ticker.is_paused()


def test_other_time_zone_data_than_the_jobs_are_warned_of(store: Store, operations: LocalOperations) -> None:
    detail = operations.job("backup")
    assert (detail.timezone_data, detail.zone_warning) == ("", "")
    add_job(store, make_definition("zoned", schedule="0 5 * * *"), timezone_data="2001a")
    add_job(store, make_definition("by-hand", schedule=None), timezone_data="2001a")
    detail = operations.job("zoned")
    assert detail.timezone_data == "2001a"
    assert detail.zone_warning.startswith("planned with time-zone data 2001a, but this program has ")
    assert operations.job("by-hand").zone_warning == ""
