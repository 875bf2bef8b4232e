"""A store that is read and never written, for a window that only looks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from jobistemer_tui.errors import Refused, StoreUnavailable
from jobistemer_tui.storage.contract import Capabilities, Reader, Store, Transaction

if TYPE_CHECKING:
    from jobistemer_tui.storage.presence import SharedStore

T = TypeVar("T")


class ReadOnlyStore:
    """Another store, whose every write raises Refused; see `contract.Store` for the rest."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def original(self) -> Store:
        """The store itself."""
        return self._store

    @property
    def id(self) -> UUID:
        return self._store.id

    @property
    def capabilities(self) -> Capabilities:
        return self._store.capabilities

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        future: Future[T] = Future()
        future.set_exception(_refusal())
        return future

    def write(self, work: Callable[[Transaction], T]) -> T:
        raise _refusal()

    def read(self, work: Callable[[Reader], T]) -> T:
        return self._store.read(work)

    def change_token(self) -> int:
        return self._store.change_token()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._store.on_change(listener)

    def check(self, *, thorough: bool) -> None:
        self._store.check(thorough=thorough)

    def files_are_ours(self) -> bool:
        return self._store.files_are_ours()

    def close(self) -> None:
        self._store.close()


def shared_store(store: Store) -> SharedStore | None:
    """A store that many engines share, even where it is only read; None for any other."""
    from jobistemer_tui.storage.presence import SharedStore

    original = store.original if isinstance(store, ReadOnlyStore) else store
    return original if isinstance(original, SharedStore) else None


def not_as_is(store: object) -> StoreUnavailable:
    """A store that would have to be made, or brought up to date, before anything can be read of it."""
    return StoreUnavailable(
        f"{store} is of an older version of this program, or not made yet, and is only to be looked at",
        hint="open it once to work with it, with `jobistemer`: that brings it up to date",
    )


def _refusal() -> Refused:
    return Refused("nothing is changed from here: it was opened to be read only", hint="open it without --read-only")
