"""Copy a store into another one with the output of its attempts; compare two; check and back up one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.records import Event
from jobistemer_tui.engine.engine_lock import serving_engine
from jobistemer_tui.operations.commands.copy_outputs import copy_outputs
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.backup import backup_store
from jobistemer_tui.storage.contract import Reader, Store
from jobistemer_tui.storage.tables import NODES_BY_START
from jobistemer_tui.storage.transfer.comparing import Compared, compare_stores
from jobistemer_tui.storage.transfer.copying import Copied, copy_store
from jobistemer_tui.storage.transfer.rows import COPIED

ComparedStorage: TypeAlias = Compared


@dataclass(frozen=True, slots=True)
class StoragePlace:
    """A store with its URL and the folders that belong to it."""

    store: Store
    url: str
    nodes_dir: Path
    attempts_dir: Path

    @property
    def is_served(self) -> bool:
        """Whether an engine works with it now; of a store that many may serve, whether one has not said goodbye."""
        if self.store.capabilities.many_engines:
            return self.store.read(_has_nodes)
        return serving_engine(self.nodes_dir) is not None


def _has_nodes(reader: Reader) -> bool:
    return any(node.stopped_at is None for node in reader.scan(NODES_BY_START))


@dataclass(frozen=True, slots=True)
class CopiedStorage:
    """What a copy did, and of how many attempts the output came along."""

    copied: Copied
    outputs: int


def copy_storage(
    source: StoragePlace, target: StoragePlace, clock: Clock, *, actor: str, update: bool,
    progress: Callable[[int], None],
) -> CopiedStorage:  # fmt: skip
    """Copy all that the target lacks, first the rows, then outputs; the target's audit says so if anything came.

    Raises as `copying.copy_store`, and OSError where outputs cannot be copied.
    """
    copied = copy_store(source.store, target.store, served=source.is_served, update=update, progress=progress)
    outputs = copy_outputs(source.store, source.attempts_dir, target.store, target.attempts_dir, copied.attempts)
    if copied.made.total() or copied.updated.total() or outputs:
        detail = {"from": str(source.store.id), "rows": copied.made.total(), "outputs": outputs}
        told = Event(at=clock.now(), kind=COPIED, actor=actor, detail=detail)
        target.store.write(lambda transaction: transaction.append(told))
    return CopiedStorage(copied, outputs)


def compare_storage(here: StoragePlace, there: StoragePlace) -> ComparedStorage:
    """Whether what is here is there too. Raises StoreUnavailable."""
    return compare_stores(here.store, there.store)


def check_storage(place: StoragePlace) -> None:
    """Read all of a store for damage. Raises StoreUnavailable."""
    place.store.check(thorough=True)


def backup_storage(place: StoragePlace, target: Path) -> int:
    """Write one state of a store into a new file, whatever else works with it; gives its size in bytes.

    The copy keeps the store's id: it stands for it when it is put in its place. Raises Refused, StoreError, OSError.
    """
    backup_store(place.url, target)
    return target.stat().st_size
