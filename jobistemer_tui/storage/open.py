"""A URL to an open store; the backend's driver is imported on demand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jobistemer_tui.errors import UsageError
from jobistemer_tui.storage.contract import Store


def open_store(url: str, *, as_is: bool = False) -> Store:
    """Open the store at `sqlite:PATH`, `lmdb:PATH`, `postgresql://…` or `memory:`, making it if need be.

    A path may also be written `//` and absolute. `as_is`: one that is not there, or that an older version of the
    program made, is refused instead of being made or brought up to date.

    Raises UsageError for another URL or a backend that is not installed, HomeNotWritable, NetworkFileSystem,
    StoreTooNew and StoreUnavailable.
    """
    scheme, colon, rest = url.partition(":")
    if not colon or scheme not in _BACKENDS:
        known = ", ".join(f"{name}:{rest}" for name, (rest, _) in _BACKENDS.items())
        raise UsageError(f"unknown kind of store: {_shown(scheme)}", hint=f"use one of {known}")
    return _BACKENDS[scheme][1](rest, as_is)


def _path(scheme: str, rest: str) -> Path:
    text = rest.removeprefix("//") if rest.startswith("///") else rest
    if not text or text.startswith("//") or "\0" in text:
        raise UsageError("a store needs a path", hint=f"write {scheme}:PATH or {scheme}:///ABSOLUTE/PATH")
    return Path(text).expanduser().absolute()


def _open_sqlite(rest: str, as_is: bool) -> Store:
    from jobistemer_tui.storage.sqlite import SqliteStore

    return SqliteStore.open(_path("sqlite", rest), as_is=as_is)


def _open_lmdb(rest: str, as_is: bool) -> Store:
    path = _path("lmdb", rest)
    try:
        from jobistemer_tui.storage.lmdb import LmdbStore
    except ModuleNotFoundError as error:
        raise UsageError(
            "the package for LMDB is not installed", hint="install it with: pip install 'jobistemer-tui[lmdb]'"
        ) from error
    return LmdbStore.open(path, as_is=as_is)


def _open_postgres(rest: str, as_is: bool) -> Store:
    try:
        from jobistemer_tui.storage.postgres import PostgresStore
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("psycopg"):
            raise
        raise UsageError(
            "the package for PostgreSQL is not installed",
            hint="install it with: pip install 'jobistemer-tui[postgres]'",
        ) from error
    return PostgresStore.open(f"postgresql:{rest}", as_is=as_is)


def _open_memory(rest: str, as_is: bool) -> Store:
    from jobistemer_tui.storage.memory import MemoryStore

    if rest:
        raise UsageError("a store in memory has no path", hint="write memory:")
    return MemoryStore()


_BACKENDS: dict[str, tuple[str, Callable[[str, bool], Store]]] = {
    "sqlite": ("PATH", _open_sqlite),
    "lmdb": ("PATH", _open_lmdb),
    "postgresql": ("//USER@HOST/DATABASE", _open_postgres),
    "memory": ("", _open_memory),
}


def _shown(scheme: str) -> str:
    """The scheme alone: what follows may hold a password."""
    return repr(scheme[:20])
