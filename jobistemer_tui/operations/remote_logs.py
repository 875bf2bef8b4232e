"""Logs of tries whose folder is on another machine: kept in a folder here, as far as the store has them.

What reads logs then finds them as if they were written here. A try that runs on is followed until it has ended.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

from jobistemer_tui.engine.log_pieces import FILES, is_whole, pieces_from, unpacked
from jobistemer_tui.errors import HomeNotWritable, StoreError
from jobistemer_tui.operations.read_models import LogPlace
from jobistemer_tui.storage.contract import Reader, Store
from jobistemer_tui.storage.tables import ATTEMPTS, CHUNKS_BY_ATTEMPT

log = logging.getLogger(__name__)
LOOK_EVERY_S = 1.0
KEPT = 50
_FOLDER = "remote-logs"


class RemoteLogs:
    """Copies of logs in a folder of their own; the oldest go."""

    def __init__(self, store: Store, nodes_dir: Path) -> None:
        self._store = store
        self._root = nodes_dir / _FOLDER
        self._lock = threading.Lock()
        self._followed: set[UUID] = set()

    def place(self, place: LogPlace) -> LogPlace:
        """Where the log can be read here; as it was, if the store has nothing of it.

        Raises StoreError, and HomeNotWritable where it cannot be kept.
        """
        if not self._store.capabilities.many_engines:
            return place
        attempt = place.attempt.id
        folder = self._root / str(attempt)
        with self._lock:
            try:
                is_over = self._fetch(attempt, folder)
            except OSError as error:
                raise HomeNotWritable(f"{folder} cannot be written: {error.strerror}") from error
            if not is_over and attempt not in self._followed:
                self._followed.add(attempt)
                threading.Thread(target=self._follow, args=(attempt, folder), name="remote-log", daemon=True).start()
        return replace(place, folder=folder) if folder.exists() else place

    def _follow(self, attempt: UUID, folder: Path) -> None:
        pause = threading.Event()
        try:
            while not pause.wait(LOOK_EVERY_S):
                with self._lock:
                    if self._fetch(attempt, folder):
                        return
        except (StoreError, OSError) as error:  # the program ends, or looks again when it is asked
            log.info("the log of %s is followed no more: %s", attempt, error)
        finally:
            self._followed.discard(attempt)

    def _fetch(self, attempt: UUID, folder: Path) -> bool:
        """Add what is new; whether nothing more will come."""
        if (folder / "result.json").exists():
            return True
        over = self._store.read(lambda reader: _is_over(reader, attempt))  # before its last piece is looked for
        for file in FILES:
            self._add(attempt, folder, file)
        if over and folder.exists():
            (folder / "result.json").write_text("{}", encoding="utf-8")
        return over

    def _add(self, attempt: UUID, folder: Path, file: str) -> None:
        """Write what is new of a file, each piece where it belongs: another process may do the same beside us."""
        path = folder / file
        size = path.stat().st_size if path.exists() else 0
        position = self._store.read(lambda reader: _first_missing(reader, attempt, file, size))
        while chunks := self._store.read(partial(pieces_from, attempt=attempt, file=file, position=position)):
            self._make(folder)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600), "wb") as kept:
                for chunk in chunks:
                    kept.seek(chunk.position)
                    kept.write(unpacked(chunk))
            position = chunks[-1].position + chunks[-1].size

    def _make(self, folder: Path) -> None:
        if folder.exists():
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = sorted(self._root.iterdir(), key=lambda path: path.stat().st_mtime)
        for old in kept[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)


def _is_over(reader: Reader, attempt: UUID) -> bool:
    return is_whole(reader, attempt) or reader.get(ATTEMPTS, attempt) is None


def _first_missing(reader: Reader, attempt: UUID, file: str, size: int) -> int:
    """Where the piece begins of which a file of `size` bytes lacks something: its writing may have been cut short."""
    last = reader.scan(CHUNKS_BY_ATTEMPT, attempt, file, high=size, reverse=True, limit=1) if size else []
    return last[0].position if last and last[0].position + last[0].size > size else size
