"""The way out: what becomes of live runs is asked, and the engine is stopped in sight."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.operations.read_models import LiveRuns
from jobistemer_tui.settings import logout
from jobistemer_tui.tui.screens.jobs_screen import JobsScreen
from tests.support.fake_operations import FakeEngine
from tests.support.sample_jobs import Sample
from tests.support.screen import Running, running
from tests.support.wait_until import wait_until_async


def at_rest() -> Sample:
    sample = Sample()
    sample.jobs = {name: replace(row, running=0, queued=0) for name, row in sample.jobs.items()}
    return sample


async def has_left(run: Running) -> None:
    await wait_until_async(lambda: not run.app.is_running or run.app._exit, what="the app to end")


async def test_stay_is_the_default() -> None:
    async with running() as run:
        for keys in (("enter",), ("escape",), ("s",), ("q", "escape")):
            await run.press("q")
            await run.until_shown("Leave Jobistemer?")
            assert "This window runs the engine: 1 running, 1 queued." in run.text
            await run.press(*keys)
            assert isinstance(run.screen, JobsScreen)
            await run.until_shown("► live")
        assert run.engine.stops == []


async def test_the_question_lies_under_no_notice() -> None:
    """Regression: in a small window what had been said last hid the answers."""
    async with running(size=(50, 12), notifications=True) as run:
        run.app.notify("what had been said", timeout=600)
        await run.until_shown("what had been said")
        await run.press("q")
        await run.until_shown("b  Hand over")
        await run.settle()
        assert "what had been said" not in run.text


async def test_hand_over() -> None:
    async with running() as run:
        await run.press("ctrl+q")
        await run.until_shown("Leave Jobistemer?")
        await run.pilot.press("b")
        await has_left(run)
        assert run.engine.stops == ["handover"]


async def test_what_a_logout_would_end_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "systemd").mkdir()
    (tmp_path / "systemd" / "private").touch()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(logout, "LINGERING", tmp_path / "nobody")
    async with running() as run:
        await run.press("q")
        await run.until_shown("Leave Jobistemer?")
        assert "A logout may end what goes on; to keep it:" in run.text
        assert "loginctl enable-linger" in run.text


async def test_cancel_all_by_moving_to_it() -> None:
    async with running() as run:
        await run.press("q")
        await run.until_shown("Leave Jobistemer?")
        await run.press("up")
        await run.pilot.press("enter")
        await has_left(run)
        assert run.engine.stops == ["cancel"]


async def test_draining_is_shown_and_can_be_cut_short() -> None:
    engine = FakeEngine()
    engine.may_stop.clear()
    async with running(engine=engine) as run:
        await run.press("q")
        await run.until_shown("Leave Jobistemer?")
        await run.pilot.press("d")
        await run.until_shown("stopping: waiting for the live runs to finish…")
        await run.pilot.press("q", "escape", "enter")
        assert engine.stops == ["drain"]
        await run.pilot.press("b")
        await has_left(run)
        assert engine.stops == ["drain", "handover"]


async def test_an_engine_that_does_not_stop_keeps_the_screen() -> None:
    engine = FakeEngine()
    engine.stop_error = RuntimeError("stuck")
    async with running(engine=engine) as run:
        await run.press("q")
        await run.until_shown("Leave Jobistemer?")
        await run.press("b")
        await run.until_told("the engine did not stop: stuck")
        assert isinstance(run.screen, JobsScreen)
        await run.until_shown("► live")


async def test_what_waits_is_asked_about_too() -> None:
    async with running(at_rest()) as run:
        run.operations.pending = 2
        await run.press("q")
        await run.until_shown("Leave Jobistemer?")
        assert "This window runs the engine: 2 pending." in run.text
        assert "Leave: the next engine takes up what waits" in run.text
        assert "Drain" not in run.text
        await run.pilot.press("b")
        await has_left(run)
        assert run.engine.stops == ["handover"]


async def test_a_store_that_cannot_tell_what_runs_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: nobody could leave a window whose store was away."""

    def away() -> LiveRuns:
        raise StoreUnavailable("the server is away")

    async with running() as run:
        monkeypatch.setattr(run.operations, "live", away)
        await run.pilot.press("q")
        await has_left(run)
        assert run.engine.stops == ["handover"]


async def test_nothing_live_nothing_asked() -> None:
    async with running(at_rest()) as run:
        await run.pilot.press("q")
        await has_left(run)
        assert run.engine.stops == ["handover"]


async def test_attached_leaves_without_a_question() -> None:
    async with running(engine=FakeEngine("attached")) as run:
        await run.pilot.press("q")
        await has_left(run)
