"""The audit in words: every kind that is written is known, and hostile details stay harmless."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from rich.cells import cell_len

from jobistemer_tui.domain.states import Reason
from jobistemer_tui.operations.read_models import ActivityRow
from jobistemer_tui.tui.activity_page import LOOKED_AT, ActivityPage
from jobistemer_tui.tui.presentation.activity_rows import ACTIVITY_LISTING, activity_lines, activity_table_row
from jobistemer_tui.tui.presentation.activity_words import KINDS
from jobistemer_tui.tui.presentation.job_rows import Viewpoint
from jobistemer_tui.tui.presentation.moments import TimeStyle
from tests.architecture.tree import PACKAGE, python_files, read
from tests.support.fake_operations import FakeOperations
from tests.support.sample_jobs import HOSTILE_NAMES, NOW, REFUSED_FILE, Sample, _event, sample_activity, sample_id

VIEW = Viewpoint(NOW, TimeStyle.UTC, True)


def test_every_kind_that_the_engine_writes_has_words() -> None:
    text = "".join(read(path) for path in python_files(PACKAGE / "engine"))
    calls = re.findall(r"(?:tell|tell_job)\(\s*\w+, \"([a-z_]+)\"|kind=\"([a-z_]+)\"", text)
    kinds = {first or second for first, second in calls}
    assert len(kinds) > 15
    assert kinds - set(KINDS) == set()


@pytest.mark.parametrize("width", [20, 44, 60, 78, 118, 160])
def test_cells_and_panes_take_hostile_details(width: int) -> None:
    rows = sample_activity()
    for name in HOSTILE_NAMES:
        rows.append(_event(9, NOW, name, "file_refused", None, path=name, errors=[{"message": name, "hint": name}]))
        rows.append(_event(9, NOW, name, name, name, name, before={name: name}, after=name, why=name))
    columns = ACTIVITY_LISTING.columns(width)
    for row in rows:
        for column, cell in zip(columns, activity_table_row(row, columns, VIEW).cells, strict=True):
            assert cell_len(cell.plain) <= column.width, column.key
            assert "\x1b" not in cell.plain
        assert not any("\x1b" in line.plain or "\n" in line.plain for line in activity_lines(row, VIEW, width))


def test_a_filter_looks_through_so_much_and_the_next_page_goes_on() -> None:
    rows = [_event(number, NOW, "tui eva" if number == 1 else "engine", "late_report") for number in range(1, 30_001)]
    operations = FakeOperations(Sample(activity=rows))
    first = ActivityPage("by:eva", problems_only=False, before=None)(operations)
    assert (first.rows, first.oldest) == ((), 30_001 - LOOKED_AT)
    second = ActivityPage("by:eva", problems_only=False, before=first.oldest)(operations)
    assert [row.sequence for row in second.rows] == [1]
    assert (second.oldest, second.has_newer) == (0, True)


UNTIL = "2026-11-24T15:51:21.555493Z"
PAUSED = {"reason": "disk_swap", "until": UNTIL, "after": {"paused": True, "until": UNTIL, "reason": "disk_swap"}}
SNOOZED = {"state": "planned", "reason": "snoozed", "detail": {"by": "tui eva", "until": UNTIL, "why": "load"}}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (replace(_event(9, NOW, "tui eva", "job_paused", "a"), detail=PAUSED), "disk_swap · until 15:51:21"),
        (_event(9, NOW, "tui eva", "run_snoozed", "a", "a/1", Reason.SNOOZED, instant="2026-11-24T15:00:00Z",
                after=SNOOZED), "someone put it off · load · until 15:51:21"),
        (_event(9, NOW, "tui eva", "undone", "a", undoes=65, kind="run_skipped", by="tui eva"), "skip"),
        (_event(9, NOW, "engine", "occurrence_skipped", "a", "a/1", Reason.OVERLAP, blocked_by=str(sample_id("a/0"))),
         f"an earlier run was still going · blocked by {str(sample_id('a/0'))[:8]}"),
        (_event(9, NOW, "tui eva", "occurrence_replayed", "a", "a/1", carried_over=["dump", "lock"], why="again"),
         "again · carried over dump, lock"),
        (_event(9, NOW, "tui eva", "job_paused", "a", until="2026-99-24T15:51:21Z"), "until 2026-99-24T15:51:21Z"),
    ],
)  # fmt: skip
def test_details_are_for_a_person(row: ActivityRow, words: str) -> None:
    """As the engine writes them: with ids, instants to the microsecond, and the reason of a state beside a person's."""
    columns = ACTIVITY_LISTING.columns(160)
    assert activity_table_row(row, columns, VIEW).cells[-1].plain.rstrip() == words


def test_the_pane_says_what_was_and_what_is() -> None:
    lines = "\n".join(line.plain for line in activity_lines(sample_activity()[5], VIEW, 100))
    assert "Was   paused no, reason –" in lines
    assert "Now   paused yes, reason disk swap" in lines
    problem = "\n".join(line.plain for line in activity_lines(sample_activity()[3], VIEW, 100))
    assert "12:1 error: unknown key “retrys”" in problem
    assert REFUSED_FILE.problems[0].hint in problem
