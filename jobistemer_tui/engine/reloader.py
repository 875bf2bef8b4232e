"""Job files → published versions: reads what changed, publishes it, retires what is gone for good."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.identity import job_id
from jobistemer_tui.domain.records import Event, FileState, Job, JobFile
from jobistemer_tui.engine.file_changes import FileChange
from jobistemer_tui.engine.file_events import file_event
from jobistemer_tui.engine.gone_jobs import GoneJobs, missing_jobs, refused_jobs
from jobistemer_tui.engine.known_texts import KnownTexts
from jobistemer_tui.engine.loaded import Loaded
from jobistemer_tui.engine.resting import Resting
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.common import Moved, Owner
from jobistemer_tui.engine.transactions.hold_gap import hold_gap
from jobistemer_tui.engine.transactions.publish import (
    Change,
    GapHeld,
    Published,
    Source,
    Stale,
    Superseded,
    publish,
    retire,
)
from jobistemer_tui.engine.transactions.resolve_gap import GapReading, read_gap
from jobistemer_tui.engine.unchanged import (
    is_noted,
    is_still_noted,
    mark,
    noted_files,
    seen_if_settled,
    settle,
    settled_readings,
)
from jobistemer_tui.engine.wakefulness import Wakefulness
from jobistemer_tui.errors import JobistemerError, ScheduleError, StoreUnavailable
from jobistemer_tui.jobfiles.folders import is_under
from jobistemer_tui.jobfiles.reading import FileReading, Reading, Seen, SourcedJob
from jobistemer_tui.schedules.zones import zone_data_version
from jobistemer_tui.settings.own_thread import on_own_thread
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.settings.sync_points import sync_point
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import FOLLOWERS_BY_JOB, JOB_FILES, JOBS, JOBS_BY_KEY

log = logging.getLogger(__name__)
PUBLISH_TRIES = 3


class _NotNoted(Stale):
    """Another engine has found a file to be gone, or to hold something else, since it was noted as it was read."""


class Files(Protocol):
    """The files that are watched (`jobfiles.watched.WatchedFiles`, or what stands for them)."""

    @property
    def roots(self) -> Sequence[str]:
        """The absolute paths under which they lie."""

    @property
    def conditions(self) -> str:
        """While it and a file's content are the same, so is what the file means."""

    def are(self, seen: Seen) -> bool:
        """Whether they are exactly as they were seen; blocking."""

    def read(self, known: Mapping[str, FileReading], owners: Mapping[str, str]) -> Reading:
        """Read all, given earlier readings by path and who owns which job key; blocking."""

    def hash_now(self, path: str) -> str:
        """The hash of a file's content as it is now, "" if it is not to be read; blocking."""


class Reloader:
    """Compares the watched files with the store, again and again.

    On a store that is shared by several places `texts` keeps what is in our files, and `label` tells our roots.

    It keeps no more of them than hashes, but for Python files: what they define is in the store.
    """

    def __init__(
        self, store: StoreCalls, clock: Clock, loaded: Loaded, owner: Callable[[], Owner], wakefulness: Wakefulness,
        files: Files, texts: KnownTexts | None = None, label: str = "",
    ) -> None:  # fmt: skip
        self._texts = texts
        self._label = label
        self._store = store
        self._clock = clock
        self._loaded = loaded
        self._owner = owner
        self._wakefulness = wakefulness
        self._files = files
        self._seen: Seen | None = None
        self._python: dict[str, FileReading] = {}
        """The readings of Python files: they depend on more than the store knows of them."""
        self._conditions = ""
        """Those under which the Python files were read."""
        self._resting = Resting(clock, files.hash_now)
        self._has_loaded = False
        self._gone = GoneJobs()
        self._again: set[str] = set()
        self._held: set[UUID] = set()
        self.is_loading = False

    @property
    def looks_again_soon(self) -> bool:
        """Whether a job has vanished and waits for the second scan that retires it, an edit for a steady clock, or a
        file is being loaded."""
        return bool(self._gone) or bool(self._loaded.held) or self.is_loading

    async def load(self) -> None:
        """The first reading, after which claims are possible.

        Where every file is as it was when all that follows from it was done, nothing is parsed, and no job is read.
        """
        rows = self._store.read(self._noted)
        seen = seen_if_settled(rows, self._files.roots, self._files.conditions)
        if seen is None or not self._knows_all(rows) or not await self._are(seen):
            await self.reload()
        else:
            self._seen = seen
            for row in rows:
                self._loaded.add_all(row.job_ids)
            self._store.read(self._loaded.count_others)
        self._has_loaded = True

    def _knows_all(self, rows: Sequence[JobFile]) -> bool:
        """Whether the texts of all jobs in these files are known to be ours."""
        return self._texts is None or all(self._texts.of(UUID(hex=job)) for row in rows for job in row.job_ids)

    async def _is_as_read(self, conditions: str) -> bool:
        seen = self._seen
        if seen is None or not is_still_noted(self._store.read(self._noted), seen, conditions):
            return False
        return await self._are(seen)

    async def _are(self, seen: Seen) -> bool:
        """Whether the files are as they were seen."""
        try:
            return await on_own_thread(partial(self._files.are, seen), "looking at the job files")
        except JobistemerError:
            return False  # reading them meets the same and says so

    def _noted(self, reader: Reader) -> list[JobFile]:
        return noted_files(reader, self._files.roots)

    async def reload(self) -> bool:
        """Apply what changed since the last time; True if anything did."""
        conditions = self._files.conditions
        if await self._is_as_read(conditions):
            return False
        # A job that is to be retired, or could not be published, is looked for again whatever the files are then.
        self._seen = None
        rows, jobs, followers = await self._store.read_long(
            lambda reader: (self._noted(reader), reader.scan(JOBS_BY_KEY), reader.scan(FOLLOWERS_BY_JOB))
        )
        self._warn_of_other_zone_data(jobs)
        if conditions != self._conditions:
            self._python, self._conditions = {}, conditions
        ours = [row for row in rows if self._knows_all([row])]
        known = settled_readings(ours, jobs, followers, conditions) | self._python
        reading = await self._read(known, jobs)
        if reading is None:
            return False
        are_noted_anew = await self._note_files(reading, jobs, known)
        sync_point("files.noted")
        has_changed = await self._apply(reading, conditions, {job.id: job.version for job in jobs})
        return are_noted_anew or has_changed

    async def _read(self, known: Mapping[str, FileReading], jobs: Sequence[Job]) -> Reading | None:
        """Read what is not known already; None if a watched folder as a whole cannot be read."""
        owners = {job.key: job.source_path for job in jobs if job.retired_at is None}
        try:
            reading = await on_own_thread(partial(self._files.read, known, owners), "reading the job files")
        except JobistemerError as error:
            # A folder that is gone or unreadable (unmounted, renamed) retires nothing.
            log.error("job files cannot be read: %s", error)
            return None
        sync_point("files.read")
        if self._has_loaded:  # an engine that begins does not wait for files to rest; the next look makes up for that
            reading = await self._resting.at_rest(reading, known)
        return reading

    async def _apply(self, reading: Reading, conditions: str, versions: Mapping[UUID, int]) -> bool:
        """Publish what is new, retire what is gone for good, and tell what that changes; True if anything did.

        `versions` are those that were in force before the files were read.
        """
        self.is_loading = any(file.pending for file in reading.files)
        self._again.clear()
        self._held.clear()
        new = [file for file in reading.files if file.ok and self._python.get(file.path) is not file]
        change = FileChange(self._store, self._clock.now())
        await change.foresee(job for file in new for job in file.jobs)
        for file in reading.files:
            for job in file.published:
                self._loaded.add(job_id(job.key))
        published = [await self._publish_all(file, versions) for file in new]
        missing = await self._look_for_gone(reading)
        retired = await self._retire(missing, change)
        waiting = [job for job in missing if job not in retired]
        undone = {job.name for file in new if file.path in self._again for job in file.jobs}
        await change.tell(self._owner().actor, undone | {job.name for job in waiting})
        unsettled = {job.source_path for job in waiting}
        if retired:  # what was refused because of them is to be read again
            unsettled |= {file.path for file in reading.files if not file.ok}
        await self._settle(reading, unsettled, conditions)
        has_changed = any(published) or bool(retired) or self._held != self._loaded.held
        self._loaded.held = frozenset(self._held)
        self._store.read(self._loaded.count_others)
        return has_changed

    def _warn_of_other_zone_data(self, jobs: Sequence[Job]) -> None:
        roots = {self._label + root for root in self._files.roots}
        here = (job for job in jobs if job.retired_at is None and job.source_root in roots)
        if any(job.scheduled and job.timezone_data != zone_data_version() for job in here):
            log.warning("the time-zone data are now %s: jobs are planned anew before any starts", zone_data_version())

    async def _settle(self, reading: Reading, unsettled: set[str], conditions: str) -> None:
        """Mark the files for which nothing is left to do, and forget those of them that are gone.

        Something is left to do for those that are `unsettled`, pending, or not wholly published. Where there are none,
        no file needs to be read until one changes.
        """
        left = self._again | unsettled | {file.path for file in reading.files if file.pending}
        here = {file.path: file.content_hash for file in reading.files}
        actor, now = self._owner().actor, self._clock.now()
        as_read = await self._store.write(
            lambda tx: settle(
                tx, reading.roots, here, left, conditions=conditions, actor=actor, now=now, label=self._label
            )
        )
        python = [file for file in reading.files if file.is_python and file.path not in left]
        self._python = {file.path: file for file in python}
        if not left and as_read:
            imported = {path: digest for file in python for path, digest in file.imported}
            self._seen = Seen(here, imported)

    async def _publish_all(self, file: FileReading, versions: Mapping[UUID, int]) -> bool:
        changed = False
        for sourced in file.jobs:
            try:
                published = await self._publish(file, sourced, versions.get(sourced.definition.id, 0))
            except StoreUnavailable:
                raise
            except GapHeld as error:
                self._hold(sourced, error)
                continue
            except Superseded as error:
                log.warning("%s:%d: %s; %s", sourced.path, sourced.line, error.message, error.hint)
                self._loaded.remove(sourced.definition.id)
                self._again.add(file.path)
                continue
            except (Stale, Moved) as error:
                log.warning("%s:%d: %s", sourced.path, sourced.line, error, extra={"job": sourced.definition.name})
                self._again.add(file.path)
                continue
            except Exception:  # one job that cannot be published must not stop the engine
                log.exception("%s:%d: job %s", sourced.path, sourced.line, sourced.definition.name)
                self._again.add(file.path)
                continue
            sync_point("files.published")
            self._loaded.add(published.job.id)
            if self._texts is not None:
                self._texts.note(published.job.id, sourced.definition.content_hash)
            changed |= published.change is not Change.UNCHANGED
        return changed

    def _hold(self, sourced: SourcedJob, why: GapHeld) -> None:
        """Read the file again soon; until then its job goes on as it was, if it is one of ours."""
        if sourced.definition.id not in self._loaded.held:
            log.warning("%s:%d: %s; %s", sourced.path, sourced.line, why.message, why.hint)
        self._held.add(sourced.definition.id)
        self._again.add(sourced.path)

    async def _publish(self, file: FileReading, sourced: SourcedJob, version: int) -> Published:
        """Publish what was read of a file over the version that was in force then, or over the same text.

        The job is read anew if it changes meanwhile. Over another text, which may be newer, nothing is published.
        """
        tries = 0
        while True:
            # The scheduler may not have had its turn since the machine slept, and an edit must not swallow that gap.
            self._wakefulness.look(self._clock.read())
            owner, now = self._owner(), self._clock.now()
            job = self._store.read(lambda reader: reader.get(JOBS, sourced.definition.id))
            if job is not None and job.content_hash == sourced.definition.content_hash:
                version = job.version
            gap = await self._gap_of(sourced, job, owner, now)
            if gap is not None and gap.is_held and gap.row is not None:
                await self._store.write(partial(hold_gap, owner=owner, gap=gap.row, now=now))
            write = partial(
                publish, owner=owner, definition=sourced.definition, now=now, gap=gap,
                reason=self._wakefulness.reason,
                source=Source(sourced.path, sourced.line, self._label + sourced.root),
                seen=version,
            )  # fmt: skip
            try:
                return await self._store.write(partial(_if_noted, file=file, write=write))
            except BaseException as error:
                owner.definitions.forget()
                tries += 1
                if tries == PUBLISH_TRIES or not isinstance(error, Stale | Moved):
                    raise
                if isinstance(error, _NotNoted) and not await self._note_again(file, now):
                    raise

    async def _note_again(self, file: FileReading, now: datetime) -> bool:
        """Note a file once more that another engine has noted otherwise; False if it is not as it was read any more.

        On a shared store that engine may have another file at the same path, on a machine of its own.
        """
        is_now = await on_own_thread(partial(self._files.hash_now, file.path), "looking at a job file again")
        if is_now == file.content_hash:
            row = _file_row(file, (), now)
            await self._store.write(lambda tx: _write_files(tx, self._owner().actor, [row], ()))
        return is_now == file.content_hash

    async def _gap_of(self, sourced: SourcedJob, job: Job | None, owner: Owner, now: datetime) -> GapReading | None:
        """The old version's gap, which an edit must not swallow."""
        if job is None or job.content_hash == sourced.definition.content_hash or job.retired_at is not None:
            return None
        return await self._read_gap(job, owner, now)

    async def _read_gap(self, job: Job, owner: Owner, now: datetime) -> GapReading | None:
        """None where its schedule does not work: what cannot be planned has no gap."""
        awake, job_id = self._wakefulness.awake, job.id
        read = partial(read_gap, owner=owner, job_id=job_id, awake=awake, now=now, away=self._wakefulness)
        try:
            return await self._store.read_long(read)
        except ScheduleError:
            return None

    async def _note_files(self, reading: Reading, jobs: Sequence[Job], known: Mapping[str, FileReading]) -> bool:
        """Keep what was read of each file, so that every screen can show it; refusals go into the audit.

        What was read anew loses its mark before anything of it is published: a kill may leave half of it done.
        """
        now = self._clock.now()
        rows = [_file_row(file, jobs, now) for file in reading.files if not file.pending]
        kept = {file.path for file in reading.files if known.get(file.path) == file}
        return await self._store.write(lambda tx: _write_files(tx, self._owner().actor, rows, kept))

    async def _look_for_gone(self, reading: Reading) -> list[Job]:
        """The jobs of our roots that no file holds any more; what is refused keeps its jobs, and they run on."""
        jobs = await self._store.read_long(lambda reader: reader.scan(JOBS_BY_KEY))
        ours = [job for job in jobs if job.source_root.startswith(self._label)]
        for job in refused_jobs(ours, reading):
            self._loaded.add(job.id)
        return missing_jobs(ours, reading)

    async def _retire(self, missing: Sequence[Job], change: FileChange) -> list[Job]:
        """Retire those jobs that have been gone for 5 s and two scans; gives them."""
        retired = []
        due = self._gone.look(missing, self._clock.read().monotonic)
        await change.foresee((), [job.id for job in due])
        for job in due:
            try:
                if await self._retire_one(job):
                    retired.append(job)
            except StoreUnavailable:
                raise
            except Moved as error:  # somebody handled what was due, or published it; the next scan looks again
                log.info("%s", error, extra={"job": job.name})
            except Exception:  # one job that cannot be retired must not keep the others
                log.exception("job %s cannot be retired", job.name)
        return retired

    async def _retire_one(self, job: Job) -> bool:
        """False if the clock has to be steady first: it may have set aside what is still to come."""
        self._wakefulness.look(self._clock.read())
        owner, now, reason = self._owner(), self._clock.now(), self._wakefulness.reason
        gap = await self._read_gap(job, owner, now)
        if gap is not None and not gap.steady:
            return False
        await self._store.write(partial(retire, owner=owner, job_id=job.id, now=now, gap=gap, reason=reason, seen=job))
        self._loaded.remove(job.id)
        self._gone.forget(job.id)
        return True


def _if_noted(tx: Transaction, *, file: FileReading, write: Callable[[Transaction], Published]) -> Published:
    """Publish what was read of a file that was noted, unless another engine has seen since that it is gone or other.

    That one does not look any more for what a file held that is gone, and nobody would retire the job; nor does it
    publish what the file holds now where that is in force, and the older text would stay. Raises _NotNoted.
    """
    if not is_noted(tx, file.path, file.content_hash):
        raise _NotNoted(f"{file.path} was found to be gone, or to hold something else, meanwhile")
    return write(tx)


def _file_row(file: FileReading, jobs: Sequence[Job], now: datetime) -> JobFile:
    """What was read of a file; the jobs of a refused one are those that run on in their old version."""
    here = [(job.name, job_id(job.key)) for job in file.held]
    if not file.ok:
        here = [(job.name, job.id) for job in jobs if is_under(job.source_path, [file.path]) and job.retired_at is None]
    return JobFile(
        path=file.path, root=file.root, state=FileState.LOADED if file.ok else FileState.REFUSED,
        content_hash=file.content_hash, read_at=now, jobs=[name for name, _ in here],
        errors=[diagnostic.to_json() for diagnostic in file.diagnostics], job_ids=[id_.hex for _, id_ in here],
    )  # fmt: skip


def _write_files(tx: Transaction, actor: str, rows: Sequence[JobFile], kept: Collection[str]) -> bool:
    changed = False
    for row in rows:
        old = tx.get(JOB_FILES, row.path)
        if old is not None and replace(old, read_at=row.read_at, settled=None) == row:
            if row.path not in kept:
                mark(tx, old, None)
            continue
        changed = True
        if old is None:
            tx.insert(JOB_FILES, row)
        else:
            tx.replace(JOB_FILES, old, row)
        kind = file_event(old, row)
        tx.append(Event(at=row.read_at, kind=kind, actor=actor, detail={"path": row.path, "errors": row.errors[:5]}))
    return changed
