"""`[screen]` and `[keys]`: every mistake is told with its place, and all that is right holds."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from jobistemer_tui.jobfiles import read_config
from jobistemer_tui.jobfiles.screen_config import ScreenConfig, read_screen_config
from jobistemer_tui.settings.screen_options import Glyphs, LogTimes, ScreenOptions, Times

GOOD = """
[screen]
theme = "nord"
glyphs = "ascii"
time = "UTC"
start_view = "files"
detail = false
hide_columns = ["Tags"]
confirm_skip = false
confirm_stop = false
poll = "500ms"
poll_unfocused = "5s"
log_time = "delta"
log_wrap = true

[keys]
run_now = "x"
quit = ["ctrl+q", "f10"]
log.follow = "F"
"""


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "config.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_all_that_can_be_set(tmp_path: Path) -> None:
    config = read_screen_config(written(tmp_path, GOOD))
    assert config.problems == ()
    assert config.options == ScreenOptions(
        "nord", Glyphs.ASCII, Times.UTC, "files", False, ("Tags",), False, False, 0.5, 5.0, LogTimes.DELTA, True
    )
    assert set(config.places) == {one.name for one in fields(ScreenOptions)} | {f"keys.{key}" for key in config.keys}
    assert config.keys == {"run_now": ("x",), "quit": ("ctrl+q", "f10"), "log.follow": ("F",)}
    place = config.places["keys.log.follow"]
    assert (place.line, place.column, place.source_line) == (19, 14, 'log.follow = "F"')


def test_without_a_file_and_without_tables_nothing_is_set(tmp_path: Path) -> None:
    assert read_screen_config(tmp_path / "config.toml") == ScreenConfig()
    assert read_screen_config(written(tmp_path, "max_concurrent_jobs = 3\nnonsense = 1\n")) == ScreenConfig()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("screen = 1", ':1:10: error: screen: must be a table, not 1 (write [screen])'),
        ("[screen]\nteme = 'x'", ':2:1: error: unknown key "teme" (did you mean "theme"?)'),
        ("[screen]\ntheme = 3", ":2:9: error: theme: must be a text, not 3 (quote it)"),
        ("[screen]\nglyphs = 'asci'", 'must be one of auto, unicode, ascii, not "asci" (did you mean "ascii"?)'),
        ("[screen]\nglyphs = true", "glyphs: must be one of auto, unicode, ascii, not true"),
        ("[screen]\ndetail = 'no'", 'detail: must be true or false, not "no" (without quotes)'),
        ("[screen]\nhide_columns = 'Tags'", 'hide_columns: must be a list of texts, not "Tags"'),
        ("[screen]\npoll = 1", "poll: must be a duration, not 1"),
        ("[screen]\npoll = '1 apple'", "poll: '1 apple' is not a duration"),
        ("[screen]\npoll = '1ms'", 'poll: must be from 100ms to 1m, not "1ms"'),
        ("keys = 1", ":1:8: error: keys: must be a table"),
        ("[keys]\nrun_now = 1", ":2:11: error: run_now: must be a key or a list of keys, not 1"),
        ("[keys]\nlog.follow = []", "log.follow: must be a key or a list of keys, not a list"),
        ("[keys]\nrun_now = ['']", "run_now: must be a key or a list of keys"),
        ("[screen\n", ":1:8: error: Expected ']'"),
        (b"[screen]\ntheme = '\xff'", "is not UTF-8"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_the_rest_holds(tmp_path: Path, text: str | bytes, wanted: str) -> None:
    path = written(tmp_path, text)
    (problem,) = read_screen_config(path).problems
    assert wanted in problem.text()
    assert problem.text().startswith(str(path))
    if isinstance(text, str) and text.startswith("["):
        path.write_text(text.replace("]\n", ']\n"odd one" = 1\n', 1) + "\n")
        assert len(read_screen_config(path).problems) == (1 if text == "[screen\n" else 2)


def test_a_file_that_others_could_write_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    path.chmod(0o666)
    config = read_screen_config(path)
    assert config.options == ScreenOptions()
    assert "config.toml" in config.problems[0].text()


def test_the_engine_does_not_judge_them(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, "max_concurrent_jobs = 3\n[screen]\nteme = 1\n[keys]\nx = 2\n"))
    assert config.max_concurrent_jobs == 3


def test_the_first_picture_does_not_wait_for_pydantic(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from jobistemer_tui.jobfiles.screen_config import read_screen_config\n"
        f"read_screen_config(Path({str(written(tmp_path, GOOD))!r})); assert 'pydantic' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0
