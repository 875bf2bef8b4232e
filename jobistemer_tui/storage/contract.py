"""What every store promises. Each sentence below is a test of the conformance suite.

A store holds the tables of `tables`. Work is a function over a transaction: pure over the rows it reads and writes,
without other effects, because a store may run it more than once before it commits it once.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar
from uuid import UUID

from jobistemer_tui.domain.records import Event
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.tables import Index, Table

R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend can do beyond the contract; callers and tests ask for these, never for its name.

    `processes`: several processes may open the same store. `durable`: what was committed survives the death of
    the process. `many_engines`: more than one engine may serve it; else the holder of the engine lock is the one.
    """

    processes: bool
    durable: bool
    many_engines: bool


class Reader(Protocol):
    """Reads of one consistent state of the store."""

    def get(self, table: Table[R], *key: Any) -> R | None:
        """The row with this key (in the order of `table.key`), or None."""

    def scan(
        self,
        index: Index[R],
        *equal: Any,
        low: Any = None,
        high: Any = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[R]:
        """The rows whose first index columns are `equal`, in index order, then key order.

        `low` and `high` bound the next column, both inclusive; rows with None there match no bound.
        None sorts before every value, text by code point. `reverse` turns the whole order round. At most `limit` rows.
        Raises ValueError for more values than the index has columns.
        """

    def scan_part(
        self,
        part: Table[R],
        index: Index[Any],
        *equal: Any,
        low: Any = None,
        high: Any = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[R]:
        """The rows of `scan`, but of each only what `part` has: a table of the same name with some of its columns."""

    def count(self, index: Index[Any], *equal: Any) -> int:
        """How many rows `scan` would give without bounds and limit."""


class Transaction(Reader, Protocol):
    """Reads and writes that all become visible and durable together, or not at all.

    It sees its own writes. Write transactions are serialised: between two reads of one transaction nobody else
    writes. A StoreError ends it: every further call raises it again and nothing is written, even if the work
    catches it. It is of no use after the work has returned.
    """

    def insert(self, table: Table[R], record: R) -> bool:
        """Insert if absent: True if the row was made; False, and nothing changed, if the key is taken.

        Raises StoreError if another unique index or a parent row forbids it, or if a value cannot be stored (text
        that is not Unicode, an integer beyond 64 bits).
        """

    def replace(self, table: Table[R], old: R, new: R) -> bool:
        """Compare and set: write `new` if the row with its key still has `old`'s values in the guard columns.

        False, and nothing changed, if the row is gone or has moved on. Columns that are no guards are not compared.
        Raises ValueError if the keys differ, StoreError as `insert` does.
        """

    def delete(self, table: Table[Any], *key: Any) -> bool:
        """Remove the row with this key; False if there was none. Raises StoreError while other rows refer to it."""

    def append(self, event: Event) -> int:
        """Add to the audit; gives the event's sequence number, which grows in commit order and is never reused.

        The `sequence` of the event that is handed in is not looked at.
        """


class Store(Protocol):
    """A place where everything that happened is a row."""

    @property
    def id(self) -> UUID:
        """Random, made with the store and kept for its life."""

    @property
    def capabilities(self) -> Capabilities:
        """What this backend can do beyond the contract."""

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        """Run `work` in a write transaction of its own, later, in the order of submission.

        The future resolves after the commit, never before. If `work` raises, nothing of it is written and the
        future has the exception; work submitted beside it is not affected. It runs even if the future's waiter is
        gone. Submitting, writing or reading from inside `work` raises RuntimeError. Future errors: StoreFull,
        StoreUnavailable (also once the store is closed).
        """

    def write(self, work: Callable[[Transaction], T]) -> T:
        """`submit` and wait. Never call it on an event loop, in a callback of a future or in a listener."""

    def read(self, work: Callable[[Reader], T]) -> T:
        """Run `work` over one consistent state that includes every commit made before the call.

        Raises what `work` raises, StoreUnavailable, and RuntimeError from inside other work.
        """

    def change_token(self) -> int:
        """A number that differs after any commit that changed something, by any process, since the last call. Cheap."""

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after commits of this process, on any thread; gives the function that stops it.

        Several commits may share a call. A listener that raises is logged and spoils nothing.
        """

    def check(self, *, thorough: bool) -> None:
        """Read what is stored for damage, before an engine works with it; may take long. Raises StoreUnavailable.

        Unless it is to be `thorough`, a backend may leave out what would delay every start.
        """

    def files_are_ours(self) -> bool:
        """False once somebody removed or replaced the store's files under us: what we write is lost, so stop."""

    def close(self) -> None:
        """Finish what was submitted, then let go of everything. Closing twice is harmless."""
