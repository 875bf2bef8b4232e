"""The path above a log names its job, however long the names are."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

from jobistemer_tui.operations.read_models import LogPlace
from jobistemer_tui.tui.widgets.log_view_texts import log_crumbs
from tests.support.sample_jobs import offsite_failed


def place(job: str, task: str) -> LogPlace:
    detail = offsite_failed()
    attempt = next(attempt for one in detail.tasks for attempt in one.attempts)
    return LogPlace(attempt, task, job, detail.row, Path("/nowhere"))


def test_a_long_name_is_cut_and_not_left_out() -> None:
    """Regression: the name of the job was, while there was room for half of it."""
    words = log_crumbs(place("weekly-report-with-a-very-long-name", "main"), UTC, 80).plain
    assert words == " Jobistemer ▸ weekly-report-with-a-very… ▸ 2026-11-24 04:59 ▸ main ▸ try 1"
    assert log_crumbs(place("a" * 40, "b" * 40), UTC, 60).plain.endswith("▸ try 1")
