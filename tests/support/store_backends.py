"""The backends that the conformance suite runs over; a new one is one more line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest

from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.open import open_store
from tests.support.empty_database import put_empty_database
from tests.support.postgres_server import schema_url
from tests.support.spare_schemas import give_back, spare_schema

FILE = "store.db"


@dataclass(frozen=True)
class Backend:
    """A kind of store: `url` names one that is kept in, or belongs to, a folder of the test."""

    name: str
    url: Callable[[Path], str]
    quick: bool = True
    """Whether a statement needs no journey to another process."""
    is_file: bool = False
    """Whether an empty one is a file that is faster copied than made."""


MEMORY = Backend("memory", lambda folder: "memory:")
SQLITE = Backend("sqlite", lambda folder: f"sqlite:{folder / FILE}", is_file=True)
BACKENDS = (
    MEMORY,
    SQLITE,
    Backend("lmdb", lambda folder: f"lmdb:{folder / 'store.lmdb'}"),
    Backend("postgres", schema_url, quick=False),
)


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.name)
def every_backend(request: pytest.FixtureRequest) -> Backend:
    """Each of them in turn."""
    backend: Backend = request.param
    return backend


@dataclass
class Place:
    """Where the store of one test lives; `close` closes every store it opened.

    `alone`: no other process uses it, so that a schema of the server can serve one test after another.
    """

    backend: Backend
    folder: Path
    alone: bool = False
    opened: list[Store] = field(default_factory=list)

    @cached_property
    def url(self) -> str:
        """What another process opens too, where the backend can do that."""
        return spare_schema(self.folder) if self._is_spare else self.backend.url(self.folder)

    @property
    def _is_spare(self) -> bool:
        return self.alone and self.backend.url is schema_url

    def fresh(self) -> Store:
        """A new, empty store; call it first."""
        if self.backend.is_file:
            put_empty_database(self.folder / FILE)
        return self.reopen()

    def reopen(self) -> Store:
        """Open the same store again."""
        store = open_store(self.url)
        self.opened.append(store)
        return store

    def close(self) -> None:
        """Close what was opened."""
        for store in self.opened:
            store.close()
        if self._is_spare:
            give_back(self.url)
