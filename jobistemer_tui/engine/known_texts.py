"""Which texts of each job this place has in its own files: on a shared store nothing else is run (trust = local).

It is kept in a file beside the locks, because the rule for publishing asks for the text that was there before an edit:
whoever can write the store, or another host with older files, must not decide what is executed here.
"""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Job
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import VERSIONS_BY_JOB

_NAME = "texts.json"
_KEPT = 50
"""Texts remembered of each job: what was begun, or is still to be told, keeps the version it had."""

log = logging.getLogger(__name__)


class KnownTexts:
    """The hashes of each job's definitions as they were read here, the newest first."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._hashes: dict[str, list[str]] = {}
        with suppress(OSError, ValueError, TypeError):
            found = json.loads(self._path.read_text(encoding="utf-8"))
            self._hashes = {str(key): [str(value) for value in values] for key, values in dict(found).items()}

    def of(self, job_id: UUID) -> str | None:
        """The hash of what its file says, None for a job that was never in a file here."""
        return next(iter(self._hashes.get(str(job_id), ())), None)

    def knows(self, definition: JobDefinition) -> bool:
        """Whether this very text is, or was, in a file here, whatever the store says of it."""
        return definition.content_hash in self._hashes.get(str(definition.id), ())

    def note(self, job_id: UUID, content_hash: str) -> None:
        """This is what the files say now. Where it cannot be written down it is known until the engine ends."""
        if self.of(job_id) == content_hash:
            return
        earlier = [value for value in self._hashes.get(str(job_id), ()) if value != content_hash]
        self._hashes[str(job_id)] = [content_hash, *earlier][:_KEPT]
        try:
            self._write()
        except OSError as error:
            log.warning("%s cannot be written: %s", self._path, error.strerror)

    def _write(self) -> None:
        part = self._path.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(self._hashes, file)
        os.replace(part, self._path)

    def has(self, job: Job) -> bool:
        """Whether the version in force is what this place has in its files."""
        return self.of(job.id) == job.content_hash


def may_publish(reader: Reader, job: Job, content_hash: str, had: str | None) -> bool:
    """Whether an edit may become the next version of a job on a shared store.

    Either what was here before the edit is the version in force, so this is an edit of that; or the text is new to
    all. An older text that another host still has in its files is neither, so two hosts never take turns.
    """
    if had == job.content_hash:
        return True
    return all(version.content_hash != content_hash for version in reader.scan(VERSIONS_BY_JOB, job.id))
