"""What goes wrong while a store is open names the store."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jobistemer_tui.cli.session import Session
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.sqlite.schema import SCHEMA_VERSION
from tests.storage.migrations.make_old import old_database

BAD_ROW = StoreUnavailable("the store holds a JobFile that cannot be read", hint="restore it from a backup")


@pytest.mark.parametrize("error", [BAD_ROW, ExceptionGroup("an engine's parts", [ExceptionGroup("", [BAD_ROW])])])
def test_an_error_of_the_store_says_which_store(error: Exception, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as caught, Session(home=tmp_path / "home").opened():
        raise error
    assert caught.value.message == f"{tmp_path}/home/jobistemer.db: {BAD_ROW.message}"
    assert caught.value.hint == BAD_ROW.hint


def test_a_group_with_a_defect_stays_a_group(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup), Session(home=tmp_path / "home").opened():
        raise ExceptionGroup("two", [BAD_ROW, ZeroDivisionError()])


def test_looking_only_neither_makes_nor_migrates_anything(tmp_path: Path) -> None:
    """Regression: with --read-only an older database was brought up to date, and folders of a home were made."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copy(old_database(SCHEMA_VERSION - 1), home / "jobistemer.db")
    before = (home / "jobistemer.db").read_bytes()
    with pytest.raises(StoreUnavailable, match="of an older version"), Session(home=home, read_only=True).opened():
        pass
    assert (home / "jobistemer.db").read_bytes() == before
    assert not [path for path in home.iterdir() if path.is_dir()]
