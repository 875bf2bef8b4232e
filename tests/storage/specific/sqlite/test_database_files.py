"""Nobody but SQLite opens the database's files: closing them would drop our locks on them."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import jobistemer_tui
from jobistemer_tui.storage.ownership import files_are_ours
from jobistemer_tui.storage.sqlite import SqliteStore
from tests.support.racing_store import ROOT
from tests.support.store_work import insert_job

PACKAGE = Path(jobistemer_tui.__file__).parent

ALLOWED = {
    "storage/backup.py": {"os.open"},
    "storage/file_system.py": {"os.open", "read_bytes"},
    "storage/glance.py": {"sqlite3.connect"},
    "storage/sqlite/connect.py": {"sqlite3.connect"},
    "storage/sqlite/checkpoint_lock.py": {"os.open"},
    "storage/sqlite/migrate.py": {"read_text"},
}
"""Who in the storage layer may open what: the database through SQLite, the lock file, the migrations, and of the
database's folder a path (O_PATH) and what /proc says of its file system."""

OPENERS = {
    "open",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "copy",
    "copyfile",
    "copy2",
    "move",
    "fdopen",
}


def openings(tree: ast.AST) -> Iterator[str]:
    """The calls that open a file, by name."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(id="open"):
                yield "open"
            case ast.Attribute(value=ast.Name(id="sqlite3"), attr="connect"):
                yield "sqlite3.connect"
            case ast.Attribute(value=ast.Name(id="os"), attr="open"):
                yield "os.open"
            case ast.Attribute(value=ast.Name(id=name), attr="open") if name.endswith("Store"):
                pass
            case ast.Attribute(attr=name) if name in OPENERS:
                yield name


def test_the_storage_layer_opens_only_what_it_may() -> None:
    found = {
        str(file.relative_to(PACKAGE)): set(openings(ast.parse(file.read_text(encoding="utf-8"))))
        for file in PACKAGE.glob("storage/**/*.py")
        if not {"lmdb", "postgres"} & set(file.relative_to(PACKAGE).parts)
    }
    assert {name: calls for name, calls in found.items() if calls} == ALLOWED


def test_nothing_else_names_the_files_or_opens_databases() -> None:
    for file in PACKAGE.glob("**/*.py"):
        if "storage/sqlite" in str(file) or str(file.relative_to(PACKAGE)) in ALLOWED:
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        assert not [text for text in texts if isinstance(text, str) and text.endswith(("-wal", "-shm"))], file
        assert "sqlite3.connect" not in set(openings(tree)), file


def test_a_life_of_a_store_opens_none_of_them(tmp_path: Path) -> None:
    """Python reports every file it opens to its audit hooks; SQLite's own opening is not among them."""
    script = """
        import os, sys
        from tests.support.store_work import insert_job
        from jobistemer_tui.storage.open import open_store
        from jobistemer_tui.storage.tables import JOBS_BY_KEY

        path = os.path.join(sys.argv[1], "store.db")
        opened = []
        sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
        for _ in range(2):
            store = open_store("sqlite:" + path)
            store.write(insert_job(1))
            store.read(lambda reader: reader.scan(JOBS_BY_KEY))
            store.change_token()
            assert store.files_are_ours()
            store.close()
        assert path + ".checkpoint" in opened
        bad = {path, path + "-wal", path + "-shm"} & set(opened)
        sys.exit(f"opened {bad}" if bad else 0)
    """
    run = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_files_of_a_running_store_are_ours(sqlite_store: SqliteStore) -> None:
    sqlite_store.write(insert_job(1))
    sqlite_store.read(lambda r: None)
    sqlite_store.change_token()
    assert sqlite_store.files_are_ours()


def replace_by_copy(file: Path) -> None:
    """In a child, for here it would drop our locks."""
    subprocess.run(["sh", "-c", 'cp "$1" "$1.new" && mv "$1.new" "$1"', "sh", str(file)], check=True)


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_a_file_that_was_replaced_is_noticed(sqlite_store: SqliteStore, path: Path, suffix: str) -> None:
    sqlite_store.write(insert_job(1))
    replace_by_copy(Path(f"{path}{suffix}"))
    assert not sqlite_store.files_are_ours()


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_a_file_that_was_removed_is_noticed(sqlite_store: SqliteStore, path: Path, suffix: str) -> None:
    sqlite_store.write(insert_job(1))
    Path(f"{path}{suffix}").unlink()
    assert not sqlite_store.files_are_ours()


def test_a_file_that_was_moved_away_is_noticed(sqlite_store: SqliteStore, path: Path) -> None:
    wal = Path(f"{path}-wal")
    sqlite_store.write(insert_job(1))
    wal.rename(f"{wal}.away")
    assert not sqlite_store.files_are_ours()


def test_a_store_that_is_not_open_is_not_ours(sqlite_store: SqliteStore, path: Path, tmp_path: Path) -> None:
    for suffix in ("", "-wal"):
        shutil.copy(__file__, tmp_path / f"other.db{suffix}")
    assert not files_are_ours(tmp_path / "other.db")
