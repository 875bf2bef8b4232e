"""Bars on the time axis."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason, TaskRunState
from jobistemer_tui.operations.read_models import OccurrenceDetail, TaskRow
from jobistemer_tui.tui.presentation.gantt import Axis, axis_for, axis_lines, task_bar, ticks
from tests.support.sample_jobs import NOW, Try, occurrence, sample_id, task

KEY = sample_id("bars")
START = NOW - timedelta(seconds=100)
DONE, FAILED, RUNNING, PLANNED = (
    AttemptState.SUCCESS,
    AttemptState.FAILED,
    AttemptState.RUNNING,
    AttemptState.PLANNED,
)


def one(name: str, status: TaskRunState, tries: list[Try], needs: tuple[str, ...] = (), **more: object) -> TaskRow:
    return task(KEY, START, name, status, tries, needs, **more)  # type: ignore[arg-type]  # named fields of `task`


def detail_of(*tasks: TaskRow, seconds: float = 0.0) -> OccurrenceDetail:
    status = OccurrenceState.FAILED if seconds else OccurrenceState.RUNNING
    return occurrence("bars", "x", status, START - timedelta(seconds=0.4), seconds, tasks)


def bar(detail: OccurrenceDetail, name: str, cells: int = 20) -> str:
    tasks = {row.name: row for row in detail.tasks}
    axis = axis_for(detail, NOW, cells)
    return task_bar(tasks[name], tasks, detail, axis, NOW, dark=True).plain


def test_a_finished_run_fills_its_axis() -> None:
    first = one("a", TaskRunState.SUCCESS, [Try(0, 50, DONE)])
    second = one("b", TaskRunState.SUCCESS, [Try(60, 100, DONE)], ("a",))
    detail = detail_of(first, second, seconds=100)
    assert bar(detail, "a") == "█" * 10 + " " * 10
    assert bar(detail, "b") == " " * 10 + "··" + "█" * 8


def test_retries_show_waits_and_failures() -> None:
    tries = [Try(0, 25, FAILED), Try(50, 75, FAILED), Try(90, 100, DONE)]
    detail = detail_of(one("a", TaskRunState.SUCCESS, tries), seconds=100)
    assert bar(detail, "a") == "█████▒▒▒▒▒█████▒▒▒██"


def test_a_failed_last_try_ends_in_a_cross() -> None:
    detail = detail_of(one("a", TaskRunState.FAILED, [Try(0, 100, FAILED)]), seconds=100)
    assert bar(detail, "a") == "█" * 19 + "✗"


def test_a_short_try_still_takes_a_cell() -> None:
    detail = detail_of(one("a", TaskRunState.SUCCESS, [Try(50, 50.01, DONE)]), seconds=100)
    assert bar(detail, "a") == "·" * 10 + "█" + " " * 9


def test_live_bars_end_now_and_the_axis_lies_ahead() -> None:
    running = one("a", TaskRunState.RUNNING, [Try(0, None, RUNNING)])
    waiting = one("b", TaskRunState.PENDING, [], ("a",))
    ready = one("c", TaskRunState.PENDING, [])
    retrying = one("d", TaskRunState.RETRYING, [Try(0, 50, FAILED), Try(None, None, PLANNED)])
    detail = detail_of(running, waiting, ready, retrying)
    axis = axis_for(detail, NOW, 24)
    assert axis.seconds_per_cell * 24 == pytest.approx(120)
    assert bar(detail, "a", 24) == "█" * 20 + "┆" + " " * 3
    assert bar(detail, "b", 24) == " " * 20 + "┆" + " " * 3
    assert bar(detail, "c", 24) == "·" * 20 + "┆" + " " * 3
    assert bar(detail, "d", 24) == "█" * 10 + "▒" * 10 + "┆" + " " * 3


def test_the_live_axis_does_not_creep() -> None:
    detail = detail_of(one("a", TaskRunState.RUNNING, [Try(0, None, RUNNING)]))
    spans = {axis_for(detail, NOW + timedelta(seconds=second), 10).seconds_per_cell for second in range(9)}
    assert len(spans) == 1


def test_a_task_that_did_not_run_is_marked_where_that_was_decided() -> None:
    skipped = one("b", TaskRunState.SKIPPED, [], ("a",), reason=Reason.NEED_NOT_MET, ended=50)
    detail = detail_of(one("a", TaskRunState.FAILED, [Try(0, 50, FAILED)]), skipped, seconds=100)
    assert bar(detail, "b") == " " * 10 + "↷" + " " * 9


def test_needs_that_are_unknown_break_nothing() -> None:
    detail = detail_of(one("a", TaskRunState.SUCCESS, [Try(50, 100, DONE)], ("gone",)), seconds=100)
    assert bar(detail, "a") == " " * 10 + "█" * 10


@pytest.mark.parametrize("span", [1, 10, 59, 600, 1811, 86_400, 40 * 86_400, 4000 * 86_400])
@pytest.mark.parametrize("cells", [1, 10, 50, 160])
def test_ticks_fit_and_do_not_collide(span: float, cells: int) -> None:
    axis = Axis(START, span / cells, cells)
    found = ticks(axis, UTC)
    ends = [cell + len(label) for cell, label in found]
    assert all(0 <= cell < cells for cell, _ in found)
    assert all(end < following for end, (following, _) in zip(ends, found[1:], strict=False))
    labels, rule = axis_lines(axis, UTC)
    assert len(labels) == len(rule) == cells


def test_ticks_stand_at_round_local_times() -> None:
    axis = Axis(START, 1800 / 50, 50)
    assert [label for _, label in ticks(axis, UTC)] == ["13:40", "13:50", "14:00"]
