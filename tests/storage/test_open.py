"""URLs of stores."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jobistemer_tui.errors import UsageError
from jobistemer_tui.storage.open import open_store
from tests.support.racing_store import ROOT
from tests.support.store_work import insert_job


def test_an_absolute_path_in_either_form(tmp_path: Path) -> None:
    path = tmp_path / "a b%20c.db"
    first = open_store(f"sqlite:{path}")
    second = open_store(f"sqlite://{path}")
    assert first.id == second.id
    assert path.exists()
    for store in (first, second):
        store.close()


def test_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_store("sqlite:sub/store.db").close()
    assert (tmp_path / "sub" / "store.db").exists()


def test_a_path_below_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    open_store("sqlite:~/store.db").close()
    assert (tmp_path / "store.db").exists()


def test_memory() -> None:
    store = open_store("memory:")
    assert store.write(insert_job(1)) is True
    store.close()


@pytest.mark.parametrize("url", ["", "sqlite", "postgres://me:secret@host/db", "/a/b.db", "SQLITE:/a"])
def test_other_kinds_are_refused_with_the_list(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_store(url)
    assert "secret" not in f"{caught.value.message}{caught.value.hint}"
    assert "sqlite:PATH" in caught.value.hint
    assert "memory:" in caught.value.hint


@pytest.mark.parametrize("url", ["sqlite:", "sqlite://host/a.db", "sqlite:/a\0b", "memory:/a"])
def test_paths_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_store(url)
    assert caught.value.hint


def test_no_driver_is_imported_before_it_is_wanted() -> None:
    script = "import sys, jobistemer_tui.storage.open; sys.exit('jobistemer_tui.storage.sqlite' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
