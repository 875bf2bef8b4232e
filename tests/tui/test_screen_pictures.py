"""The main screens as pictures: colours and styles, which the text files do not hold. Renewed by --snapshot-update."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot

from tests.support.fake_operations import FakeEngine, FakeOperations
from tests.support.sample_jobs import GOOD_FILE, REFUSED_FILE, Sample
from tests.support.screen import Running, make_app
from tests.support.settling import settling


class Compare(Protocol):
    """The fixture of pytest-textual-snapshot."""

    def __call__(
        self,
        app: App[None],
        *,
        terminal_size: tuple[int, int],
        run_before: Callable[[Pilot[None]], Awaitable[None]],
    ) -> bool: ...


@pytest.fixture(scope="session")
def report_folder() -> str:
    """Where the plugin keeps what its report needs; taken before a test's own environment hides it."""
    return os.environ["TEXTUAL_SNAPSHOT_TEMPDIR"]


@pytest.fixture
def compare(report_folder: str, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> Compare:
    """The plugin's fixture with its folder."""
    monkeypatch.setenv("TEXTUAL_SNAPSHOT_TEMPDIR", report_folder)
    return snap_compare


_SHOWN_LATER = {"quit": "Leave Jobistemer?", "log": "match 1 of 1"}


@pytest.mark.parametrize(
    ("name", "keys", "theme"),
    [
        ("jobs", ("j", "j"), "jobistemer-dark"),
        ("jobs-light", ("j", "j"), "jobistemer-light"),
        ("jobs-high-contrast", ("j", "j"), "jobistemer-high-contrast"),
        ("job", ("j", "j", "enter"), "jobistemer-dark"),
        ("occurrence", ("j", "j", "enter", "enter"), "jobistemer-dark"),
        ("occurrence-live", ("enter", "enter"), "jobistemer-dark"),
        ("log", ("j", "j", "enter", "enter", "enter", "slash", *"slow", "enter"), "jobistemer-dark"),
        ("runs", ("2",), "jobistemer-dark"),
        ("agenda", ("3", "j"), "jobistemer-dark"),
        ("activity", ("4", "j", "j"), "jobistemer-dark"),
        ("files", ("5",), "jobistemer-dark"),
        ("nodes", ("6", "j"), "jobistemer-dark"),
        ("job-config", ("j", "j", "enter", "v", "v"), "jobistemer-dark"),
        ("job-stats", ("j", "j", "enter", "v", "v", "v", "v"), "jobistemer-light"),
        ("quit", ("q",), "jobistemer-dark"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_picture(name: str, keys: tuple[str, ...], theme: str, logs: Path, compare: Compare) -> None:
    operations = FakeOperations(Sample(files=[GOOD_FILE, REFUSED_FILE]), logs=logs)
    engine = FakeEngine()
    app = make_app(operations, engine)

    async def prepare(pilot: Pilot[None]) -> None:
        with settling(app, lambda: app.feed.idle) as waits:
            run = Running(app, pilot, operations, engine, waits, [])
            app.theme = theme
            await run.settle()
            await run.press(*keys)
            if name in _SHOWN_LATER:
                await run.until_shown(_SHOWN_LATER[name])
                await run.settle()

    assert compare(app, terminal_size=(120, 36), run_before=prepare)
