"""The table of jobs as cells."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from jobistemer_tui.tui.presentation.job_detail import next_lines
from jobistemer_tui.tui.presentation.job_rows import (
    Viewpoint,
    job_columns,
    job_mark,
    job_table_row,
    next_words,
)
from jobistemer_tui.tui.presentation.moments import TimeStyle
from jobistemer_tui.tui.presentation.occurrence_rows import occurrence_columns, occurrence_table_row
from jobistemer_tui.tui.presentation.task_rows import task_columns
from tests.support.sample_jobs import (
    NOW,
    hostile_rows,
    job_row,
    sample_occurrences,
    sample_rows,
)

VIEW = Viewpoint(NOW, TimeStyle.RELATIVE, True)
ROWS = {row.name: row for row in sample_rows()}


@pytest.mark.parametrize("width", range(10, 220, 7))
def test_cells_fit_their_columns_and_columns_their_table(width: int) -> None:
    columns = job_columns(width)
    assert width < 30 or 2 + sum(column.width + 1 for column in columns) <= width
    for row in [*sample_rows(), *hostile_rows()]:
        table_row = job_table_row(row, columns, VIEW)
        for column, cell in zip(columns, table_row.cells, strict=True):
            assert cell_len(cell.plain) <= column.width, column.key
            assert "\x1b" not in cell.plain


@pytest.mark.parametrize("width", range(44, 220, 11))
def test_other_tables_fit_too(width: int) -> None:
    columns = occurrence_columns(width)
    assert 2 + sum(column.width + 1 for column in columns) <= width
    for detail in sample_occurrences():
        for column, cell in zip(columns, occurrence_table_row(detail.row, columns, VIEW).cells, strict=True):
            assert cell_len(cell.plain) <= column.width, column.key
    tasks = task_columns(width, ["a", "x" * 300])
    assert 2 + sum(column.width + 1 for column in tasks) <= width


def test_marks_say_what_a_job_does_now() -> None:
    labels = {name: job_mark(row).label for name, row in ROWS.items()}
    assert labels == {
        "backup-db": "RUN", "backup-home": "OK", "backup-offsite": "FAIL", "backup-photos": "PAUS",
        "backup-vm": "MISS", "monthly-report": "PEND", "old-import": "OFF", "report-sales": "STAL",
        "restore-test": "CANC", "sync-mail": "QUEU", "vacuum-db": "OFF",
    }  # fmt: skip
    assert job_mark(replace(ROWS["backup-home"], error="quarantined")).label == "FAIL"
    assert job_mark(replace(ROWS["backup-photos"], running=1)).label == "RUN"


def test_next_says_why_there_is_none() -> None:
    words = {name: next_words(row, VIEW) for name, row in ROWS.items()}
    assert words["backup-home"] == "27m12s"
    assert words["backup-photos"] == "paused"
    assert words["old-import"] == "disabled"
    assert words["vacuum-db"] == "not loaded"
    assert words["restore-test"] == "–"


def test_a_job_without_history_has_an_empty_strip() -> None:
    row = job_table_row(job_row("new"), job_columns(100), VIEW)
    assert row.cells[-1].plain == ""


def test_a_job_that_something_else_runs_says_so() -> None:
    row = replace(job_row("nightly"), external=True, loaded=False)
    assert next_words(row, VIEW) == "external"
    (line,) = next_lines(row, None, VIEW)
    assert "exec" in line.plain
