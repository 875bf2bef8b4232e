"""Texts in lines: as wide as they may be, harmless whatever they hold, and true to what they are made from."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len

from jobistemer_tui.domain.definition_diff import Difference
from jobistemer_tui.domain.definition_diff import Kind as Change
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason, TaskRunState
from jobistemer_tui.operations.compare.line_diff import Kind
from jobistemer_tui.operations.compare.model import DiffLine, FactPair
from jobistemer_tui.operations.configuration import Configuration, Section, Setting
from jobistemer_tui.operations.environment import Variable
from jobistemer_tui.operations.read_models import OccurrenceDetail, VersionRow
from jobistemer_tui.operations.source import SourceText
from jobistemer_tui.operations.statistics import Ran, statistics_of
from jobistemer_tui.operations.why_answer import Answer, Evidence, Fact, Slot
from jobistemer_tui.tui.presentation.compare_text import compare_lines
from jobistemer_tui.tui.presentation.config_text import config_lines
from jobistemer_tui.tui.presentation.job_rows import Viewpoint
from jobistemer_tui.tui.presentation.lines import Line, Target, paragraph
from jobistemer_tui.tui.presentation.moments import TimeStyle
from jobistemer_tui.tui.presentation.schedule_text import schedule_lines
from jobistemer_tui.tui.presentation.source_text import highlighted, source_cursor, source_lines
from jobistemer_tui.tui.presentation.sparklines import bar_rows, duration_chart, worst_of
from jobistemer_tui.tui.presentation.stats_text import stats_lines
from jobistemer_tui.tui.presentation.task_facts import fact_lines
from jobistemer_tui.tui.presentation.task_rows import attempt_words
from jobistemer_tui.tui.presentation.task_table import number_columns, number_rows
from jobistemer_tui.tui.presentation.version_text import version_lines
from jobistemer_tui.tui.presentation.why_text import why_lines
from tests.support.fake_operations import FakeOperations
from tests.support.fake_reads import sample_comparison
from tests.support.sample_jobs import NOW, ago, db_running, offsite_failed, sample_id

HOSTILE = "[/x]\x1b]0;owned\x07 \x1b[2J\x9b31m nul \x00 bidi \u202egnp.exe\u2066 \u200b 日本語 " + "x" * 3000 + "\nlast"
VIEW = Viewpoint(NOW, TimeStyle.RELATIVE, True)
FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def why(width: int) -> Sequence[Line]:
    facts = tuple(Fact(HOSTILE, at, Evidence("event", HOSTILE)) for at in (None, NOW))
    slot = Slot(NOW, sample_id("a"), OccurrenceState.SKIPPED, None, HOSTILE, facts)
    many = (replace(slot, occurrence_id=None, status=None),) * 4
    answers = [
        Answer(HOSTILE, sample_id("a"), "No/Zone", HOSTILE, HOSTILE, slots, facts, NOW, left_out=3)
        for slots in ((slot,), (slot, slot), many)
    ]
    return [line for answer in answers for line in why_lines(answer, width, dark=True)]


def compare(width: int) -> Sequence[Line]:
    found = sample_comparison(offsite_failed(), offsite_failed())
    hunk = tuple(DiffLine(kind, 0, 0, HOSTILE) for kind in Kind)
    found = replace(
        found, facts=(FactPair(HOSTILE, HOSTILE, "other"),), environment=(Variable("A", HOSTILE, None),),
        definition=(Difference(Change.CHANGED, HOSTILE, HOSTILE, HOSTILE),), log=replace(found.log, hunks=(hunk,)),
        notes=(HOSTILE,),
    )  # fmt: skip
    return compare_lines(found, width, dark=False)


def config(width: int) -> Sequence[Line]:
    settings = (Setting(HOSTILE, (("default", HOSTILE), ("job", HOSTILE))), Setting("a", (("default", "1"),)))
    sections = (Section("definition", settings), Section(f"task {HOSTILE}", (), HOSTILE))
    return config_lines(Configuration(HOSTILE, 1, HOSTILE, 3, sections), width, dark=True, everything=False)


def versions(width: int) -> Sequence[Line]:
    changed = tuple(Difference(kind, HOSTILE, HOSTILE, HOSTILE) for kind in Change)
    row = VersionRow(2, NOW, HOSTILE, 1, False, changed, {"name": HOSTILE, "tasks": [{"env": {"A": HOSTILE}}]})
    return version_lines(row, width, dark=True)


def source(width: int) -> Sequence[Line]:
    lines = source_lines(SourceText("/x.toml", 2, f"{HOSTILE}\n# {HOSTILE}\n", changed=True), width, dark=True)
    return [*lines, *source_lines(SourceText("/x", 1, "", HOSTILE), width, dark=False)]


def schedule(width: int) -> Sequence[Line]:
    operations = FakeOperations()
    detail = operations.job("backup-offsite")
    row = replace(detail.row, in_words=lambda: HOSTILE, timezone=HOSTILE)
    table = {"cron": HOSTILE, "start": HOSTILE, "exclude": [HOSTILE, {"from": HOSTILE}]}
    hostile = replace(detail, row=row, schedule=[table, HOSTILE], hints=(HOSTILE,), zone_warning=HOSTILE)
    return [*schedule_lines(hostile, VIEW, width), *schedule_lines(replace(hostile, coming=()), VIEW, width)]


def facts(width: int) -> Sequence[Line]:
    detail = offsite_failed()
    attempt = replace(detail.tasks[3].attempts[0], detail={"error": HOSTILE, "output_bytes": 5000, "dropped_bytes": 9,
                                                           "leftovers_killed": 2})  # fmt: skip
    task = replace(detail.tasks[3], what=HOSTILE, cwd=HOSTILE, variables=(HOSTILE,), outputs={HOSTILE: HOSTILE})
    detail = replace(detail, row=replace(detail.row, params={HOSTILE: HOSTILE}))
    return fact_lines(task, attempt, detail, (Fact(HOSTILE, NOW), Fact(HOSTILE)), VIEW, width)


TEXTS = [why, compare, config, versions, source, schedule, facts]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [30, 78, 190])
def test_hostile_text_is_harmless_and_fits(text: Callable[[int], Sequence[Line]], width: int) -> None:
    lines = text(width)
    assert lines
    for line in lines:
        assert cell_len(line.text.plain) <= width, line.text.plain
        assert not {unicodedata.category(character) for character in line.text.plain} & FORBIDDEN


def test_a_very_long_line_of_a_source_is_cut_and_numbers_are_right() -> None:
    found = SourceText("/x.toml", 3, "a = 1\n" + "b" * 1_000_000 + "\n\n[jobs.x]\n", refused=True)
    lines = source_lines(found, 60, dark=True)
    assert [line.text.plain[:4].strip() for line in lines[2:]] == ["1", "2", "3 ▸", "4"]
    assert lines[source_cursor(found, 60)].target == Target("file", "/x.toml:3")


def test_a_text_without_a_known_language_or_too_long_is_plain() -> None:
    assert [line.text.spans for line in highlighted("a = 1\nb", "txt")] == [[], []]
    assert not highlighted("a = 1\n" * 60_000, "toml")[0].text.spans
    assert highlighted("a = 1", "toml")[0].text.spans
    long = 'x = """\n[a\n"""\n\n# end\n\n'
    assert [line.text.plain for line in highlighted(long, "toml")] == ['x = """', "[a", '"""', "", "# end", ""]


def test_wrapped_lines_hang_under_their_first() -> None:
    lines = paragraph("12:00 one two three four five", 14, indent=6)
    assert [line.text.plain for line in lines] == ["12:00 one two", "      three", "      four", "      five"]


def test_bars_fill_the_height_at_the_greatest_value() -> None:
    assert bar_rows([8.0, 4.0, None, 0.01], 2) == ["█   ", "██ ▁"]
    assert bar_rows([None, None], 1) == ["  "]


def ran(number: int, status: OccurrenceState, seconds: float | None) -> Ran:
    return Ran(sample_id(f"{number}"), ago(hours=100 - number), status, seconds)


def test_many_runs_share_cells_and_the_worst_is_seen() -> None:
    runs = [ran(number, OccurrenceState.COMPLETED, 1.0) for number in range(99)]
    runs.append(ran(99, OccurrenceState.FAILED, 50.0))
    assert worst_of(runs, 10)[-1] is OccurrenceState.FAILED
    chart = duration_chart(runs, 28, 3, dark=True)
    assert all(len(line.plain) <= 28 for line in chart)
    assert chart[0].plain.startswith("    50s ")
    assert chart[-1].plain.endswith("✗")


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ([], ["no run has succeeded or failed yet", "nothing has ended yet"]),
        ([ran(1, OccurrenceState.SKIPPED, None)], ["1 skipped"]),
        ([ran(n, OccurrenceState.COMPLETED, 2.0) for n in range(3)], ["100.0%", "the last 3 were good"]),
        ([ran(n, OccurrenceState.FAILED, 2.0) for n in range(2)], ["0.0%", "the last 2 were bad"]),
    ],
)
def test_statistics_in_words(runs: list[Ran], words: list[str]) -> None:
    lines = stats_lines(statistics_of("x", runs, 5000, {"completed": 7}, VIEW.style.zone), VIEW, 78)
    text = "\n".join(line.text.plain for line in lines)
    assert all(word in text for word in words)
    assert f"the newest {len(runs)} of 5000 stored runs" in text
    assert "7 completed (with what was cleared away)" in text


def bold_parts(line: Line) -> list[str]:
    """The parts that are bold; the style of a text itself is that of all that is added to it."""
    assert not line.text.style
    return [line.text.plain[span.start : span.end].strip() for span in line.text.spans if span.style == "bold"]


def test_only_figures_and_names_are_bold() -> None:
    runs = [ran(n, OccurrenceState.COMPLETED, 2.0) for n in range(3)]
    assert bold_parts(stats_lines(statistics_of("x", runs, 3, {}, VIEW.style.zone), VIEW, 78)[1]) == ["100.0%"]
    settings = (Setting("schedule", (("default", "none"), ("job", "@daily"))),)
    found = Configuration("x", 1, "x.toml", 1, (Section("definition", settings),))
    assert bold_parts(config_lines(found, 78, dark=True, everything=False)[1]) == ["schedule"]


def test_without_a_run_there_are_no_empty_tables() -> None:
    lines = stats_lines(statistics_of("x", [], 0, {}, VIEW.style.zone), VIEW, 78)
    assert lines[0].text.plain.split() == ["Of", "no", "run", "is", "stored", "yet"]
    assert not any("─" in line.text.plain for line in lines)


def test_how_a_try_ended_is_not_said_twice() -> None:
    attempt = offsite_failed().tasks[3].attempts[-1]
    assert attempt_words(replace(attempt, reason=Reason.TASK_FAILED), VIEW) == "exit 23 · 6m31s · pid 48113"
    cancelled = replace(attempt, exit_code=None, reason=Reason.USER)
    assert attempt_words(cancelled, VIEW).startswith("failed · someone cancelled it · ")


def cells(detail: OccurrenceDetail, width: int) -> list[list[str]]:
    columns = number_columns(width)
    return [[cell.plain.strip() for cell in row.cells] for row in number_rows(detail, columns, VIEW)]


def test_tries_as_numbers() -> None:
    rows = cells(offsite_failed(), 140)
    assert rows[0][:6] == ["✓ OK", "lock", "1", "0s", "0.2s", "0"]
    upload = [row[:8] for row in rows[3:7]]
    assert upload[0] == ["✗ FAIL", "upload", "3", "4m01s", "16m29s", "23", "55%", "+13m41s"]
    assert [row[2:6] for row in upload[1:]] == [
        ["1", "4m01s", "2m58s", "12"], ["2", "1m00s", "4m00s", "12"], ["3", "2m00s", "6m31s", "23"],
    ]  # fmt: skip
    assert rows[7][:4] == ["↷ SKIP", "notify-ok", "–", "–"]
    assert rows[0][-3:] == ["1.8s", "48 MiB", "3.1 KiB"]


def test_a_success_that_is_taken_over_has_no_share_of_the_run_that_repeats_it() -> None:
    detail = offsite_failed()
    taken = replace(detail.tasks[1], attempts=(), started_at=detail.row.scheduled_at - timedelta(hours=1))
    assert cells(replace(detail, tasks=(taken,)), 140)[0][:8] == ["✓ OK", "dump", "–", "–", "1h09m", "–", "–", "–"]


def test_a_try_that_a_signal_ended() -> None:
    detail = db_running()
    attempt = replace(detail.tasks[0].attempts[0], status=AttemptState.FAILED, exit_code=None, signal=9,
                      finished_at=NOW + timedelta(seconds=1))  # fmt: skip
    task = replace(detail.tasks[0], status=TaskRunState.FAILED, attempts=(attempt,))
    assert cells(replace(detail, tasks=(task,)), 80)[0][5] == "sig 9"
