"""An empty SQLite store as a file: made once by the program, then copied by the tests in a tenth of the time."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from jobistemer_tui.domain.identity import new_store_id
from jobistemer_tui.storage.sqlite import SqliteStore


def empty_store(path: Path) -> SqliteStore:
    """A new store at a path where none is yet, open."""
    put_empty_database(path)
    return SqliteStore.open(path)


def put_empty_database(path: Path) -> None:
    """Put a store with an id of its own where none is yet."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content, its_id = _empty_database()
    with path.open("xb") as file:
        path.chmod(0o600)
        file.write(content.replace(its_id, new_store_id().bytes))


@cache
def _empty_database() -> tuple[bytes, bytes]:
    """All of the file, and the id of the store, which is in it once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "empty.db")
        store = SqliteStore.open(path)
        its_id = store.id.bytes
        store.close()
        content = path.read_bytes()
    assert content.count(its_id) == 1
    return content, its_id
