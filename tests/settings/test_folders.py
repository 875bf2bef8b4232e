"""Folders are made private, or refused with a reason."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from jobistemer_tui.errors import HomeNotWritable
from jobistemer_tui.settings import folders
from jobistemer_tui.settings.folders import prepare
from jobistemer_tui.settings.locations import Locations, find_locations


def at(home: Path) -> Locations:
    return find_locations(home, None, {})


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_are_made_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        prepare(at(tmp_path / "new/home"))
    finally:
        os.umask(before)
    made = ["new", "new/home", "new/home/jobs", "new/home/attempts", "new/home/jobistemer.db.nodes"]
    assert [mode(tmp_path / name) for name in made] == [0o700] * 5


def test_preparing_twice_is_harmless(tmp_path: Path) -> None:
    prepare(at(tmp_path))
    prepare(at(tmp_path))


def test_a_home_of_the_user_stays_as_open_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    prepare(at(tmp_path))
    assert mode(tmp_path) == 0o755


def test_locks_and_output_are_closed_to_others(tmp_path: Path) -> None:
    prepare(at(tmp_path))
    (tmp_path / "attempts").chmod(0o755)
    (tmp_path / "jobistemer.db.nodes").chmod(0o755)
    prepare(at(tmp_path))
    assert mode(tmp_path / "attempts") == mode(tmp_path / "jobistemer.db.nodes") == 0o700


def test_a_home_of_200_characters_works(tmp_path: Path) -> None:
    home = tmp_path / ("x" * 90) / ("y" * (200 - len(str(tmp_path)) - 92))
    assert len(str(home)) == 200
    prepare(at(home))
    assert (home / "jobistemer.db.nodes").is_dir()


def test_a_home_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HomeNotWritable, match="is not a folder") as caught:
        prepare(at(tmp_path / "file/home"))
    assert str(tmp_path / "file/home") in caught.value.message
    assert "--home" in caught.value.hint


@pytest.mark.parametrize("name", ["", "jobs", "attempts", "jobistemer.db.nodes"])
def test_a_file_where_a_folder_should_be_is_refused(tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    (home / name).parent.mkdir(exist_ok=True)
    (home / name).touch()
    with pytest.raises(HomeNotWritable, match="is not a folder"):
        prepare(at(home))


def test_a_dangling_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").symlink_to(tmp_path / "nowhere")
    with pytest.raises(HomeNotWritable):
        prepare(at(tmp_path / "home"))


def test_a_place_where_nothing_can_be_made_is_refused() -> None:
    with pytest.raises(HomeNotWritable, match="cannot be made"):
        prepare(at(Path("/proc/jobistemer")))


def test_a_read_only_home_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(at(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, _: path != tmp_path / "jobs")
    with pytest.raises(HomeNotWritable, match="jobs cannot be written"):
        prepare(at(tmp_path))


def test_a_folder_that_everybody_can_change_is_refused(tmp_path: Path) -> None:
    prepare(at(tmp_path))
    (tmp_path / "jobs").chmod(0o777)
    with pytest.raises(HomeNotWritable, match="changed by everybody"):
        prepare(at(tmp_path))


@pytest.mark.parametrize(("open_to", "refused"), [(0o755, True), (0o700, False)])
def test_a_loose_folder_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_to: int, refused: bool
) -> None:
    tmp_path.chmod(open_to)
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    monkeypatch.setattr(folders, "_make", lambda folder: tmp_path.stat())
    monkeypatch.setattr(folders, "_tighten", lambda folder: None)
    monkeypatch.setattr(os, "access", lambda path, _: True)
    if not refused:
        prepare(at(tmp_path))
        return
    with pytest.raises(HomeNotWritable, match="belongs to another user"):
        prepare(at(tmp_path))


def test_a_database_may_lie_in_a_sticky_folder(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    found = replace(at(tmp_path / "home"), database=shared / "x.db", nodes_dir=shared / "x.db.nodes")
    prepare(found)
    assert mode(shared / "x.db.nodes") == 0o700
