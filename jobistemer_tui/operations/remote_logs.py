"""Logs of tries whose folder is on another machine: kept in a folder here, as far as the store has them.

What reads logs then finds them as if they were written here. A try that runs on is followed until it has ended.
"""

from __future__ import annotations

import base64
import logging
import shutil
import threading
import zlib
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from jobistemer_tui.domain.records import LogChunk
from jobistemer_tui.engine.log_shipping import FILES, WHOLE
from jobistemer_tui.errors import StoreError
from jobistemer_tui.operations.read_models import LogPlace
from jobistemer_tui.storage.contract import Reader, Store
from jobistemer_tui.storage.tables import ATTEMPTS, CHUNKS_BY_ATTEMPT, LOG_CHUNKS

log = logging.getLogger(__name__)
LOOK_EVERY_S = 1.0
KEPT = 50
_FOLDER = "remote-logs"
_CHUNKS = 16


class RemoteLogs:
    """Copies of logs in a folder of their own; the oldest go."""

    def __init__(self, store: Store, nodes_dir: Path) -> None:
        self._store = store
        self._root = nodes_dir / _FOLDER
        self._lock = threading.Lock()
        self._followed: set[UUID] = set()

    def place(self, place: LogPlace) -> LogPlace:
        """Where the log can be read here; as it was, if the store has nothing of it. Raises StoreError."""
        if not self._store.capabilities.many_engines:
            return place
        attempt = place.attempt.id
        folder = self._root / str(attempt)
        with self._lock:
            if not self._fetch(attempt, folder) and attempt not in self._followed:
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
        over = self._store.read(lambda reader: _is_whole(reader, attempt))  # before its last piece is looked for
        for file in FILES:
            while self._add_some(attempt, folder, file):
                pass
        if over and folder.exists():
            (folder / "result.json").write_text("{}", encoding="utf-8")
        return over

    def _add_some(self, attempt: UUID, folder: Path, file: str) -> bool:
        """Append the next pieces of a file; whether there were any."""
        path = folder / file
        size = path.stat().st_size if path.exists() else 0
        chunks = self._store.read(lambda reader: reader.scan(CHUNKS_BY_ATTEMPT, attempt, file, low=size, limit=_CHUNKS))
        if chunks:
            self._make(folder)
            with path.open("ab") as kept:
                kept.writelines(_unpacked(chunk) for chunk in chunks)
        return bool(chunks)

    def _make(self, folder: Path) -> None:
        if folder.exists():
            return
        folder.mkdir(mode=0o700, parents=True)
        kept = sorted(self._root.iterdir(), key=lambda path: path.stat().st_mtime)
        for old in kept[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)


def _is_whole(reader: Reader, attempt: UUID) -> bool:
    return reader.get(LOG_CHUNKS, attempt, WHOLE, 0) is not None or reader.get(ATTEMPTS, attempt) is None


def _unpacked(chunk: LogChunk) -> bytes:
    """Never more than was said, whatever somebody has written into the store."""
    return zlib.decompressobj().decompress(base64.b85decode(chunk.data), chunk.size)
