"""Nobody but SQLite opens the database's files: closing them would drop its locks (POSIX locks belong to a process)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.architecture.fresh import run_command
from tests.architecture.tree import PACKAGE, ROOT, parsed, python_files, shown

_OPENING = {"open", "read_bytes", "read_text", "write_bytes", "write_text", "copy", "copy2", "copyfile", "mmap"}
_DATABASE = re.compile(r"\bdatabase\b|\bdb_path\b|-wal\b|-shm\b|\.db\b", re.IGNORECASE)
_MAY_OPEN = {
    "backup.py": "syncs the copy, which is no store yet, and its folder",
    "file_system.py": "the folder, by O_PATH, and what /proc says of it",
    "open.py": "gives the path to the backend",
    "sqlite/store.py": "its `open` connects",
    "lmdb/environment.py": "through LMDB",
    "sqlite/checkpoint_lock.py": "the lock file beside the database, never the database",
    "sqlite/migrate.py": "the numbered files of the package",
    "postgres/schema.py": "the numbered files of the package",
}
_CONNECTS = {"storage/sqlite/connect.py", "storage/glance.py"}
"""The second is for shell completion: read-only, so that it never checkpoints."""


def opening_calls(path: Path) -> list[ast.Call]:
    """The calls of a file that open, read, write or copy a file."""
    calls = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
    return [call for call in calls if _called(call) in _OPENING]


def _called(call: ast.Call) -> str:
    function = call.func
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def test_storage_opens_no_files_of_its_own() -> None:
    storage = PACKAGE / "storage"
    opening = {path.relative_to(storage).as_posix() for path in python_files(storage) if opening_calls(path)}
    assert opening - set(_MAY_OPEN) == set()


def test_no_opening_call_names_the_database() -> None:
    named = [
        f"{shown(path, call.lineno)} {text}"
        for path in python_files(PACKAGE)
        if path.relative_to(PACKAGE).parts[0] != "storage"
        for call in opening_calls(path)
        for text in [ast.unparse(call)]
        if _DATABASE.search(text)
    ]
    assert named == []


def test_two_places_connect() -> None:
    connecting = {
        path.relative_to(PACKAGE).as_posix()
        for path in python_files(PACKAGE)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "sqlite3.connect"
    }
    assert connecting == _CONNECTS


def test_processes_open_no_database_file_while_they_work(tmp_path: Path) -> None:
    home = tmp_path / "home"
    examples = str(ROOT / "examples" / "heartbeat.toml")
    engine = run_command(tmp_path / "engine", "--home", str(home), "run", examples, "--for", "3s")
    client = run_command(tmp_path / "client", "--home", str(home), "runs", "--json")
    assert (engine.code, client.code) == (0, 0), engine.errors + client.errors
    assert list(home.rglob("*.db")), "the store is not where this test looks for it"
    suspicious = {name for name in engine.files | client.files if re.search(r"\.db(?:-wal|-shm|-journal)?$", name)}
    assert suspicious == set()
