"""Files that appear whole, and never in place of another unasked."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from jobistemer_tui.errors import Refused
from jobistemer_tui.operations.written_file import write_new


@pytest.fixture(params=["with hard links", "without"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a file system of either kind."""
    if request.param == "without":

        def link(source: str, target: Path) -> None:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), source, None, target)

        monkeypatch.setattr(os, "link", link)
    return tmp_path


def test_a_file_is_private_and_there_is_nothing_beside_it(folder: Path) -> None:
    write_new(folder / "a.toml", "x = 1\n")
    assert (folder / "a.toml").read_text() == "x = 1\n"
    assert (folder / "a.toml").stat().st_mode & 0o777 == 0o600
    assert os.listdir(folder) == ["a.toml"]


def test_nothing_is_replaced_and_no_link_is_written_through(folder: Path) -> None:
    (folder / "a.toml").write_text("mine")
    (folder / "b.toml").symlink_to(folder / "elsewhere")
    for name in ("a.toml", "b.toml"):
        with pytest.raises(Refused, match="is there already"):
            write_new(folder / name, "x = 1\n")
    assert (folder / "a.toml").read_text() == "mine"
    assert sorted(os.listdir(folder)) == ["a.toml", "b.toml"]
    write_new(folder / "a.toml", "x = 1\n", force=True)
    assert (folder / "a.toml").read_text() == "x = 1\n"
