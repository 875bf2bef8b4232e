"""What is typed into the palette: understood, completed, refused in plain words, and done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from jobistemer_tui.tui.screens.agenda_screen import AgendaScreen
from jobistemer_tui.tui.screens.job_screen import JobScreen
from jobistemer_tui.tui.typed_commands import Typed, completions, typed
from tests.support.sample_jobs import HOSTILE_NAMES, job_row, sample_rows
from tests.support.screen import Running, running
from tests.support.wait_until import wait_until_async

ROWS = sample_rows()
ALL = tuple(row.name for row in ROWS if row.schedule is not None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("job backup-db", Typed("job", jobs=("backup-db",))),
        (":run backup-db a=1 'b=x y'", Typed("run", jobs=("backup-db",), params={"a": "1", "b": "x y"})),
        ("pause tag:io 2h disk swap", Typed("pause", jobs=("backup-db",), seconds=7200.0, reason="disk swap")),
        ("pause all", Typed("pause", jobs=ALL)),
        ("pause backup-db disk swap", Typed("pause", jobs=("backup-db",), reason="disk swap")),
        ("resume tag:report", Typed("resume", jobs=("report-sales",))),
        ("skip sync-mail", Typed("skip", jobs=("sync-mail",))),
        ("goto #188aaaaa", Typed("goto", target="188aaaaa")),
        ("6be5331e", Typed("goto", target="6be5331e")),
        ("backup-db@2026-11-24T13:00:00Z", Typed("goto", target="backup-db@2026-11-24T13:00:00Z")),
        ("nothing of these", None),
        ("nobody@home", None),
    ],
)
def test_what_is_understood(query: str, expected: Typed | None) -> None:
    assert typed(query, ROWS) == expected


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("run", "write run NAME a=1"),
        ("run backup-bd", 'there is no job backup-bd; did you mean "backup-db"?'),
        ("run zzzzz", "there is no job zzzzz"),
        ("run backup-db fast", "fast is no parameter: write name=value"),
        ("run 'backup-db", "a quotation mark is not closed"),
        ("pause tag:none", "no job has the tag none"),
        ("pause backup-db 0s", "a pause of no length would end at once"),
        ("job backup-db now", "now is too much: write job NAME"),
    ],
)
def test_what_is_wrong_is_said_plainly(query: str, fault: str) -> None:
    command = typed(query, ROWS)
    assert command is not None
    assert command.fault == fault


def test_a_window_that_only_reads_goes_but_does_not_act() -> None:
    refused = typed("pause backup-db", ROWS, read_only=True)
    assert refused is not None
    assert refused.fault == "this window only reads: it cannot pause"
    assert typed("job backup-db", ROWS, read_only=True) == Typed("job", jobs=("backup-db",))


def test_names_and_tags_are_completed() -> None:
    assert completions("run sale", ROWS, most=5) == ["run report-sales"]
    assert completions("pause tag:r", ROWS, most=5) == ["pause tag:remote", "pause tag:report"]
    assert completions("job ", ROWS, most=3) == ["job backup-db", "job backup-home", "job backup-offsite"]
    for none in ("job", "goto back", "run backup-db a", "other back", ""):
        assert completions(none, ROWS, most=5) == []


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_words_only_make_faults(name: str) -> None:
    rows = [job_row(name, tags=(name,))]
    for query in (f"run {name}", f"pause tag:{name} {name}", f"goto {name}", name, f"skip {name}"):
        typed(query, rows)
        completions(query, rows, most=5)


async def say(run: Running, words: str, first: str) -> None:
    """Put words into the palette, wait for the line that has to come first, and take it."""
    await run.press("colon")
    assert isinstance(run.screen, CommandPalette)
    run.screen.query_one(Input).value = words
    await run.until_first_command(first)
    await run.press("enter")


async def test_commands_are_done_on_any_screen() -> None:
    async with running(size=(100, 30)) as run:
        await say(run, "run monthly-report a=1", "run monthly-report a=1")
        await run.until_called("trigger", "monthly-report")
        await say(run, "view agenda", "view agenda (3)")
        await wait_until_async(lambda: isinstance(run.screen, AgendaScreen), what="the agenda to be shown")
        await say(run, "pause backup-home 2h disk swap", "pause backup-home 2h disk swap")
        await run.until_called("pause", "backup-home", "disk swap", run.operations.time + timedelta(hours=2))
        await say(run, "resume tag:backup", "resume tag:backup")
        await run.until_shown("Resume 3 jobs?")
        await run.press("n")
        await say(run, "skip backup-db", "skip backup-db")
        await run.until_shown("Skip the next run?")
        await run.press("n")
        await say(run, "run backup-bd", '✗ there is no job backup-bd; did you mean "backup-db"?')
        await say(run, "goto monthly-report", "goto monthly-report")
        await wait_until_async(lambda: isinstance(run.screen, JobScreen), what="the job to be shown")
        assert [call[0] for call in run.operations.calls] == ["trigger", "pause"]
