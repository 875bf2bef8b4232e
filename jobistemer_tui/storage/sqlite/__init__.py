"""The default backend: one SQLite database (https://sqlite.org) on a local file system, in WAL mode."""

from jobistemer_tui.storage.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
