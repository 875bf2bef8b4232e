"""Who holds what a run waits for, and which tasks decided how long a run took."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.domain.states import Reason, TaskRunState
from jobistemer_tui.operations.critical_path import critical_path
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.operations.queries_runs import occurrence_rows
from jobistemer_tui.operations.queries_waiting import waiting_words
from jobistemer_tui.operations.read_models import TaskRow
from jobistemer_tui.storage.contract import Reader, Store
from jobistemer_tui.storage.tables import OCCURRENCES
from tests.support.factories import NOW, add, add_job, make_definition, make_occurrence

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("reason", "detail", "words"),
    [
        (Reason.GROUP, {}, "group io 1/2 used by other"),
        (Reason.NO_SLOT, {"waits_for": "group"}, "group io 1/2 used by other"),
        (Reason.OVERLAP, {}, "its own job 1/1 used by backup"),
        (Reason.NO_SLOT, {}, "the engine's slots 2 used by other, backup"),
        (Reason.SNOOZED, {}, None),
    ],
)
def test_who_holds_it(
    store: Store, operations: LocalOperations, reason: Reason, detail: dict[str, str], words: str | None
) -> None:
    job = add_job(store, make_definition(), group_name="io", group_limit=2)
    other = add_job(store, make_definition("other"), group_name="io", group_limit=3)
    add(
        store,
        make_occurrence(other, NOW - 2 * MINUTE, S.RUNNING, group_name="io"),
        make_occurrence(job, NOW - MINUTE, S.RUNNING),
    )
    waits = make_occurrence(job, NOW, S.QUEUED, reason=reason, detail=detail, group_name="io", sequence=1)
    add(store, waits)
    waiting = operations.occurrence(waits.id).waiting
    assert (None if waiting is None else waiting_words(waiting)) == words


def test_many_holders_are_counted(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition())
    add(store, *(make_occurrence(job, NOW - MINUTE * number, S.RUNNING) for number in range(1, 8)))
    waits = make_occurrence(job, NOW, S.PENDING, reason=Reason.NO_SLOT)
    add(store, waits)
    waiting = operations.occurrence(waits.id).waiting
    assert waiting is not None
    assert waiting_words(waiting).endswith("and 2 more")
    running = operations.runs(statuses=[S.RUNNING])[0]
    assert operations.occurrence(running.id).waiting is None


def task(name: str, begin: int | None, end: int | None, *needs: str) -> TaskRow:
    started, finished = (None if at is None else NOW + MINUTE * at for at in (begin, end))
    return TaskRow(make_definition(name).id, name, TaskRunState.SUCCESS, None, needs, started, finished, ())


@pytest.mark.parametrize(
    ("tasks", "path"),
    [
        ((), []),
        ((task("a", None, None),), []),
        ((task("a", 0, 1), task("b", 1, 9, "a"), task("c", 1, 3, "a"), task("d", 9, 10, "b", "c")), ["a", "b", "d"]),
        ((task("a", 0, 1), task("b", 1, None, "a"), task("c", 1, 30, "a")), ["a", "b"]),
        ((task("a", 0, 5), task("b", None, 5, "a")), ["a"]),
    ],
)
def test_critical_path(tasks: tuple[TaskRow, ...], path: list[str]) -> None:
    assert [one.name for one in critical_path(tasks)] == path


def test_what_is_in_the_way_is_what_is_there_now(store: Store, operations: LocalOperations) -> None:
    """Regression: a run named the one that was in its way when it was queued, also when that had long ended."""
    job = add_job(store, make_definition(), group_name="io", group_limit=1)
    other = add_job(store, make_definition("other"), group_name="io", group_limit=1)
    ended, runs = (
        make_occurrence(job, NOW - number * MINUTE, state) for number, state in ((9, S.COMPLETED), (8, S.RUNNING))
    )
    then = {"blocked_by": str(ended.id)}
    queued = [
        make_occurrence(job, NOW - number * MINUTE, S.QUEUED, reason=Reason.OVERLAP, detail=then, sequence=9 - number)
        for number in (2, 1)
    ]
    holds = make_occurrence(other, NOW - 3 * MINUTE, S.RUNNING, group_name="io")
    detail = {"group": "io", "limit": 9, **then}
    in_line = make_occurrence(job, NOW, S.QUEUED, reason=Reason.GROUP, detail=detail, group_name="io")
    add(store, ended, runs, holds, *queued, in_line)

    def told(row: Occurrence) -> object:
        (shown,) = (found for found in operations.runs() if found.id == row.id)
        assert operations.occurrence(row.id).row.reason_detail == shown.reason_detail
        blocker = shown.reason_detail.get("blocked_by")
        assert (blocker is None) == ("in the way" not in operations.why(str(row.id)).summary)
        return blocker

    assert [told(row) for row in (*queued, in_line)] == [str(runs.id), str(runs.id), str(holds.id)]
    store.write(lambda tx: tx.replace(OCCURRENCES, runs, replace(runs, state=S.COMPLETED)))
    store.write(lambda tx: tx.replace(OCCURRENCES, in_line, replace(in_line, state=S.CANCELED)))
    assert [told(row) for row in queued] == [None, str(queued[0].id)], "the first waits for nobody any more"


def test_what_is_in_the_way_of_many_is_asked_once(store: Store) -> None:
    """Regression: each row of a list asked anew, four questions each, 0.1 ms of processor time."""
    job = add_job(store, make_definition(), group_name="io", group_limit=1)
    then = {"blocked_by": str(job.id)}
    behind = [
        make_occurrence(job, NOW + number * MINUTE, S.QUEUED, reason=Reason.OVERLAP, detail=then, sequence=number)
        for number in range(1, 40)
    ]
    first, *in_line = [
        make_occurrence(job, NOW - number * MINUTE, S.PENDING, reason=Reason.GROUP, detail=then, group_name="io")
        for number in range(40, 1, -1)
    ]
    add(store, *behind, first, *in_line)

    def asked(reader: Reader) -> int:
        counting = Counting(reader)
        rows = {row.id: row for row in occurrence_rows(cast("Any", counting), [*behind, first, *in_line])}
        assert "blocked_by" not in rows[first.id].reason_detail, "it does not wait for itself"
        assert {rows[row.id].reason_detail["blocked_by"] for row in in_line} == {str(first.id)}
        assert all(rows[row.id].reason_detail["blocked_by"] != str(job.id) for row in behind)
        return counting.scans

    assert store.read(asked) < 12


class Counting:
    """A reader that counts the scans."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.scans = 0

    def __getattr__(self, name: str) -> object:
        self.scans += name == "scan"
        return getattr(self._reader, name)
