"""The list of jobs: every key does what the keys help says."""

from __future__ import annotations

import base64
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from textual._compositor import LayoutUpdate
from textual.events import AppBlur, AppFocus, MouseScrollDown
from textual.screen import Screen
from textual.widgets import Input

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.operations.read_models import EngineRole, EngineStatus, OccurrenceDetail
from jobistemer_tui.operations.reason_text import LONGEST
from jobistemer_tui.tui.app import JobistemerApp
from jobistemer_tui.tui.messages import Tick
from jobistemer_tui.tui.screens.job_screen import JobScreen
from jobistemer_tui.tui.screens.jobs_screen import JobsScreen
from tests.support.fake_operations import FakeEngine, FakeOperations
from tests.support.sample_jobs import REFUSED_FILE, Sample, ago, ahead, job_row
from tests.support.screen import UTF8, Running, running
from tests.support.wait_until import wait_until_async


async def test_movement() -> None:
    walk = [
        ("down", "backup-home"), ("j", "backup-offsite"), ("k", "backup-home"), ("up", "backup-db"),
        ("up", "backup-db"), ("G", "vacuum-db"), ("j", "vacuum-db"), ("g", "backup-db"), ("end", "vacuum-db"),
        ("home", "backup-db"), ("ctrl+d", "report-sales"), ("ctrl+u", "backup-db"), ("pagedown", "vacuum-db"),
        ("pageup", "backup-db"),
    ]  # fmt: skip
    async with running() as run:
        for key, selected in walk:
            await run.press(key)
            assert (key, run.selected) == (key, selected)
            assert sum(row.startswith("▌") for row in run.rows) == 1


async def test_the_cursor_stays_on_the_first_row_until_a_key_is_pressed_and_then_on_its_row() -> None:
    """Regression: while files are loaded, jobs come in above the one that was first; the cursor went down with it."""

    async def comes(run: Running, name: str) -> None:
        sample = run.operations.sample
        sample.jobs = dict(sorted({**sample.jobs, name: job_row(name)}.items()))
        run.operations.commit()
        await run.settle()

    async with running() as run:
        await comes(run, "aaa")
        assert run.selected == "aaa"
        await run.press("H", "H")
        await comes(run, "aa")
        assert run.selected == "aaa"
        assert run.rows[3].startswith("  ○ aa ")


async def test_the_list_does_not_jump_while_the_pane_is_read(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(logs=logs) as run:
        await run.press("2")
        table, read = run.feed_screen.table, run.operations.occurrence
        height, may_read = table.size.height, threading.Event()

        def slow(occurrence_id: UUID) -> OccurrenceDetail:
            may_read.wait(60)
            return read(occurrence_id)

        monkeypatch.setattr(run.operations, "occurrence", slow)
        try:
            await run.pilot.press("j", "j", "j", "j", "j")
            await wait_until_async(lambda: run.selected == table.keys[5])
            await run.settling.turned()
            assert "─ backup-offsite · today 05:59:56 ─" in run.text
            assert table.size.height == height
        finally:
            may_read.set()
        await run.until_shown("exit 23")


async def test_into_a_job_and_back() -> None:
    async with running() as run:
        await run.press("j")
        for into, out in (("enter", "escape"), ("l", "h"), ("right", "left"), ("enter", "q")):
            await run.press(into)
            assert isinstance(run.screen, JobScreen)
            assert "Jobistemer ▸ Jobs ▸ backup-home" in run.rows[0]
            await run.press(out)
            assert isinstance(run.screen, JobsScreen)
            assert run.selected == "backup-home"


async def test_run_now_sends_one_request_for_each_press() -> None:
    async with running() as run:
        await run.press("j", "r", "enter")
        await run.until_called("trigger", "backup-home")
        await run.until_told("backup-home: running")
        await run.press("r", "enter")
        await wait_until_async(lambda: len(run.operations.calls) == 2)
        requests = {call[2] for call in run.operations.calls}
        assert len(requests) == 2
        await run.until_told("skipped: an earlier run was still going")


async def test_keys_stay_with_the_list_when_the_terminal_loses_its_focus_around_a_question() -> None:
    """Regression: the hidden line of the filter had the keys after the question, and `q` was typed into it."""
    async with running() as run:
        run.app.post_message(AppBlur())
        await wait_until_async(lambda: run.app.focused is None)
        await run.feed_screen.run_action("toggle_pause")  # the key came before the focus went
        await run.until_shown("Pause backup-db")
        run.app.post_message(AppFocus())
        await run.press("escape")
        await wait_until_async(lambda: run.screen is run.feed_screen)
        await run.settle()
        assert run.app.focused is run.feed_screen.table


async def test_run_now_without_an_engine_says_so() -> None:
    operations = FakeOperations()
    operations.engine_status = EngineStatus(EngineRole.NONE, None, None, ago(hours=3))
    async with running(operations=operations, engine=FakeEngine("client")) as run:
        await run.press("j", "r", "enter")
        await run.until_told("no engine is running")
        assert "no engine since 11:32:07" in run.rows[0]


async def test_enter_in_the_sheet_pauses_for_ever_and_p_resumes_without_a_question() -> None:
    async with running() as run:
        await run.press("j", "p", "enter")
        await run.until_called("pause", "backup-home", None, None)
        await run.until_shown("‖ backup-home")
        await run.press("p")
        await run.until_called("resume", "backup-home")
        await run.until_shown("✓ backup-home")


async def test_pause_with_reason_and_length() -> None:
    async with running() as run:
        await run.press("j", "p")
        await run.type("2h")
        await run.press("tab")
        await run.type("disk swap")
        await run.press("enter")
        until = run.operations.time + timedelta(hours=2)
        await run.until_called("pause", "backup-home", "disk swap", until)
        await run.until_shown("paused until today 16:32:07 (in 2h00m): disk swap")


async def test_pause_dialog_refuses_a_length_that_means_nothing_and_a_reason_without_end() -> None:
    async with running() as run:
        await run.press("p")
        await run.type("soon")
        await run.press("enter")
        await run.until_shown("is not a duration")
        run.screen.query_one("#field-reason", Input).value = "x" * (LONGEST + 1)
        await run.press("enter")
        await run.until_shown("at most 4,000 characters, not 4,001")
        await run.press("escape")
        assert isinstance(run.screen, JobsScreen)
        assert run.operations.calls == []


async def test_cancel_asks_and_enter_or_the_same_key_mean_no() -> None:
    async with running() as run:
        for keys in (("c", "enter"), ("n",), ("escape",), ("l", "h", "enter"), ("right", "left", "enter")):
            await run.press("c")
            await run.until_shown("Cancel this run?")
            assert "backup-db, scheduled today 14:27:55" in run.text
            assert "SIGTERM now, SIGKILL after their grace" in run.text
            await run.press(*keys)
            assert isinstance(run.screen, JobsScreen)
        assert run.operations.calls == []


async def test_cancel_confirmed() -> None:
    async with running() as run:
        for count, keys in enumerate((("y",), ("right", "enter"), ("l", "enter"), ("h", "enter")), 1):
            await run.press("c")
            await run.until_shown("Cancel this run?")
            await run.press(*keys)
            await run.until_called_times(count)
        await run.until_told("being cancelled")


async def test_cancel_with_nothing_to_cancel_says_so() -> None:
    async with running() as run:
        await run.press("j", "c")
        await run.until_told("nothing of backup-home is running or waiting")


async def test_filter_narrows_stays_and_is_cleared_by_escape() -> None:
    async with running() as run:
        await run.press("slash")
        await run.type("backup-p")
        assert "1 of 11 jobs" in run.text
        await run.press("enter", "j")
        assert run.selected == "backup-photos"
        assert "backup-offsite" not in run.text
        await run.press("escape")
        assert "backup-offsite" in run.text
        assert run.selected == "backup-photos"


async def test_filter_without_a_match_says_how_to_go_on() -> None:
    async with running() as run:
        await run.press("slash")
        await run.type("nothing")
        assert "No job fits “nothing”." in run.text
        await run.press("enter", "r", "escape", "p", "escape", "c", "escape", "y", "e")
        assert run.operations.calls == []


async def test_letters_go_into_the_filter_not_to_the_actions() -> None:
    async with running() as run:
        await run.press("slash")
        await run.type("rpcq")
        assert run.operations.calls == []
        assert isinstance(run.screen, JobsScreen)


async def test_time_styles() -> None:
    async with running() as run:
        assert "27m12s" in run.text
        await run.press("t")
        assert "14:59:19" in run.text
        await run.press("t")
        assert "13:59:19" in run.text
        assert "13:32:07 UTC" in run.rows[0]
        await run.press("t")
        assert "27m12s" in run.text


async def test_detail_on_and_off() -> None:
    async with running() as run:
        assert "Dump of the customer database" in run.text
        await run.press("d")
        assert "Dump of the customer database" not in run.text
        await run.press("d")
        assert "Dump of the customer database" in run.text


async def test_copy_sends_osc_52_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as run:
        written: list[str] = []
        assert run.app._driver is not None
        monkeypatch.setattr(run.app._driver, "write", written.append)
        await run.press("y")
        assert f"\x1b]52;c;{base64.b64encode(b'backup-db').decode()}\a" in written
        assert "copied job backup-db (OSC 52)" in run.told


async def test_edit_says_where_the_file_is_if_no_editor_can_be_opened() -> None:
    async with running() as run:
        await run.press("e")
        await run.until_told("backup.toml:41")


async def test_edit_with_a_broken_editor_variable() -> None:
    async with running(environ={**UTF8, "EDITOR": "vi 'unclosed"}) as run:
        await run.press("e")
        await run.until_told("cannot start the editor")


async def test_what_the_wheel_scrolled_to_stays_until_a_key_moves_the_cursor() -> None:
    """Regression: each second, and each row that came, put the list back on its cursor."""
    async with running(size=(80, 14)) as run:
        table = run.feed_screen.table
        await run.press("j")
        await run.pilot._post_mouse_events([MouseScrollDown], table)
        await wait_until_async(lambda: table.scroll_offset.y > 1)
        await run.settle()
        top = run.rows[3][:70]
        run.feed_screen.post_message(Tick())
        await run.settle()
        assert run.rows[3][:70] == top
        sample = run.operations.sample
        sample.jobs = dict(sorted({**sample.jobs, "aaa": job_row("aaa")}.items()))
        run.operations.commit()
        await wait_until_async(lambda: table.keys[0] == "aaa")
        await run.settle()
        assert (run.rows[3][:70], run.selected) == (top, "backup-home")
        await run.press("j")
        assert any(row.startswith("▌ ✗ backup-offsite") for row in run.rows)


async def test_mouse_selects_then_opens() -> None:
    async with running() as run:
        table = run.feed_screen.table
        await run.pilot.click(table, offset=(6, 3))
        await run.settle()
        assert run.selected == "backup-offsite"
        assert run.rows[5].startswith("▌")
        await run.pilot.click(table, offset=(6, 3))
        await run.settle()
        assert isinstance(run.screen, JobScreen)


async def test_a_refused_file_shows_its_first_problem() -> None:
    sample = Sample(files=[REFUSED_FILE])
    async with running(sample, size=(120, 40)) as run:
        bar = next(row for row in run.rows if "sync.toml" in row)
        assert "✗ sync.toml:12:1 unknown key “retrys” (old version still live)" in bar
        assert "5 Files ✗1" in run.rows[1]


async def test_cursor_stays_on_its_job_when_jobs_come_and_go() -> None:
    async with running() as run:
        await run.press("j", "j")
        run.operations.sample.jobs = {
            "aaa": job_row("aaa"),
            **{name: row for name, row in run.operations.sample.jobs.items() if name != "backup-db"},
        }
        run.operations.commit()
        await run.until_shown("aaa")
        await run.settle()
        assert run.selected == "backup-offsite"
        del run.operations.sample.jobs["backup-offsite"]
        run.operations.commit()
        await wait_until_async(lambda: run.selected != "backup-offsite")
        assert run.selected == "backup-photos"


async def test_changes_by_others_appear_through_the_token() -> None:
    async with running() as run:
        row = run.operations.sample.jobs["backup-home"]
        run.operations.sample.jobs["backup-home"] = replace(row, next=ahead(hours=9, minutes=1))
        run.operations.touch()
        await run.until_shown("9h01m")


async def test_the_clock_moves_by_the_operations_time_only() -> None:
    async with running() as run:
        run.operations.time += timedelta(seconds=10)
        await run.until_shown("14:32:17 +01:00")
        assert "27m02s" in run.text


async def test_a_store_that_fails_is_shown_and_tried_again() -> None:
    async with running() as run:
        run.operations.failure = StoreUnavailable("the disk is gone")
        run.operations.touch()
        await run.until_shown("reading failed, trying again: StoreUnavailable: the disk is gone")
        run.operations.failure = None
        await wait_until_async(lambda: "reading failed" not in run.text)
        assert "backup-home" in run.text


async def test_a_refused_change_is_told_with_its_hint() -> None:
    async with running() as run:
        await run.press("j")
        row = run.operations.sample.jobs.pop("backup-home")
        await run.press("r")
        await run.until_told(f"no job {row.name}\nsee the list of jobs")


async def test_engine_state_in_words() -> None:
    async with running(size=(120, 40)) as run:
        assert run.engine.started == 1
        assert "► live" in run.rows[0]
        run.engine.role = "attached"
        await run.until_shown("attached to pid 4711")


async def test_ten_thousand_jobs_are_all_there() -> None:
    sample = Sample.of(job_row(f"job-{number:05}") for number in range(10_000))
    async with running(sample) as run:
        assert len(run.feed_screen.table.keys) == 10_000
        await run.press("G")
        assert (run.selected, "job-09999" in run.text) == ("job-09999", True)
        await run.press("slash")
        await run.type("job-0999")
        assert "10 of 10 000 jobs" in run.text


async def test_the_store_is_never_read_on_the_event_loop(logs: Path) -> None:
    import threading

    async with running(logs=logs) as run:
        await run.press("j", "j", "enter", "enter", "escape", "escape", "r", "enter", "p", "enter")
        await run.until_called("pause")
        assert threading.get_ident() not in run.operations.reading_threads


async def test_the_first_picture_is_drawn_once_and_the_engine_starts_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[int, int]] = []
    engine = FakeEngine()
    display = JobistemerApp._display

    def noted(app: JobistemerApp, screen: Screen[object], picture: Any) -> None:
        if isinstance(picture, LayoutUpdate):
            drawn.append((app._batch_count, engine.started))
        display(app, screen, picture)

    monkeypatch.setattr(JobistemerApp, "_display", noted)
    async with running(engine=engine):
        await wait_until_async(lambda: engine.started == 1, what="the engine")
    assert drawn[0] == (0, 0)
    assert all(held_back == 0 for held_back, _ in drawn)
