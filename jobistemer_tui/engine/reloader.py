"""Job files → published versions: reads what changed, publishes it, retires what is gone for good."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.records import Event, FileState, Job, JobFile
from jobistemer_tui.engine.file_events import file_event, gone_event
from jobistemer_tui.engine.loaded import Loaded
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.common import Moved, Owner
from jobistemer_tui.engine.transactions.publish import Change, Published, Source, Stale, publish, retire
from jobistemer_tui.engine.transactions.resolve_gap import GapReading, read_gap
from jobistemer_tui.engine.unchanged import are_unchanged, stored_files
from jobistemer_tui.engine.wakefulness import Wakefulness
from jobistemer_tui.errors import JobistemerError, StoreUnavailable
from jobistemer_tui.jobfiles.folders import is_under
from jobistemer_tui.jobfiles.reading import FileReading, Reading, SourcedJob
from jobistemer_tui.schedules.zones import zone_data_version
from jobistemer_tui.settings.sync_points import sync_point
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import FILES_BY_ROOT, JOB_FILES, JOBS, JOBS_BY_KEY

log = logging.getLogger(__name__)
GONE_FOR = timedelta(seconds=5)
GONE_SCANS = 2
PUBLISH_TRIES = 3

ReadFiles = Callable[[dict[str, FileReading], dict[str, str]], Reading]
"""Reads all watched paths, given the last readings by path and who owns which job key; blocking."""


@dataclass(slots=True)
class _Gone:
    """A job that no file holds any more: since when, and how many scans have seen it so."""

    since: datetime
    scans: int = 1


class Reloader:
    """Compares the watched files with the store, again and again."""

    def __init__(
        self, store: StoreCalls, clock: Clock, loaded: Loaded, owner: Callable[[], Owner], wakefulness: Wakefulness,
        read_files: ReadFiles,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._loaded = loaded
        self._owner = owner
        self._wakefulness = wakefulness
        self._read_files = read_files
        self._known: dict[str, FileReading] = {}
        self._gone: dict[UUID, _Gone] = {}
        self._again: set[str] = set()
        self.is_loading = False

    @property
    def looks_again_soon(self) -> bool:
        """Whether a job has vanished and waits for the second scan that retires it, or a file is being loaded."""
        return bool(self._gone) or self.is_loading

    async def load(self) -> None:
        """The first reading, after which claims are possible; `reload` must follow.

        Where every file is as the store knows it, by its hash, its published versions are loaded and nothing is
        parsed before the first claim.
        """
        if not await self._load_unchanged():
            await self.reload()

    async def _load_unchanged(self) -> bool:
        definitions = self._owner().definitions
        jobs = self._store.read(lambda reader: reader.scan(JOBS_BY_KEY))
        stored = self._store.read(lambda reader: stored_files(reader, definitions, jobs))
        if not stored:
            return False
        known = {path: file.reading for path, file in stored.items()}
        try:
            reading = await asyncio.to_thread(self._read_files, known, {})
        except JobistemerError:
            return False  # `reload` meets the same and says so
        if not are_unchanged(stored, reading):
            return False
        found = [job for file in reading.files for job in stored[file.path].jobs]
        if any(job.scheduled and job.timezone_data != zone_data_version() for job in found):
            log.warning("the time-zone data are now %s: jobs are planned anew before any starts", zone_data_version())
            return False
        for job in found:
            self._loaded.add(job.id, job.version)
        self._loaded.others = sum(1 for job in jobs if job.id not in self._loaded)
        return True

    async def reload(self) -> bool:
        """Read all files once and apply what changed; True if anything did."""
        jobs = self._store.read(lambda reader: reader.scan(JOBS_BY_KEY))
        owners = {job.key: job.source_path for job in jobs if job.retired_at is None}
        try:
            reading = await asyncio.to_thread(self._read_files, dict(self._known), owners)
        except JobistemerError as error:
            # A watched folder that is gone or unreadable as a whole (unmounted, renamed) retires nothing.
            log.error("job files cannot be read: %s", error)
            return False
        sync_point("files.read")
        changed = await self._note_files(reading, jobs)
        sync_point("files.noted")
        self.is_loading = any(file.pending for file in reading.files)
        self._again.clear()
        for file in reading.files:
            if file.ok and self._known.get(file.path) is not file:
                changed |= await self._publish_all(file)
        # A file whose job could not be published is read as new by the next scan.
        self._known = {file.path: file for file in reading.files if not (file.pending or file.path in self._again)}
        changed |= await self._retire_gone(reading)
        self._store.read(self._loaded.count_others)
        return changed

    async def _publish_all(self, file: FileReading) -> bool:
        changed = False
        for sourced in file.jobs:
            try:
                published = await self._publish(sourced)
            except StoreUnavailable:
                raise
            except (Stale, Moved) as error:
                log.warning("%s:%d: %s", sourced.path, sourced.line, error, extra={"job": sourced.definition.name})
                self._again.add(file.path)
                continue
            except Exception:  # one job that cannot be published must not stop the engine
                log.exception("%s:%d: job %s", sourced.path, sourced.line, sourced.definition.name)
                self._again.add(file.path)
                continue
            sync_point("files.published")
            self._loaded.add(published.job.id, published.job.version)
            changed |= published.change is not Change.UNCHANGED
        return changed

    async def _publish(self, sourced: SourcedJob) -> Published:
        """Publish what was read over the version that is in force; read that anew if it changes meanwhile."""
        tries = 0
        while True:
            # The scheduler may not have had its turn since the machine slept, and an edit must not swallow that gap.
            self._wakefulness.look(self._clock.read())
            owner, now = self._owner(), self._clock.now()
            seen = self._store.read(lambda reader: reader.get(JOBS, sourced.definition.id))
            gap = await self._gap_of(sourced, seen, owner, now)
            write = partial(
                publish, owner=owner, definition=sourced.definition, now=now, gap=gap, reason=self._wakefulness.reason,
                source=Source(sourced.path, sourced.line, sourced.root), seen=0 if seen is None else seen.version,
            )  # fmt: skip
            try:
                return await self._store.write(write)
            except (Stale, Moved):
                tries += 1
                if tries == PUBLISH_TRIES:
                    raise

    async def _gap_of(self, sourced: SourcedJob, job: Job | None, owner: Owner, now: datetime) -> GapReading | None:
        """The old version's gap, which an edit must not swallow."""
        if job is None or job.content_hash == sourced.definition.content_hash or job.retired_at is not None:
            return None
        awake, job_id = self._wakefulness.awake, job.id
        return await self._store.read_long(lambda reader: read_gap(reader, owner, job_id, awake=awake, now=now))

    async def _note_files(self, reading: Reading, jobs: Sequence[Job]) -> bool:
        """Keep what was read of each file, so that every screen can show it; refusals go into the audit."""
        now = self._clock.now()
        rows = [_file_row(file, jobs, now) for file in reading.files if not file.pending]
        present = {file.path for file in reading.files}
        return await self._store.write(
            lambda tx: _write_files(tx, self._owner().actor, rows, present, reading.roots, now)
        )

    async def _retire_gone(self, reading: Reading) -> bool:
        """Retire jobs of our roots whose file, or whose place in it, has been gone for 5 s and two scans.

        A file that is refused keeps its jobs: a broken save removes nothing, nor does a folder that cannot be listed.
        """
        now = self._clock.now()
        held = {job.definition.id for file in reading.files for job in file.jobs}
        refused = [file.path for file in reading.files if not file.ok]
        ours = [
            job for job in self._store.read(lambda reader: reader.scan(JOBS_BY_KEY))
            if job.retired_at is None and is_under(job.source_path, reading.roots)
        ]  # fmt: skip
        missing = {job.id: job for job in ours if job.id not in held and not is_under(job.source_path, refused)}
        self._gone = {job_id: self._seen_gone(job_id, now) for job_id in missing}
        for job in ours:
            if job.id not in self._loaded and is_under(job.source_path, refused):
                self._loaded.add(job.id, job.version)
        due = [job for job_id, job in missing.items() if self._is_gone_for_good(job_id, now)]
        return await self._retire(due, now)

    def _seen_gone(self, job_id: UUID, now: datetime) -> _Gone:
        seen = self._gone.get(job_id)
        return _Gone(now) if seen is None else replace(seen, scans=seen.scans + 1)

    def _is_gone_for_good(self, job_id: UUID, now: datetime) -> bool:
        gone = self._gone[job_id]
        return gone.scans >= GONE_SCANS and now - gone.since >= GONE_FOR

    async def _retire(self, jobs: Sequence[Job], now: datetime) -> bool:
        owner = self._owner()
        for job in jobs:
            await self._store.write(partial(retire, owner=owner, job_id=job.id, now=now))
            self._loaded.remove(job.id)
            self._gone.pop(job.id, None)
        return bool(jobs)


def _file_row(file: FileReading, jobs: Sequence[Job], now: datetime) -> JobFile:
    """What was read of a file; the jobs of a refused one are those that run on in their old version."""
    names = [job.definition.name for job in file.jobs]
    if not file.ok:
        names = [job.name for job in jobs if is_under(job.source_path, [file.path]) and job.retired_at is None]
    return JobFile(
        path=file.path, root=file.root, state=FileState.LOADED if file.ok else FileState.REFUSED,
        content_hash=file.content_hash, read_at=now, jobs=names,
        errors=[diagnostic.to_json() for diagnostic in file.diagnostics],
    )  # fmt: skip


def _write_files(
    tx: Transaction, actor: str, rows: Sequence[JobFile], present: set[str], roots: Sequence[str], now: datetime
) -> bool:
    changed = False
    refused = [row.path for row in rows if row.state is FileState.REFUSED]
    for row in rows:
        old = tx.get(JOB_FILES, row.path)
        if old is not None and replace(old, read_at=row.read_at) == row:
            continue
        changed = True
        if old is None:
            tx.insert(JOB_FILES, row)
        else:
            tx.replace(JOB_FILES, old, row)
        kind = file_event(old, row)
        tx.append(Event(at=row.read_at, kind=kind, actor=actor, detail={"path": row.path, "errors": row.errors[:5]}))
    for root in roots:
        for old in tx.scan(FILES_BY_ROOT, root):
            if old.path not in present and not is_under(old.path, refused):
                tx.delete(JOB_FILES, old.path)
                tx.append(Event(at=now, kind=gone_event(old), actor=actor, detail={"path": old.path}))
                changed = True
    return changed
