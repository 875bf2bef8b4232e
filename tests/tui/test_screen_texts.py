"""What the screens show, character by character; see `tests/support/screen_texts.py` for how to renew the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.operations.read_models import LiveRuns
from jobistemer_tui.tui.dialogs.choice_dialog import quit_dialog
from tests.support.fake_gaps import sample_gaps
from tests.support.fake_operations import FakeEngine, FakeOperations
from tests.support.sample_jobs import GOOD_FILE, REFUSED_FILE, WARNED_FILE, Sample
from tests.support.screen import Running, running
from tests.support.screen_texts import SIZES, assert_at_every_size, assert_screen_text
from tests.support.wait_until import wait_until_async

IDS = [f"{width}x{height}" for width, height in SIZES]


@pytest.mark.parametrize("size", SIZES, ids=IDS)
async def test_the_three_screens(size: tuple[int, int], logs: Path) -> None:
    suffix = f"{size[0]}x{size[1]}"
    async with running(logs=logs, size=size) as run:
        await run.press("j", "j")
        assert_screen_text(f"jobs_{suffix}", run.rows)
        await run.press("enter")
        assert_screen_text(f"job_{suffix}", run.rows)
        await run.press("enter")
        assert_screen_text(f"occurrence_{suffix}", run.rows)
        await run.press("escape", "escape", "k", "k", "enter", "enter")
        assert_screen_text(f"occurrence_live_{suffix}", run.rows)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
async def test_dialogs(size: tuple[int, int], logs: Path) -> None:
    suffix = f"{size[0]}x{size[1]}"
    async with running(logs=logs, size=size) as run:
        for name, key, title in (
            ("cancel", "c", "Cancel this run?"),
            ("pause", "p", "Pause backup-db"),
            ("keys", "question_mark", "Keys of this screen"),
            ("export", "s", "Write 11 jobs to a file"),
            ("quit", "q", "Leave Jobistemer?"),
        ):
            await run.press(key)
            await run.until_shown(title)
            await run.settle()
            assert_screen_text(f"dialog_{name}_{suffix}", run.rows)
            await run.press("escape")


async def test_questions_of_single_views_and_what_is_found_nowhere() -> None:
    async with running(Sample(files=[WARNED_FILE])) as run:

        async def shown(name: str, title: str, *keys: str) -> None:
            await run.press(*keys)
            await run.until_shown(title)
            await assert_at_every_size(name, run)
            await run.press("escape")

        await shown("dialog_compare_none", "Nothing to compare", "G", "equals_sign")
        await shown("dialog_keys_none", "enter does it", "question_mark", *"zzz")
        await run.press("3")
        await shown("dialog_skip_times", "Skip these 2 runs?", "g", "space", "space", "S")
        await run.press("escape")
        await shown("agenda_filter_without_match", "fits the filter", "slash", *"zzz", "enter")
        await run.press("4")
        await shown("activity_filter_without_match", "No event among those looked at fits", "slash", *"zzz", "enter")
        await run.press("5")
        await shown("dialog_which_job", "Why which job?", "W")
        await run.press("6")
        await shown("dialog_drain", "Drain this node?", "D")
        run.app.push_screen(quit_dialog(LiveRuns(running=2, pending=1, queued=0), ends_at_logout=True))
        await shown("dialog_quit_logout", "Leave Jobistemer?")
        run.app.push_screen(quit_dialog(LiveRuns(running=0, pending=0, queued=3)))
        await shown("dialog_quit_waiting", "Leave Jobistemer?")


async def test_what_is_shown_while_the_engine_stops(logs: Path) -> None:
    engine = FakeEngine()
    engine.may_stop.clear()
    async with running(logs=logs, engine=engine) as run:
        await run.press("q")
        await run.until_shown("Leave Jobistemer?")
        await run.pilot.press("d")
        await run.until_shown("stopping…")
        await run.until_shown("b  hand over instead")
        for width, height in SIZES:
            await run.pilot.resize_terminal(width, height)
            await run.until_class({80: "-narrow", 120: "-normal", 200: "-wide"}[width])
            await run.settling.turned()
            assert_screen_text(f"dialog_stopping_{width}x{height}", run.rows)
        engine.may_stop.set()
        await wait_until_async(lambda: not run.app.is_running or run.app._exit, what="the app to end")


async def test_empty_states_and_bars(logs: Path) -> None:
    async with running(Sample({}, {}, [])) as run:
        await assert_at_every_size("jobs_none", run)
    sample = Sample(files=[GOOD_FILE, REFUSED_FILE])
    async with running(sample, logs=logs, engine=FakeEngine("attached")) as run:
        await assert_at_every_size("jobs_refused_file", run)
        await run.press("slash")
        await run.type("backup-p")
        await assert_at_every_size("jobs_filtered", run)
        await run.type("zzz")
        await assert_at_every_size("jobs_filter_without_match", run)
        await run.press("escape")
        await run.type("jjjjj")
        await run.press("enter")
        await assert_at_every_size("job_never_ran", run)


@pytest.mark.parametrize("size", [(60, 20), (40, 10), (30, 8)], ids=["60x20", "40x10", "30x8"])
async def test_small_terminals(size: tuple[int, int], logs: Path) -> None:
    suffix = f"{size[0]}x{size[1]}"
    async with running(logs=logs, size=size) as run:
        assert_screen_text(f"jobs_{suffix}", run.rows)
        await run.press("enter", "enter")
        assert_screen_text(f"occurrence_live_{suffix}", run.rows)


async def every_place(run: Running, suffix: str) -> None:
    for name, keys in (
        ("job", ("j", "j", "enter")),
        ("occurrence", ("enter",)),
        ("runs", ("2",)),
        ("agenda", ("3",)),
        ("activity", ("4",)),
        ("files", ("5",)),
        ("nodes", ("6",)),
        ("inbox", ("I",)),
    ):
        await run.press(*keys)
        assert_screen_text(f"{name}_{suffix}", run.rows)


async def test_every_screen_in_a_small_terminal_and_without_colours(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = FakeOperations(Sample(files=[GOOD_FILE, REFUSED_FILE]), logs=logs)
    operations.gap_rows = sample_gaps()
    async with running(operations=operations, size=(60, 20)) as run:
        await every_place(run, "60x20")
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(operations=operations, environ={"LANG": "C", "NO_COLOR": "1"}) as run:
        await every_place(run, "ascii_no_color_80x24")
        assert run.text.isascii()
        styles = [part.style for strip in run.app.screen._compositor.render_strips() for part in strip]
        shades = {color.triplet for one in styles if one for color in (one.color, one.bgcolor) if color}
        assert all(len(set(shade)) == 1 for shade in shades if shade), "only shades of grey"


async def test_ascii(logs: Path) -> None:
    async with running(logs=logs, environ={"LANG": "C"}) as run:
        assert_screen_text("jobs_ascii_80x24", run.rows)
        await run.press("j", "j", "enter", "enter")
        assert_screen_text("occurrence_ascii_80x24", run.rows)
