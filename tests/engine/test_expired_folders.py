"""Folders of attempts whose rows go: set aside, then removed; what a crash leaves is settled by the rows."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from jobistemer_tui.engine.expired_folders import folders, left_over, set_aside, settle

ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))


def make(folder: Path, attempt: UUID) -> Path:
    made = folder / str(attempt)
    made.mkdir()
    (made / "log").write_text("what it wrote")
    return made


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_name_is_free_before_the_row_is_gone_and_the_folder_goes_after_it(tmp_path: Path) -> None:
    make(tmp_path, ONE)
    set_aside(tmp_path, [ONE, TWO])
    assert names(tmp_path) == [f"{ONE}.expired"]
    assert left_over(tmp_path) == [ONE]
    assert settle(tmp_path, [ONE, TWO], with_a_row=[]) == 1
    assert names(tmp_path) == []


def test_a_folder_whose_row_stayed_is_put_back(tmp_path: Path) -> None:
    log = make(tmp_path, ONE) / "log"
    set_aside(tmp_path, [ONE])
    assert settle(tmp_path, [ONE], with_a_row={ONE}) == 0
    assert log.read_text() == "what it wrote"


def test_only_what_is_an_attempts_is_looked_at(tmp_path: Path) -> None:
    make(tmp_path, THREE)
    for name in ("notes", "notes.expired", str(TWO).upper().replace("0", "A"), f"{{{TWO}}}"):
        (tmp_path / name).mkdir()
    assert folders(tmp_path) == [THREE]
    assert left_over(tmp_path) == []
    assert folders(tmp_path / "none") == []


def test_what_cannot_be_removed_is_left_for_the_next_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / f"{ONE}.expired").write_text("no folder")
    assert settle(tmp_path, [ONE], with_a_row=[]) == 0
    assert "cannot be removed" in caplog.text


def test_what_cannot_be_renamed_is_left_where_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    make(tmp_path, ONE)
    blocked = tmp_path / f"{ONE}.expired"
    blocked.mkdir()
    (blocked / "x").touch()
    set_aside(tmp_path, [ONE])
    assert (tmp_path / str(ONE) / "log").exists()
    assert "cannot be renamed" in caplog.text
