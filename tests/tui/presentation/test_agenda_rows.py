"""What is to come as cells, notes, bars, numbers and lanes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from jobistemer_tui.domain.upcoming import Upcoming
from jobistemer_tui.operations.agenda import Agenda, AgendaRow, Part
from jobistemer_tui.tui.agenda_question import DAY, WEEK, AgendaQuestion, Span
from jobistemer_tui.tui.presentation.agenda_rows import (
    AGENDA_LISTING,
    agenda_columns,
    agenda_summary,
    agenda_table_row,
    is_tight,
    notes_text,
)
from jobistemer_tui.tui.presentation.agenda_strip import lane_lines, load_lines, load_table
from jobistemer_tui.tui.presentation.job_rows import Viewpoint
from jobistemer_tui.tui.presentation.listing import fits
from jobistemer_tui.tui.presentation.moments import TimeStyle
from tests.support.fake_operations import FakeOperations
from tests.support.manual_clock import ManualClock
from tests.support.sample_agenda import sample_agenda
from tests.support.sample_jobs import HOSTILE_NAMES, NOW, Sample

VIEW = Viewpoint(NOW, TimeStyle.UTC, True)


def agenda(span: Span = DAY) -> Agenda:
    return sample_agenda(Sample(), NOW, NOW + span.length, span.step, lambda row: True)


@pytest.mark.parametrize("width", [20, 40, 59, 60, 78, 110, 118, 198])
def test_everything_fits_its_width(width: int) -> None:
    columns = agenda_columns(width)
    hostile = [
        AgendaRow(name, NOW, entry=Upcoming(NOW, NOW, why=name), tags=(name,), group=name, group_limit=1, wanted=2)
        for name in HOSTILE_NAMES
    ]
    for row in [*agenda(WEEK).rows, *hostile]:
        for column, cell in zip(columns, agenda_table_row(row, columns, VIEW).cells, strict=True):
            assert cell_len(cell.plain) <= column.width, column.key
            assert "\x1b" not in cell.plain
    for span in (DAY, WEEK):
        drawn = [*load_lines(agenda(span), VIEW, width), *load_table(agenda(span), VIEW, width)]
        if width >= 40:
            assert all(cell_len(line.plain) <= width for line in drawn)
            assert all(cell_len(line.plain) <= width for line in lane_lines(agenda(span), hostile, VIEW, width, 20))


def test_the_table_has_the_numbers_of_the_bars() -> None:
    window = agenda()
    numbers = [int(word) for line in load_table(window, VIEW, 80)[1:] for word in line.plain.split() if ":" not in word]
    assert sum(numbers) == window.times == sum(part.times for part in window.parts)
    bars = load_lines(Agenda(NOW, NOW + DAY.length, (), 0, tuple(
        Part(NOW + number * DAY.step, times, 1) for number, times in enumerate((0, 1, 4, 8))
    ), 0, 0, 0), VIEW, 80)[1].plain  # fmt: skip
    assert bars.split("load ")[1] == " ▁▄█"


def test_notes_tell_what_needs_a_look() -> None:
    often = AgendaRow("often", NOW, more=95, every_s=900.0, expected_s=1000.0)
    assert notes_text(often, VIEW, 80).plain == "+ every 15m, 95 more · takes longer than that"
    assert is_tight(often)
    many = replace(often, every_s=None, cut=True, expected_s=1.0)
    assert notes_text(many, VIEW, 80).plain == "+ at least 95 more"
    assert not is_tight(many)
    assert notes_text(AgendaRow("off", NOW, paused=True), VIEW, 80).plain == "paused"


def test_filter_and_summary() -> None:
    rows = agenda(WEEK).rows
    assert [row.job for row in rows if fits(row, AGENDA_LISTING, "tag:io group:io job:backup")] == ["backup-db"]
    later = replace(agenda(), start=NOW + DAY.length)
    assert "24 h from tomorrow 13:32:07 · 101 times" in agenda_summary(later, "24 h", VIEW, hidden_shown=False).plain


def test_a_costly_window_is_not_read_again_at_once() -> None:
    clock = ManualClock(NOW)

    class Slow(FakeOperations):
        def agenda(self, *args: object, **kwargs: object) -> Agenda:
            self.calls.append(("agenda", args[0]))
            clock.advance(2)
            return agenda()

    operations = Slow()
    question = AgendaQuestion(DAY, 1, lambda row: True, clock)
    assert question(operations) is question(operations)
    clock.advance(17)
    question(operations)
    assert operations.calls == [("agenda", NOW + DAY.length)]
    clock.advance(2)
    question(operations)
    assert len(operations.calls) == 2
