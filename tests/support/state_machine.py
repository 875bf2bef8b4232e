"""One state machine over every backend: the same steps on each, equal results step by step, invariants throughout.

The rules are what engines, supervisors, people, files and clocks do to a store; nothing else decides anything. The
invariants are those of the failure analysis (I1 to I9 in docs/design/state-machine.md) as far as rows can show them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.policies import Keep
from jobistemer_tui.domain.records import Attempt, Job, Occurrence
from jobistemer_tui.domain.states import (
    IN_TURN,
    LIVE_OCCURRENCES,
    OPEN_ATTEMPTS,
    OPEN_TASK_RUNS,
    OWNED_OCCURRENCES,
    TERMINAL_OCCURRENCES,
    Reason,
    TaskRunState,
)
from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.domain.task_run_moves import AttemptEnd
from jobistemer_tui.engine import control
from jobistemer_tui.engine.planner import AHEAD
from jobistemer_tui.engine.transactions.advance import advance, start_retry, stop_or_expire
from jobistemer_tui.engine.transactions.claim import claim
from jobistemer_tui.engine.transactions.clear import clear, read_families
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.engine.transactions.handle_due import handle_due
from jobistemer_tui.engine.transactions.publish import publish, retire
from jobistemer_tui.engine.transactions.pull_back import pull_back
from jobistemer_tui.engine.transactions.resolve_gap import GapReading, read_gap, resolve_gap
from jobistemer_tui.engine.transactions.takeover import Evidence, adopt, reap
from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.schedules import parse_schedule
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_OCCURRENCE,
    EVENTS_BY_SEQUENCE,
    JOBS,
    OCCURRENCES,
    OCCURRENCES_BY_ID,
    RANGES_BY_JOB,
    TABLES,
    TASK_RUNS_BY_OCCURRENCE,
    Index,
    indexes_of,
)
from tests.support.engine_world import SOURCE, START, World, job, task
from tests.support.store_backends import BACKENDS, Backend, Place

SLOTS = 3
IN_MEMORY = Path("/dev/shm")
KEEP = Keep(age=None, runs=None, size=None)
PICK = st.integers(0, 1000)
NODE = st.integers(0, 1)
SCHEDULES = ("*/20 * * * *", "*/30 * * * *", "10 * * * *")
RECOVERIES = ("execute-last", "execute-all", "mark-as-missed", "bounded-window", "compressed")
ENDS = (A.SUCCESS, A.SUCCESS, A.FAILED, A.TIMEOUT, A.LOST, A.NOT_STARTED)
JOBS_UNDER_TEST: dict[str, dict[str, Any]] = {
    "skips": {"overlap_policy": "skip", "retry_policy.max_retries": 1},
    "queues": {"overlap_policy": "queue", "queue_limit": 3, "on_lost": "rerun"},
    "replaces": {"overlap_policy": "replace", "start_deadline": 900.0},
    "pairs": {"overlap_policy": "queue", "max_active": 2, "concurrency_group": "g", "failure_strategy": "continue"},
    "allows": {"overlap_policy": "allow", "concurrency_group": "g", "priority": 5},
}
NAME = st.sampled_from(sorted(JOBS_UNDER_TEST))


def definition(name: str, schedule: str, recovery: str) -> JobDefinition:
    """One of the jobs in one of its variants: two tasks, of which the second needs the first."""
    values = JOBS_UNDER_TEST[name]
    return job(task("dump"), task("copy", "dump"), name=name, schedule=schedule, recovery_strategy=recovery, **values)


@dataclass
class Ticking:
    """A time in which a schedule was in force: every instant after `begin` has a fate once the cursor has passed it."""

    job_id: UUID
    schedule: str
    begin: datetime
    checked: datetime
    end: datetime | None = None


class StoreMachine(RuleBasedStateMachine):
    """Steps over all backends of the registry at once; `self.worlds[0]` is looked at to choose the next one."""

    backends: Sequence[Backend] = BACKENDS

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
        self.places = [Place(backend, self.folder / backend.name, alone=True) for backend in self.backends]
        for place in self.places:
            place.folder.mkdir()
        self.worlds = [World(place.fresh()) for place in self.places]
        self.now = self.awake = START
        self.nodes = [UUID(int=1), UUID(int=2)]
        self.dead: set[UUID] = set()
        self.requests = self.told = 0
        self.ticking, self.past = dict[UUID, Ticking](), list[Ticking]()
        self.epochs: dict[UUID, tuple[UUID | None, int]] = {}
        self.ended: set[UUID] = set()
        self.cleared = START

    def teardown(self) -> None:
        try:
            self.compare_everything()
        finally:
            for place in self.places:
                place.close()
            shutil.rmtree(self.folder)

    # --- the same on each backend

    def each(self, work: Callable[..., Any], *args: Any, node: int | UUID | None = None, **kwargs: Any) -> Any:
        """Run a transaction on every backend; all give the same, an error included."""
        outcomes = [self._outcome(world, work, args, node, kwargs) for world in self.worlds]
        assert all(outcome == outcomes[0] for outcome in outcomes[1:]), outcomes
        events = [
            world.raw.read(lambda reader: reader.scan(EVENTS_BY_SEQUENCE, low=self.told + 1)) for world in self.worlds
        ]
        assert all(found == events[0] for found in events[1:]), events
        self.told = events[0][-1].sequence if events[0] else self.told
        return outcomes[0]

    def _outcome(self, world: World, work: Callable[..., Any], args: Any, node: int | UUID | None, kwargs: Any) -> Any:
        if node is not None:
            owner = self.nodes[node] if isinstance(node, int) else node
            args = (Owner(owner, world.definitions, SLOTS), *args)
        try:
            return world.run(work, *args, **kwargs)
        except JobistemerError as error:
            return type(error), error.message

    def compare_everything(self) -> None:
        """Every row of every table is the same everywhere."""
        first, *others = (world.raw.read(everything) for world in self.worlds)
        for other in others:
            assert other == first

    # --- what is there

    def occurrences(self, *states: S) -> list[Occurrence]:
        rows = self.worlds[0].raw.read(lambda reader: reader.scan(OCCURRENCES_BY_ID))
        return [row for row in rows if not states or row.state in states]

    def attempts(self, state: A) -> list[tuple[Occurrence, Attempt]]:
        rows = self.occurrences(*OWNED_OCCURRENCES)

        def work(reader: Reader) -> list[tuple[Occurrence, Attempt]]:
            return [(row, each) for row in rows for each in reader.scan(ATTEMPTS_BY_OCCURRENCE, row.id)]

        return [pair for pair in self.worlds[0].raw.read(work) if pair[1].state is state]

    def the_job(self, name: str) -> Job | None:
        return self.worlds[0].raw.read(lambda reader: reader.get(JOBS, identity.job_id(name)))

    def chosen(self, rows: Sequence[Any], pick: int) -> Any:
        return rows[pick % len(rows)] if rows else None

    # --- time

    @rule(seconds=st.sampled_from((1, 30, 61, 600, 1300)))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(hours=st.sampled_from((0.5, 1.0, 3.0)), node=NODE, asleep=st.booleans())
    def nobody_was_awake(self, hours: float, node: int, asleep: bool) -> None:
        """Downtime, sleep or a clock set ahead: the gap of each job is resolved before anything else."""
        self.handle_all(node)
        self.now += timedelta(hours=hours)
        self.awake = self.now
        reason = Reason.ASLEEP if asleep else Reason.DOWNTIME
        for name in JOBS_UNDER_TEST:
            reading = self.gap_of(name, node)
            if reading is not None and reading.gap.slots:
                self.each(resolve_gap, reading, node=node, reason=reason, now=self.now, due_at=self.now)

    @rule(minutes=st.sampled_from((1, 15, 50)), node=NODE)
    def the_clock_is_set_back(self, minutes: int, node: int) -> None:
        # Not to before what was cleared away: keep says that nothing that old comes again.
        self.now = max(self.cleared, self.now - timedelta(minutes=minutes))
        self.awake = self.now
        for name in JOBS_UNDER_TEST:
            found = self.the_job(name)
            if found is not None and found.cursor_at > self.now + AHEAD:
                self.each(pull_back, found.id, self.now, node=node)

    def gap_of(self, name: str, node: int) -> GapReading | None:
        """The gap of a job, read alike on every backend."""
        found = self.the_job(name)
        if found is None:
            return None
        readings = [self._read_gap(world, found.id, node) for world in self.worlds]
        assert all(reading == readings[0] for reading in readings)
        return readings[0]

    def _read_gap(self, world: World, job_id: UUID, node: int) -> GapReading:
        owner = Owner(self.nodes[node], world.definitions, SLOTS)
        return world.raw.read(lambda reader: read_gap(reader, owner, job_id, awake=self.awake, now=self.now))

    # --- engines

    @rule(pick=PICK, node=NODE)
    def an_instant_is_handled(self, pick: int, node: int) -> None:
        due = [row for row in self.occurrences(S.PLANNED) if row.due_at <= self.now]
        row = self.chosen(due, pick)
        if row is not None:
            self.each(handle_due, row.id, self.now, node=node)

    @rule(pick=PICK, node=NODE)
    def one_that_waits_is_claimed(self, pick: int, node: int) -> None:
        row = self.chosen(self.occurrences(S.PENDING, S.QUEUED), pick)
        if row is not None:
            self.each(claim, row.id, self.now, node=node)

    @rule(node=NODE)
    def an_engine_turns(self, node: int) -> None:
        self.handle_all(node)
        for row in sorted(self.occurrences(S.PENDING, S.QUEUED), key=lambda row: (row.rank, row.due_at, row.id)):
            self.each(claim, row.id, self.now, node=node)

    def handle_all(self, node: int) -> None:
        """Everything that is due gets its fate, as in the turn of an engine that is awake."""
        while due := [row for row in self.occurrences(S.PLANNED) if row.due_at <= self.now]:
            for row in due:
                self.each(handle_due, row.id, self.now, node=node)

    @rule(pick=PICK, end=st.sampled_from(ENDS))
    def a_try_ends(self, pick: int, end: A) -> None:
        pair = self.chosen(self.attempts(A.RUNNING), pick)
        if pair is not None:
            row, attempt = pair
            stopping = row.state is S.CANCELING and end is not A.SUCCESS
            ended = AttemptEnd(A.CANCELED if stopping else end, None, self.now)
            advanced = self.each(advance, attempt.id, ended, self.now, node=row.owner)
            assert not advanced.fenced

    @rule(pick=PICK)
    def a_dead_engine_reports(self, pick: int) -> None:
        """I8: what a dead owner writes is kept out, and leaves only a line in the audit."""
        pair, ghost = self.chosen(self.attempts(A.RUNNING), pick), self.chosen(sorted(self.dead), pick)
        if pair is not None and ghost is not None:
            row, attempt = pair
            advanced = self.each(advance, attempt.id, AttemptEnd(A.SUCCESS, None, self.now), self.now, node=ghost)
            assert advanced.fenced
            assert self.worlds[0].occurrence(row) == row

    @rule(pick=PICK)
    def a_retry_is_due(self, pick: int) -> None:
        pair = self.chosen(self.attempts(A.PLANNED), pick)
        if pair is not None:
            self.each(start_retry, pair[1].id, self.now, node=pair[0].owner)

    @rule(pick=PICK)
    def what_is_stopping_is_carried_on(self, pick: int) -> None:
        row = self.chosen(self.occurrences(*OWNED_OCCURRENCES), pick)
        if row is not None:
            self.each(stop_or_expire, row.id, self.now, node=row.owner)

    @rule(which=NODE, reaps=st.booleans())
    def an_engine_is_killed(self, which: int, reaps: bool) -> None:
        """Its successor adopts what it owned, or reaps it with evidence that nothing of it is left."""
        gone, successor = self.nodes[which], UUID(int=100 + len(self.dead))
        self.dead.add(gone)
        self.nodes[which] = successor
        running = self.attempts(A.RUNNING)
        for row in self.occurrences(*OWNED_OCCURRENCES):
            if row.owner != gone:
                continue
            lost = frozenset(attempt.id for owner, attempt in running if owner.id == row.id)
            evidence = Evidence(gone, row.epoch, lost=lost, never_started=frozenset())
            reaped = self.each(reap, row.id, evidence, self.now, node=successor) if reaps else None
            if reaped is None:
                self.each(adopt, row.id, gone, self.now, node=successor)

    @rule(name=NAME, keeps=st.integers(0, 3))
    def retention_clears(self, name: str, keeps: int) -> None:
        """All closed runs of a job but the newest go, with their replays."""
        job_id = identity.job_id(name)
        found = self.worlds[0].raw.read(lambda reader: read_families(reader, job_id, KEEP))
        past = [one for one in found if one.is_closed and all(row.scheduled_at <= self.now for row in one.rows)]
        going = sorted(past, key=lambda one: one.ended_at)[: max(0, len(past) - keeps)]
        if going:
            self.cleared = max(self.cleared, *(row.scheduled_at for one in going for row in one.rows))
            self.each(clear, job_id, going, now=self.now, actor="engine")

    # --- files

    @initialize()
    def files_are_read(self) -> None:
        for name in JOBS_UNDER_TEST:
            self.publish(definition(name, SCHEDULES[0], RECOVERIES[0]), 0)

    @rule(name=NAME, schedule=st.sampled_from(SCHEDULES), recovery=st.sampled_from(RECOVERIES), node=NODE)
    def a_file_is_saved(self, name: str, schedule: str, recovery: str, node: int) -> None:
        self.handle_all(node)
        self.publish(definition(name, schedule, recovery), node)

    def publish(self, wanted: JobDefinition, node: int) -> None:
        before = self.the_job(wanted.name)
        gap = self.gap_of(wanted.name, node)
        self.each(publish, wanted, SOURCE, node=node, now=self.now, gap=gap)
        self.note_ticking(wanted.name, before)

    @rule(name=NAME, node=NODE)
    def a_file_vanishes(self, name: str, node: int) -> None:
        self.handle_all(node)
        self.each(retire, identity.job_id(name), self.now, node=node)
        self.note_ticking(name, None)

    def note_ticking(self, name: str, before: Job | None) -> None:
        """What the schedule promises from now on, and what the one before promised until now."""
        after = self.the_job(name)
        assert after is not None
        old = self.ticking.get(after.id)
        ticks = after.retired_at is None and not after.stopped
        world = self.worlds[0]
        schedule = str(world.raw.read(lambda r: world.definitions.of(r, after.id, after.version)).schedule)
        ticked = before is not None and before.retired_at is None and not before.stopped
        if old is not None and ticks and ticked and old.schedule == schedule:
            return
        if old is not None:
            self.past.append(replace(self.ticking.pop(after.id), end=self.now))
        if ticks:
            self.ticking[after.id] = Ticking(after.id, schedule, self.now, self.now)

    # --- people

    @rule(name=NAME, again=st.booleans(), forced=st.booleans())
    def a_run_is_asked_for(self, name: str, again: bool, forced: bool) -> None:
        """Twice in the same second for a double press, which makes one run."""
        self.requests += 1
        request = self.request(forced=forced)
        made = self.each(control.trigger, identity.job_id(name), request)
        if again:
            twice = self.each(control.trigger, identity.job_id(name), request)
            assert twice == made, "also where it is refused"

    def request(self, *, forced: bool = False) -> control.Request:
        until = self.now + timedelta(hours=1)
        return control.Request(UUID(int=10_000 + self.requests), self.now, "me", until, forced=forced)

    @rule(pick=PICK, failed_only=st.booleans())
    def a_run_is_repeated(self, pick: int, failed_only: bool) -> None:
        row = self.chosen(self.occurrences(*sorted(TERMINAL_OCCURRENCES)), pick)
        if row is not None:
            self.requests += 1
            self.each(control.replay, row.id, self.request(), failed_only=failed_only)

    @rule(pick=PICK)
    def a_run_is_cancelled(self, pick: int) -> None:
        row = self.chosen(self.occurrences(), pick)
        if row is not None:
            self.each(control.cancel, row.id, now=self.now, actor="me", reason=None)

    @rule(name=NAME, minutes=st.sampled_from((None, 30)))
    def a_job_is_paused(self, name: str, minutes: int | None) -> None:
        until = None if minutes is None else self.now + timedelta(minutes=minutes)
        self.each(control.pause, identity.job_id(name), now=self.now, until=until, reason=None, actor="me")

    @rule(name=NAME)
    def a_job_is_resumed(self, name: str) -> None:
        self.each(control.resume, identity.job_id(name), now=self.now, actor="me")

    @rule(name=NAME, stop=st.booleans(), node=NODE)
    def a_schedule_is_stopped_or_started(self, name: str, stop: bool, node: int) -> None:
        self.handle_all(node)
        before = self.the_job(name)
        self.each(control.stop if stop else control.start, identity.job_id(name), now=self.now, actor="me")
        self.note_ticking(name, before)

    @rule(name=NAME, undo=st.booleans())
    def the_next_run_is_skipped(self, name: str, undo: bool) -> None:
        act = control.unskip if undo else control.skip_next
        self.each(act, identity.job_id(name), now=self.now, actor="me")

    @rule(name=NAME, minutes=st.sampled_from((None, 5, 45)))
    def the_next_run_is_put_off(self, name: str, minutes: int | None) -> None:
        if minutes is None:
            self.each(control.unsnooze, identity.job_id(name), now=self.now, actor="me")
        else:
            until = self.now + timedelta(minutes=minutes)
            self.each(control.snooze, identity.job_id(name), until=until, now=self.now, actor="me")

    # --- invariants

    @invariant()
    def each_instant_has_exactly_one_fate(self) -> None:
        """I1: a row, or a place in a range row; two rows for one instant cannot be, since the instant is the id."""
        for known in (*self.past, *self.ticking.values()):
            self._check_instants(known)

    def _check_instants(self, known: Ticking) -> None:
        raw = self.worlds[0].raw
        found = raw.read(lambda reader: reader.get(JOBS, known.job_id))
        assert found is not None
        until = min(found.cursor_at, self.now, known.end or found.cursor_at)
        if until <= known.checked:
            return
        schedule = parse_schedule(known.schedule, timezone="UTC")
        ranges = raw.read(lambda reader: reader.scan(RANGES_BY_JOB, known.job_id))
        for instant in schedule.between(known.checked, until):
            row = raw.read(partial(_row_at, job_id=known.job_id, instant=instant))
            held = any(one.from_at <= instant <= one.to_at for one in ranges)
            assert row is not None or held, f"I1: {instant} of {found.name} has no fate"
        known.checked = until

    @invariant()
    def rows_agree(self) -> None:
        """I2 to I5 and I7 to I9 (the checked store sees to I6); an epoch rises with each owner and never falls."""
        rows = self.occurrences()
        for row in rows:
            owner, epoch = self.epochs.get(row.id, (row.owner, row.epoch))
            assert row.epoch >= epoch, "an epoch never falls"
            assert row.owner == owner or row.owner is None or row.epoch > epoch, "a new owner has a new epoch"
            self.epochs[row.id] = (row.owner, row.epoch)
            if row.state in OWNED_OCCURRENCES:
                assert row.owner in self.nodes, "what is live has a living owner"
        self._check_overlap(rows)
        self._check_children(rows)

    def _check_overlap(self, rows: list[Occurrence]) -> None:
        limits = {identity.job_id(name): 2 if name == "pairs" else 1 for name in JOBS_UNDER_TEST if name != "allows"}
        longest = {identity.job_id("queues"): 3, identity.job_id("replaces"): 1}
        for job_id, limit in limits.items():
            own = [row for row in rows if row.job_id == job_id]
            owned = [row for row in own if row.state in OWNED_OCCURRENCES and not row.forced]
            assert len(owned) <= limit, "no more run at once than max_active"
            queued = [row for row in own if row.state is S.QUEUED and row.group_name is None]
            assert not queued or any(row.state in LIVE_OCCURRENCES for row in own), "nothing queues behind nothing"
            asked = sum(row.trigger not in IN_TURN for row in queued)
            assert asked <= longest.get(job_id, asked), "a queue is no longer than it may be"
        grouped = [row for row in rows if row.group_name and row.state in OWNED_OCCURRENCES and not row.forced]
        assert len(grouped) <= 1, "no more of a group run at once than its limit"

    def _check_children(self, rows: list[Occurrence]) -> None:
        def work(reader: Reader) -> None:
            for row in rows:
                ended = row.state in TERMINAL_OCCURRENCES
                if not ended:
                    self.ended.discard(row.id)  # a clock was set back: what was missed lies ahead again
                if row.id in self.ended or not (ended or row.state in OWNED_OCCURRENCES):
                    continue
                runs = reader.scan(TASK_RUNS_BY_OCCURRENCE, row.id)
                attempts = reader.scan(ATTEMPTS_BY_OCCURRENCE, row.id)
                _check_tree(row, {run.id: run.state for run in runs}, attempts)
                if ended:
                    self.ended.add(row.id)

        self.worlds[0].raw.read(work)


class MemoryMachine(StoreMachine):
    """The invariants alone, on the reference backend."""

    backends = BACKENDS[:1]


def _check_tree(row: Occurrence, runs: dict[UUID, TaskRunState], attempts: list[Attempt]) -> None:
    if row.state in TERMINAL_OCCURRENCES:
        assert not any(state in OPEN_TASK_RUNS for state in runs.values()), "I7: what has ended has no open task"
        assert not any(attempt.state in OPEN_ATTEMPTS for attempt in attempts), "I7: nor an open try"
    if row.state is S.COMPLETED:
        assert set(runs.values()) <= {TaskRunState.SUCCESS, TaskRunState.SKIPPED}, "I4"
    for run in runs:
        own = sorted((each for each in attempts if each.task_run_id == run), key=lambda each: each.number)
        assert [each.number for each in own] == list(range(1, len(own) + 1)), "I2"
        assert sum(each.state in OPEN_ATTEMPTS for each in own) <= 1, "I2: one open try at a time"
        assert sum(each.state in (A.FAILED, A.TIMEOUT) for each in own) <= 2, "I3: one retry at most"
        assert sum(each.state is A.SUCCESS for each in own) <= 1, "I3"


def _row_at(reader: Reader, *, job_id: UUID, instant: datetime) -> Occurrence | None:
    return reader.get(OCCURRENCES, identity.occurrence_id(job_id, instant))


def everything(reader: Reader) -> dict[str, list[Any]]:
    """Every row of every table."""
    orders: dict[str, Index[Any]] = {table.name: indexes_of(table)[0] for table in TABLES if indexes_of(table)}
    return {name: sorted(reader.scan(index), key=repr) for name, index in orders.items()}
