"""What a person does to the tickers of jobs, over a store that this process has open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from jobistemer_tui.domain.pauses import is_paused
from jobistemer_tui.errors import Refused
from jobistemer_tui.operations.acting_clock import acting_clock
from jobistemer_tui.operations.queries_definitions import ListedVersions
from jobistemer_tui.operations.queries_jobs import JobQueries
from jobistemer_tui.settings.deferred import deferred
from jobistemer_tui.storage.tables import JOBS_BY_KEY

if TYPE_CHECKING:
    from jobistemer_tui.domain import identity
    from jobistemer_tui.domain.acts import Act
    from jobistemer_tui.domain.clock import Clock
    from jobistemer_tui.domain.records import Job, JobGap, Occurrence
    from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
    from jobistemer_tui.engine import control, definitions, poke, ticker
    from jobistemer_tui.engine.ticker import Ticker
    from jobistemer_tui.engine.transactions import common
    from jobistemer_tui.operations import node_control, queries_gaps, queries_resolve, queries_runs, reason_text
    from jobistemer_tui.operations.nodes import NodeRow
    from jobistemer_tui.operations.queries_gaps import GapRow
    from jobistemer_tui.operations.read_models import JobRow, OccurrenceRow
    from jobistemer_tui.storage.contract import Reader, Store, Transaction
else:
    identity = deferred("jobistemer_tui.domain.identity")
    control = deferred("jobistemer_tui.engine.control")
    definitions = deferred("jobistemer_tui.engine.definitions")
    poke = deferred("jobistemer_tui.engine.poke")
    ticker = deferred("jobistemer_tui.engine.ticker")
    common = deferred("jobistemer_tui.engine.transactions.common")
    node_control = deferred("jobistemer_tui.operations.node_control")
    queries_gaps = deferred("jobistemer_tui.operations.queries_gaps")
    queries_resolve = deferred("jobistemer_tui.operations.queries_resolve")
    queries_runs = deferred("jobistemer_tui.operations.queries_runs")
    reason_text = deferred("jobistemer_tui.operations.reason_text")

K = TypeVar("K")
T = TypeVar("T")


class LocalControl:
    """The part of `contract.Operations` that acts on schedules; the rest is `local`."""

    def __init__(self, store: Store, *, clock: Clock, actor: str, nodes_dir: Path) -> None:
        self._store = store
        self._clock = clock
        self._acting = acting_clock(store, clock)
        self._actor = actor
        self._nodes_dir = nodes_dir
        self._versions = ListedVersions()
        self._jobs = JobQueries(self._versions)

    @cached_property
    def _definitions(self) -> definitions.Definitions:
        return definitions.Definitions()

    @cached_property
    def _node_control(self) -> node_control.NodeControl:
        return node_control.NodeControl(self._store, self._nodes_dir, self._acting, self._actor)

    @property
    def actor(self) -> str:
        return self._actor

    def now(self) -> datetime:
        return self._clock.now()

    def acting_time(self) -> datetime:
        return self._acting.now()

    def ticker(self, job: str) -> Ticker:
        """The ticker of a job, for whoever wants to follow it as well. Raises NotFound."""
        return self._ticker(self._store.read(lambda reader: queries_resolve.get_job(reader, job)).id)

    def nodes(self) -> list[NodeRow]:
        return self._node_control.rows()

    def drain_node(self, name: str, *, reason: str | None = None) -> NodeRow:
        return self._node_control.drain(name, reason=reason_text.kept_reason(reason))

    def undrain_node(self, name: str) -> NodeRow:
        return self._node_control.undrain(name)

    def declare_node_lost(self, name: str) -> NodeRow:
        return self._node_control.declare_lost(name)

    def start(self, job: str) -> JobRow:
        return self._row_of(self.ticker(job).start())

    def stop(self, job: str, *, reason: str | None = None) -> JobRow:
        return self._row_of(self.ticker(job).stop(reason_text.kept_reason(reason)))

    def pause(self, job: str, *, reason: str | None = None, until: datetime | None = None) -> JobRow:
        return self._row_of(self.ticker(job).pause(reason_text.kept_reason(reason), until))

    def resume(self, job: str) -> JobRow:
        return self._row_of(self.ticker(job).resume())

    def pause_all(self, *, reason: str | None = None, until: datetime | None = None) -> list[JobRow]:
        now, batch, reason = self._acting.now(), identity.new_request_id(), reason_text.kept_reason(reason)
        pause = partial(control.pause, now=now, until=until, reason=reason, actor=self._actor, batch=batch)
        return self._rows_of(self._submit(pause, [job.id for job in self._ticking() if not is_paused(job, now)]))

    def resume_all(self) -> list[JobRow]:
        now = self._acting.now()
        resume = partial(control.resume, now=now, actor=self._actor, batch=identity.new_request_id())
        resumed = self._submit(resume, [job.id for job in self._ticking() if is_paused(job, now)])
        return self._rows_of([job for job in resumed if job.paused_at is None])

    def skip(self, job: str, *, instant: datetime | None = None, reason: str | None = None) -> OccurrenceRow:
        found, reason = self.ticker(job), reason_text.kept_reason(reason)
        return self._occurrence(found.skip_next(reason) if instant is None else found.skip(instant, reason))

    def unskip(self, job: str, *, instant: datetime | None = None) -> OccurrenceRow:
        return self._occurrence(self.ticker(job).unskip(instant))

    def snooze(self, job: str, *, until: datetime, reason: str | None = None) -> OccurrenceRow:
        return self._occurrence(self.ticker(job).snooze(until, reason_text.kept_reason(reason)))

    def unsnooze(self, job: str) -> OccurrenceRow:
        return self._occurrence(self.ticker(job).unsnooze())

    def gaps(self, *, past: bool = False) -> list[GapRow]:
        return self._store.read(lambda reader: self._gaps(reader, past=past))

    def _gaps(self, reader: Reader, *, past: bool) -> list[GapRow]:
        read = queries_gaps.newest_gaps if past else queries_gaps.held_gaps
        return read(reader, self._definitions)

    def release_gap(self, job: str, *, reason: str | None = None) -> GapRow:
        return self._decide(job, control.release_gap, reason)

    def drop_gap(self, job: str, *, reason: str | None = None) -> GapRow:
        return self._decide(job, control.drop_gap, reason)

    def trim_gap(self, job: str, *, newest: int, reason: str | None = None) -> GapRow:
        return self._decide(job, partial(control.trim_gap, newest=newest), reason)

    def change_gap(self, job: str, *, strategy: RecoveryStrategy, reason: str | None = None) -> GapRow:
        return self._decide(job, partial(control.change_gap, strategy=strategy), reason)

    def _decide(self, job: str, act: Callable[..., JobGap], reason: str | None) -> GapRow:
        job_id, now = self._store.read(lambda reader: queries_resolve.get_job(reader, job)).id, self._acting.now()
        why = reason_text.kept_reason(reason)
        gap = self._write(lambda tx: act(tx, job_id, now=now, actor=self._actor, why=why))
        return self._store.read(lambda reader: queries_gaps.gap_row_of(reader, self._definitions, gap))

    def last_act(self, job: str | None = None) -> Act:
        return self._store.read(
            lambda reader: control.last_act(reader, None if job is None else queries_resolve.get_job(reader, job).id)
        )

    def undo(self, act: Act) -> list[Act]:
        now = self._acting.now()
        passed = self._store.read(lambda reader: control.unhandled(reader, act.job_id, now))
        work = partial(control.undo, passed=passed, now=now, actor=self._actor)
        return self._submit(work, [one.sequence for one in self._store.read(lambda r: control.acts_of_batch(r, act))])

    def _ticker(self, job_id: UUID) -> Ticker:
        return ticker.Ticker(self._store, job_id, clock=self._acting, actor=self._actor, on_act=self._wake)

    def _ticking(self) -> list[Job]:
        """The jobs whose instants get rows, by name."""
        jobs = self._store.read(lambda reader: reader.scan(JOBS_BY_KEY))
        return sorted((job for job in jobs if common.is_ticking(job)), key=lambda job: job.name)

    def _submit(self, work: Callable[[Transaction, K], T], keys: Sequence[K]) -> list[T]:
        """One transaction for each key, committed together; what is refused of several is left, not raised."""
        futures = [self._store.submit(partial(_call, work, key)) for key in keys]
        results, refusals = [], []
        for future in futures:
            try:
                results.append(future.result())
            except Refused as refusal:
                refusals.append(refusal)
        self._wake()
        if refusals and not results:
            raise refusals[0]
        return results

    def _row_of(self, job: Job) -> JobRow:
        return self._rows_of([job])[0]

    def _rows_of(self, jobs: Sequence[Job]) -> list[JobRow]:
        now = self.now()
        return self._store.read(lambda reader: [self._jobs.row(reader, job, now) for job in jobs])

    def _occurrence(self, row: Occurrence) -> OccurrenceRow:
        return self._store.read(lambda reader: queries_runs.occurrence_row(reader, row))

    def _write(self, work: Callable[[Transaction], T]) -> T:
        """Commit, then wake the engine."""
        result = self._store.write(work)
        self._wake()
        return result

    def _wake(self) -> None:
        poke.poke(self._nodes_dir)


def _call(work: Callable[[Transaction, K], T], key: K, tx: Transaction) -> T:
    return work(tx, key)
