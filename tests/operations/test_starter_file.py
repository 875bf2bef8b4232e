"""A starter file is in order as it is written, and with each of its settings switched on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jobistemer_tui.jobfiles import read_paths, schema
from jobistemer_tui.operations.starter_file import FORMATS, starter_text

SETTING = re.compile(r"^( *)#(?=\S)", re.MULTILINE)


def errors(path: Path, text: str) -> list[str]:
    path.write_text(text)
    path.chmod(0o600)
    (file,) = read_paths([path]).files
    assert file.diagnostics or [job.definition.name for job in file.jobs] == ["my.job"]
    return [item.text() for item in file.diagnostics if item.severity == "error"]


@pytest.mark.parametrize("kind", FORMATS)
def test_it_is_in_order_as_written_and_with_everything_switched_on(kind: str, tmp_path: Path) -> None:
    text = starter_text("my.job", kind)
    path = tmp_path / f"job{FORMATS[kind].suffix}"
    assert errors(path, text) == []
    assert len(SETTING.findall(text)) > 30
    assert errors(path, SETTING.sub(r"\1", text)) == []


def test_each_setting_can_be_switched_on_by_itself(tmp_path: Path) -> None:
    text = starter_text("my.job", "toml")
    for found in SETTING.finditer(text):
        assert errors(tmp_path / "job.toml", text[: found.start()] + text[found.end() :]) == []


def test_every_key_of_a_job_is_shown() -> None:
    text = starter_text("my.job", "toml")
    instead_of_run = {"command", "python", "args", "kwargs", "tasks"}
    shown = set(re.findall(r"^#?(\w+) = ", text, re.MULTILINE))
    assert set(schema.Job.model_fields) - instead_of_run == shown
    assert [word for word in instead_of_run if not re.search(rf"\b{word}\b", text)] == []


def test_the_formats_show_the_same_keys() -> None:
    keys = {kind: re.findall(r"^ *#?(\w+)(?: = |: |=)", starter_text("x", kind), re.MULTILINE) for kind in FORMATS}
    assert [key for key in keys["yaml"] if key in keys["toml"]] == keys["toml"]
    assert [key for key in keys["python"] if key in keys["toml"]] == keys["toml"]
