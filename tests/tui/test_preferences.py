"""`[screen]` and `[keys]` in the screen itself: at the start and when the file changes; the remembered theme."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.operations.screen_settings import ScreenFiles
from jobistemer_tui.settings.screen_options import THEMES
from jobistemer_tui.tui.dialogs.keys_dialog import KeysDialog
from tests.support.screen import Running, running
from tests.support.wait_until import wait_until_async

SETTINGS = """
[screen]
theme = "nord"
time = "UTC"
detail = false
start_view = "files"
hide_columns = ["schedule", "nothing such"]
confirm_skip = false
glyphs = "ascii"
poll = "200ms"

[keys]
run_now = ["x", "f5"]
view_jobs = "f2"
log.follow = "F"
"""


def files(folder: Path, text: str = "") -> ScreenFiles:
    if text:
        (folder / "config.toml").write_text(text)
    return ScreenFiles(folder / "config.toml", folder)


async def test_the_settings_hold_from_the_start(tmp_path: Path, logs: Path) -> None:
    async with running(logs=logs, size=(120, 30), settings=files(tmp_path, SETTINGS)) as run:
        assert set(run.app.available_themes) == set(THEMES)
        assert run.app.theme == "nord"
        assert run.app.current_mode == "files"
        assert "f2 Jobs" in run.rows[1]
        await run.press("f2")
        assert "Schedule" not in run.text
        assert "Last 12" in run.text
        assert "UTC" in run.rows[0]
        assert run.text.isascii()
        assert "x run now" in run.rows[-1]
        await run.press("r", "S")
        await run.until_called("skip", "backup-db")
        assert [call[0] for call in run.operations.calls] == ["skip"]
        await run.press("x", "enter")
        await run.until_called("trigger", "backup-db")
        await run.press("question_mark")
        assert isinstance(run.screen, KeysDialog)
        assert "x f5" in run.text
        await run.press("escape")
        assert run.told.count("config.toml") == 0


async def until_reread(run: Running, words: str) -> None:
    run.app._preferences.look()
    await run.until_told(words)
    await run.settle()


async def test_mistakes_are_told_and_mended_without_a_new_start(tmp_path: Path, logs: Path) -> None:
    settings = files(tmp_path, '[screen]\ntheme = "nrd"\nstart_view = "x"\n[keys]\nrun_now = "p"\nrn = "a"\nq = 1\n')
    async with running(logs=logs, size=(120, 30), settings=settings) as run:
        assert run.app.theme == "jobistemer-dark"
        assert "△ config.toml:2:9: unknown theme 'nrd' (did you mean \"nord\"?) · 4 more" in run.rows[2]
        assert "and 2 more" in run.told
        await run.press("r", "enter")
        await run.until_called("trigger", "backup-db")
        (tmp_path / "config.toml").write_text('[screen]\ntheme = "nord"\n[keys]\nrun_now = "x"\n# and on\n')
        await until_reread(run, "settings of the screen read anew")
        assert run.app.theme == "nord"
        assert "config.toml" not in run.rows[2]
        await run.press("r", "x", "enter")
        assert len(run.operations.calls) == 2
        (tmp_path / "config.toml").unlink()
        run.app._preferences.look()
        await wait_until_async(lambda: run.app.theme == "jobistemer-dark")


async def test_a_chosen_theme_is_remembered(tmp_path: Path, logs: Path) -> None:
    settings = files(tmp_path)
    async with running(logs=logs, settings=settings) as run:
        run.app.theme = "jobistemer-light"
        await wait_until_async(lambda: settings.remembered_theme() == "jobistemer-light")
        assert run.app.shell.dark is False
    async with running(logs=logs, settings=settings) as run:
        assert run.app.theme == "jobistemer-light"
        assert run.app.shell.dark is False
    async with running(logs=logs, settings=settings, theme="dracula") as run:
        assert run.app.theme == "dracula"
        run.app.theme = "nord"
        await run.until_told("for this window")
    (tmp_path / "config.toml").write_text('[screen]\ntheme = "gruvbox"\n')
    async with running(logs=logs, settings=settings) as run:
        assert run.app.theme == "gruvbox"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"theme": 3}', "\xff"])
def test_a_memory_that_makes_no_sense_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "screen.json").write_bytes(content.encode("latin-1"))
    assert files(tmp_path).remembered_theme() is None


def test_a_memory_that_cannot_be_written_disturbs_nobody(tmp_path: Path) -> None:
    for settings in (
        ScreenFiles(tmp_path / "config.toml", tmp_path / "nowhere"),
        ScreenFiles(tmp_path / "config.toml", tmp_path, read_only=True),
    ):
        settings.remember_theme("nord")
        assert settings.remembered_theme() is None
        assert list(tmp_path.iterdir()) == []
        assert settings.stamp() is None
