"""Which text of each job this place has in its own files: on a shared store nothing else is run (trust = local).

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

from jobistemer_tui.domain.records import Job
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import VERSIONS_BY_JOB

_NAME = "texts.json"
log = logging.getLogger(__name__)


class KnownTexts:
    """The hash of each job's definition as it was last read here."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._hashes: dict[str, str] = {}
        with suppress(OSError, ValueError, TypeError):
            found = json.loads(self._path.read_text(encoding="utf-8"))
            self._hashes = {str(key): str(value) for key, value in dict(found).items()}

    def of(self, job_id: UUID) -> str | None:
        """The hash, None for a job that was never in a file here."""
        return self._hashes.get(str(job_id))

    def note(self, job_id: UUID, content_hash: str) -> None:
        """This is what the files say now. Where it cannot be written down it is known until the engine ends."""
        if self._hashes.get(str(job_id)) == content_hash:
            return
        self._hashes[str(job_id)] = content_hash
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
