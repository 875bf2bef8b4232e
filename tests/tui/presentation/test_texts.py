"""Fitting, wrapping, header and detail texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len
from rich.text import Text

from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.operations.queries_gaps import held_figures
from jobistemer_tui.operations.read_models import Counts, EngineRole, EngineStatus, FileProblem, FileRow
from jobistemer_tui.tui.presentation.bars import held_text
from jobistemer_tui.tui.presentation.fitting import cleaned, fit, fit_items, fit_middle, shown
from jobistemer_tui.tui.presentation.gap_rows import gap_columns, gap_lines, gap_table_row
from jobistemer_tui.tui.presentation.header_texts import EngineView, Tab, counts_line, crumbs_line, refusal_text
from jobistemer_tui.tui.presentation.job_detail import job_lines
from jobistemer_tui.tui.presentation.job_rows import Viewpoint
from jobistemer_tui.tui.presentation.moments import TimeStyle
from jobistemer_tui.tui.presentation.reasons import told_words
from jobistemer_tui.tui.presentation.rows import row_text
from jobistemer_tui.tui.presentation.wrapping import rule_text, wrapped
from jobistemer_tui.tui.read_values import JobRead
from jobistemer_tui.tui.views import TABS
from tests.support.fake_gaps import sample_gap
from tests.support.sample_jobs import NOW, REFUSED_FILE, Sample, ago, hostile_rows, offsite_failed

VIEW = Viewpoint(NOW, TimeStyle.UTC, True)
LIVE = EngineView("serving")


def test_fit() -> None:
    assert fit("abc", 3) == "abc"
    assert fit("abcd", 3) == "ab…"
    assert fit("漢字漢字", 5) == "漢字…"
    assert fit("abc", 0) == ""
    assert fit_middle("/home/eva/jobs/backup.toml", 14) == "/hom…ckup.toml"
    assert [fit_items(("ab", "cd", "efg"), width) for width in (10, 9, 6, 1)] == ["ab  cd", "ab  cd", "ab  cd", "ab"]
    assert fit_items(("ab", "cd", "efg"), 11) == "ab  cd  efg"
    assert cell_len(shown("x" * 10_000, 12)) == 12


def test_cleaned_is_one_harmless_line() -> None:
    text = cleaned("a\x1b[31mb\nc\x1b]0;t\x07d")
    assert "\x1b" not in text
    assert "\n" not in text


@pytest.mark.parametrize("width", [1, 5, 10, 33, 80])
def test_wrapping_keeps_words_and_widths(width: int) -> None:
    text = Text("one two three 漢字漢字漢字 " + "x" * 40 + " end", "bold")
    lines = wrapped(text, width)
    assert all(cell_len(line.plain) <= max(width, 2) for line in lines)
    assert "".join(line.plain for line in lines).replace(" ", "") == text.plain.replace(" ", "")


@pytest.mark.parametrize("width", [10, 36, 59, 60, 80, 120, 200])
def test_header_rows_fit_any_width(width: int) -> None:
    crumbs = ("Jobistemer", "Jobs", "a" * 300, "14:00:00")
    leaving = EngineView("attached", leaving="stopping…")
    for engine in (LIVE, EngineView("crashed"), EngineView("none"), leaving):
        assert cell_len(crumbs_line(crumbs, engine, VIEW, width).plain) <= width
    counts = Counts(jobs=10_000, running=12, queued=3, paused=4, refused_files=2)
    for mode in ("jobs", "files"):
        assert cell_len(counts_line(TABS, mode, counts, VIEW, width).plain) <= width
    assert cell_len(refusal_text([REFUSED_FILE], width)) <= max(width, 60)
    assert cell_len(rule_text("title " * 30, width).plain) <= max(width, 8)


def test_tabs_are_shortened_before_the_figures_are_left_out() -> None:
    tabs = [Tab("jobs", "1", "Jobs"), Tab("activity", "4", "Activity"), Tab("files", "5", "Files", lambda _: 2)]
    counts = Counts(jobs=9, running=3, paused=1)

    def row(width: int) -> str:
        return counts_line(tabs, "jobs", counts, VIEW, width).plain.strip()

    assert " ".join(row(100).split()) == "1 Jobs 4 Activity 5 Files ✗2 9 jobs ►3 running ‖1 paused"
    assert " ".join(row(44).split()) == "1 Jobs 4 Activity 5 Files ✗2 ►3 ‖1"
    assert " ".join(row(34).split()) == "1 Jobs 4 Acti 5 File ✗2 ►3 ‖1"
    assert " ".join(row(24).split()) == "1 Jobs 4 5 ✗2 ►3 ‖1"
    assert " ".join(row(16).split()) == "1 Jobs 4 5 ✗2"


def test_engine_words() -> None:
    status = EngineStatus(EngineRole.NONE, "n1", 7, ago(hours=3))

    def words(engine: EngineView) -> str:
        return crumbs_line(("Jobs",), engine, VIEW, 100).plain

    assert "► live  13:32:07 UTC" in words(LIVE)
    assert "no engine since 10:32:07" in words(EngineView("client", status))
    assert "no engine has run yet" in words(EngineView("client"))
    assert "engine starting…" in words(EngineView("none", status)), "this window's own, which reads a thousand files"
    assert "attached to pid 7" in words(EngineView("attached", status))
    assert "✗ engine crashed" in words(EngineView("crashed"))
    assert "read-only · no engine since 10:32:07" in words(EngineView("client", status, read_only=True))
    assert "attached to pid 7" in words(EngineView("client", replace(status, role=EngineRole.ATTACHED)))


def test_what_the_engine_says_is_on_the_clock_that_is_chosen() -> None:
    told = "the run of a at 2026-11-24T13:32:07.250000Z (7f1d3c52-7f6c-5e0d-9d3b-0d9f8a3c1b2e) is\x1b[2J left out"
    words = told_words(told, lambda instant: f"{instant:%H.%M}")
    assert words == "the run of a at 13.32 (7f1d3c52) is left out"
    assert told_words("at 2026-99-24T13:32:07Z", str) == "at 2026-99-24T13:32:07Z"


def test_the_length_of_a_gap_is_the_same_wherever_it_stands() -> None:
    """Regression: 28.9 s were 29 s in the row, and 28 s in the pane and in the bar."""
    down = NOW - timedelta(seconds=30)
    gap = sample_gap("a", 1, RecoveryStrategy.EXECUTE_LAST, down_at=down, awake_at=down + timedelta(seconds=28.9))
    columns, held = gap_columns(120), held_figures([gap])
    assert held is not None
    texts = [
        row_text(gap_table_row(gap, columns, VIEW), columns).plain,
        gap_lines(gap, VIEW, 120)[0].plain,
        held_text(held, NOW, 120),
    ]
    assert ["28s" in text for text in texts] == [True, True, True], texts


def test_refusal_names_place_message_and_what_still_runs() -> None:
    assert refusal_text([], 80) == ""
    assert refusal_text([REFUSED_FILE], 100) == " ✗ sync.toml:12:1 unknown key “retrys” (old version still live)"
    warning = FileProblem("/j/a.toml", 1, 1, "warning", "odd", "", "")
    assert refusal_text([FileRow("/j/a.toml", "/j", True, NOW, (), (warning,))], 80) == ""
    error = FileProblem("/j/a.toml", 1, 2, "error", "bad \x1b[2J", "", "")
    assert refusal_text([FileRow("/j/a.toml", "/j", False, NOW, (), (error,))], 80).startswith(" ✗ a.toml:1:2 bad")


def test_a_long_description_leaves_room_for_the_rest() -> None:
    row = replace(Sample().jobs["backup-db"], description="word " * 70)
    lines = [line.plain for line in job_lines(row, None, VIEW, 80, brief=True)]
    assert [line[:6] for line in lines].index(" Last ") == 2


@pytest.mark.parametrize("width", [30, 75, 80, 200])
def test_detail_lines_fit_and_are_clean(width: int) -> None:
    sample = Sample()
    rows = [*sample.jobs.values(), *hostile_rows()]
    for row in rows:
        known = JobRead(sample.job_detail(row, 5), offsite_failed())
        for line in job_lines(row, known, VIEW, width):
            assert "\x1b" not in line.plain
            assert "\n" not in line.plain
            assert cell_len(line.plain) <= width
