"""Job files that are as they were when they were last read: what the store knows of them is enough for a claim."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from jobistemer_tui.domain.records import FileState, Job, JobFile
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.jobfiles.folders import is_under
from jobistemer_tui.jobfiles.reading import FileReading, Reading, SourcedJob
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import FILES_BY_ROOT


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as the store knows it: a reading that stands for it, with one of its jobs, and all jobs published."""

    reading: FileReading
    jobs: Sequence[Job]


def stored_files(reader: Reader, definitions: Definitions, jobs: Collection[Job]) -> dict[str, StoredFile]:
    """The files, by path, that were read without error and whose jobs are all published; `jobs` are the store's."""
    by_path: dict[str, dict[str, Job]] = {}
    for job in jobs:
        if job.retired_at is None:
            by_path.setdefault(job.source_path, {})[job.name] = job
    found = {}
    for row in reader.scan(FILES_BY_ROOT):
        here = by_path.get(row.path, {})
        # An engine that was killed between noting a file and publishing its jobs leaves names that no job has. A job
        # that has left the file, and is not retired yet, is none of the names.
        if row.state is FileState.LOADED and all(name in here for name in row.jobs):
            stored = _stored(reader, definitions, row, [here[name] for name in row.jobs])
            if stored is not None:
                found[row.path] = stored
    return found


def _stored(reader: Reader, definitions: Definitions, row: JobFile, jobs: Sequence[Job]) -> StoredFile | None:
    """The reading holds one job, since that tells under which settings of the cascade all of them were read."""
    try:
        sourced = tuple(
            SourcedJob(definitions.of(reader, job.id, job.version), row.path, 0, row.root) for job in jobs[:1]
        )
    except (JobistemerError, LookupError, TypeError, ValueError):
        return None  # parsing the file will tell what is wrong
    return StoredFile(FileReading(row.path, row.root, row.content_hash, sourced, ()), jobs)


def are_unchanged(stored: Mapping[str, StoredFile], reading: Reading) -> bool:
    """Whether a reading, made with the stored ones known, used them all again: no file is new, edited or gone."""
    here = {file.path for file in reading.files}
    gone = any(path not in here and is_under(path, reading.roots) for path in stored)
    same = all(file.path in stored and stored[file.path].reading is file for file in reading.files)
    return same and not gone
