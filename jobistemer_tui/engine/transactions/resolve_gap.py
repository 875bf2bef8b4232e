"""Transaction 6: give every instant of a gap its fate, once, and move the cursor so that it stays once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain, takewhile
from uuid import UUID

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.instants import instant_text, parse_instant
from jobistemer_tui.domain.pauses import snoozed_until
from jobistemer_tui.domain.policies import JobPolicies
from jobistemer_tui.domain.records import Detail, GapState, Job, JobGap, MissedRange, Occurrence, Pause
from jobistemer_tui.domain.states import WAITING_OCCURRENCES, OccurrenceState, Reason, Trigger, Who
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.older_instants import parts_of, with_cut
from jobistemer_tui.engine.planner import fate, is_gap
from jobistemer_tui.engine.recovery import MAX_ROWS, Choice, Gap, Part, Recovery, collect_gap, recover, slots_of_gap
from jobistemer_tui.engine.transactions.announce import announce_gap, count_unrun
from jobistemer_tui.engine.transactions.common import (
    Moved,
    Owner,
    blocking,
    has_run,
    is_ticking,
    load_of,
    plan_next,
    planned_row,
    tell,
    tell_job,
    the_job,
    write_job,
    write_occurrence,
)
from jobistemer_tui.engine.transactions.cut_range import rows_with_fate
from jobistemer_tui.engine.transactions.give_up import give_up
from jobistemer_tui.engine.transactions.groups import ranked
from jobistemer_tui.engine.transactions.handle_due import give_fate, next_place, why_passed_over
from jobistemer_tui.engine.transactions.hold_gap import (
    close_gap,
    doubted_until,
    gap_row,
    has_fate,
    judged,
    keep_resolved,
)
from jobistemer_tui.engine.transactions.wake import has_live_in_turn, wake_queue
from jobistemer_tui.engine.wakefulness import Wakefulness
from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules import Schedule, Slot
from jobistemer_tui.schedules.contract import just_before
from jobistemer_tui.settings.quick_dataclass import dataclass, replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import MISSED_RANGES, OCCURRENCES_BY_JOB_STATE, PAUSES_BY_JOB

_End = Callable[[Transaction, Occurrence, Reason, datetime, Detail], None]


@dataclass(frozen=True, slots=True)
class _Older:
    """How many instants without a row of their own a strategy passed over, and the first of them."""

    count: int = 0
    begin: datetime | None = None


@dataclass(frozen=True, slots=True)
class GapReading:
    """The gap of a job as read before its transaction; `cursor_at` guards that nobody resolved it meanwhile.

    `spread_s`: within how many seconds the job wants starts after a gap to be spread. `row` is its row as it would
    have to be kept while it is held; `is_held` whether it has to be.
    """

    job_id: UUID
    cursor_at: datetime
    gap: Gap
    spread_s: float = 0.0
    row: JobGap | None = None

    @property
    def is_held(self) -> bool:
        """Whether it waits, for a steady clock or for a person."""
        return self.row is not None and self.row.held_for is not None

    @property
    def steady(self) -> bool:
        """Whether the clock can be trusted with it (hazard 14)."""
        return self.row is None or self.row.held_for is not Reason.CLOCK_UNSTEADY


def read_gap(
    reader: Reader, owner: Owner, job_id: UUID, *, awake: datetime, now: datetime, away: Wakefulness | None = None
) -> GapReading:
    """Find the slots that passed without a fate while no engine was awake; may take long for a long gap.

    `away` knows since and why none was, and whether the clock may be believed; without it nothing is held.
    """
    job = the_job(reader, job_id)
    policies = owner.definitions.of(reader, job.id, job.version).policies
    promised = _promised(reader, policies, job, awake=awake, now=now)
    schedule = owner.definitions.schedule(reader, job) if is_ticking(job) else None
    slots, skipped = _gap_slots(policies, schedule, job, awake=awake, now=now)
    gap = _with_cut(reader, job, collect_gap(chain(promised, slots), skipped), schedule)
    row = None
    # What already ran, as by a backfill or before the clock went back, waits for nothing: `left_over` says the same.
    first = () if gap.older_from is None else (gap.older_from,)
    instants = chain(first, (slot.instant for slot in gap.slots))
    begin = next((instant for instant in instants if not has_fate(reader, job, instant)), None)
    if begin is not None and away is not None:
        row = judged(job_id, begin, gap_row(reader, job_id), away, now, hold_s=policies.recovery_hold)
        row = replace(row, end_at=gap.end, count=gap.count, strategy=policies.recovery)
    return GapReading(job_id, job.cursor_at, gap, policies.recovery_spread, row)


def _with_cut(reader: Reader, job: Job, gap: Gap, schedule: Schedule | None) -> Gap:
    """The pauses are read for a long gap alone: after a start each job may have a gap, and few are long."""
    return gap if gap.older_from is None else with_cut(gap, schedule, reader.scan(PAUSES_BY_JOB, job.id))


def _promised(reader: Reader, policies: JobPolicies, job: Job, *, awake: datetime, now: datetime) -> list[Slot]:
    """What lies before the cursor and was to start late (an edit has left it so), but then no engine was awake."""
    planned = reader.scan(OCCURRENCES_BY_JOB_STATE, job.id, OccurrenceState.PLANNED)
    left = (row for row in planned if row.scheduled_at <= job.cursor_at and row.created_at < awake)
    instants = sorted(row.scheduled_at for row in left)
    return [Slot(instant) for instant in instants if is_gap(policies, instant, None, now=now, awake=awake)]


def _gap_slots(
    policies: JobPolicies, schedule: Schedule | None, job: Job, *, awake: datetime, now: datetime
) -> tuple[Iterator[Slot], int]:
    if schedule is None:
        return iter(()), 0
    slots, skipped = slots_of_gap(schedule, job.cursor_at, min(now, just_before(awake)))
    return _missed(policies, slots, awake=awake, now=now), skipped


def _missed(policies: JobPolicies, slots: Iterator[Slot], *, awake: datetime, now: datetime) -> Iterator[Slot]:
    current = next(slots, None)
    while current is not None and current.instant < awake and current.instant <= now:
        following = next(slots, None)
        after = None if following is None else following.instant
        if not is_gap(policies, current.instant, after, now=now, awake=awake):
            return
        yield current
        current = following


def resolve_gap(
    tx: Transaction, owner: Owner, reading: GapReading, *, reason: Reason, now: datetime, due_at: datetime
) -> list[Occurrence]:
    """Write the gap's rows; gives the occurrences that are to run after all, the first due at `due_at`.

    What was to be skipped, and what passed during a pause, is skipped whatever the strategy. Raises Moved if the
    cursor is no longer where it was read, or the gap has been held for a steady clock since.
    """
    job, gap = the_job(tx, reading.job_id), reading.gap
    _refuse_if_moved(tx, job, reading, now)
    if not gap.slots:
        return []
    kept = _row_of(tx, reading, reason, now)
    choice, reason = Choice.of(kept), kept.reason
    definition = owner.definitions.of(tx, job.id, job.version)
    policies = choice.applied(definition.policies)
    eligible = _eligible(tx, owner, job, kept, gap, now)
    waiting = _waiting_recoveries(tx, job)
    decided = recover(policies, [row.scheduled_at for row in eligible], [row.scheduled_at for row in waiting], now=now)
    into = {"compressed_into": str(eligible[-1].id)} if decided.stands_for else {}
    superseded = [row for row in waiting if row.scheduled_at in decided.superseded]
    _give_up_superseded(tx, owner, superseded, decided, into, now)
    execute = [row for row in eligible if row.scheduled_at in decided.execute]
    why = decided.passed_over or reason
    older = _resolve_oldest(tx, owner.definitions, job, kept, gap, why, now, into)
    window = _window(decided, older, [row.window for row in waiting])
    recovered = _execute(tx, owner, job, policies, execute, window, now, due_at)
    missed = _miss_others(tx, eligible, decided, why, into, now) + older.count
    announce_gap(tx, definition, job, missed, why, gap.end, now, given_up=len(superseded))
    cursor = max(job.cursor_at, gap.end)
    write_job(tx, job, plan_next(tx, replace(job, cursor_at=cursor), owner.definitions, after=cursor, now=now))
    outcome = {"run": len(recovered), "missed": missed, "passed_over": gap.count - len(recovered) - missed}
    keep_resolved(tx, kept, strategy=policies.recovery, outcome=outcome, now=now)
    detail = {"instants": gap.count, "reason": reason.value, **choice.stored()}
    tell_job(tx, "gap_resolved", owner.actor, now, job, detail)
    if superseded:
        # What was given up may have been all that was live, and then nothing is left whose end would wake the queue.
        wake_queue(tx, job.id, definition, Who.SWEEP, owner.actor, now)
    return recovered


def _refuse_if_moved(tx: Transaction, job: Job, reading: GapReading, now: datetime) -> None:
    if job.cursor_at != reading.cursor_at:
        raise Moved(f"the gap of job {job.name} was resolved meanwhile")
    if doubted_until(gap_row(tx, job.id), now) is not None:
        raise Moved(f"the gap of job {job.name} is held meanwhile")


def _eligible(tx: Transaction, owner: Owner, job: Job, kept: JobGap, gap: Gap, now: datetime) -> list[Occurrence]:
    """The rows that the strategy decides about; the others have their fate then."""
    _pass_over_marked(tx, owner, job, _older_snoozed(tx, job, gap, now), now)
    rows = [row for slot in gap.slots if (row := planned_row(tx, job, slot, now)) is not None]
    return _leave_out_chosen(tx, kept, _pass_over_marked(tx, owner, job, rows, now), now)


def _older_snoozed(tx: Transaction, job: Job, gap: Gap, now: datetime) -> list[Occurrence]:
    """What a person has put off beyond now of the instants that get no row each."""
    if gap.older_to is None:
        return []
    rows = tx.scan(OCCURRENCES_BY_JOB_STATE, job.id, OccurrenceState.PLANNED)
    return [row for row in rows if row.scheduled_at <= gap.older_to and (snoozed_until(row) or now) > now]


def _give_up_superseded(
    tx: Transaction, owner: Owner, rows: Sequence[Occurrence], decided: Recovery, into: Detail, now: datetime
) -> None:
    """Give up what an earlier gap has left to run and this one makes pointless."""
    for row in rows:
        given_up = occurrence_moves.miss(row, decided.superseded_as, now=now, detail={"superseded": True, **into})
        give_up(tx, row, given_up, who=Who.PLANNER, actor=owner.actor, now=now)


def _miss_others(
    tx: Transaction, eligible: Sequence[Occurrence], decided: Recovery, why: Reason, into: Detail, now: datetime
) -> int:
    """Miss what does not run; gives how many they are."""
    missed = [row for row in eligible if row.scheduled_at not in decided.execute]
    for row in missed:
        _miss(tx, row, why, now, into)
    return len(missed)


def _pass_over_marked(
    tx: Transaction, owner: Owner, job: Job, rows: list[Occurrence], now: datetime
) -> list[Occurrence]:
    """Skip what was to be skipped, let what is still snoozed wait on; gives what the strategy decides about."""
    # The spans as well: a pause may have been ended by a person while no engine was awake.
    spans = tx.scan(PAUSES_BY_JOB, job.id)
    eligible = []
    for row in rows:
        passed_over = why_passed_over(job, row, now, spans)
        until = snoozed_until(row)
        if passed_over is not None:
            reason, detail = passed_over
            _skip(tx, row, reason, now, detail)
        elif until is not None and until > now:
            give_fate(tx, owner, job, row, now)
        else:
            eligible.append(row)
    return eligible


def _row_of(tx: Transaction, reading: GapReading, reason: Reason, now: datetime) -> JobGap:
    """The row of a gap as it is to be kept, with what a person has decided up to now."""
    gap = reading.gap
    row = reading.row or JobGap(reading.job_id, gap.begin, GapState.HELD, reason, now, now)
    found = gap_row(tx, reading.job_id)
    if found is not None:
        row = replace(row, begin_at=found.begin_at, found_at=found.found_at, reason=found.reason, choice=found.choice)
    return replace(row, end_at=gap.end, count=gap.count)


def _chosen(kept: JobGap) -> Detail:
    """Who has decided about a gap, why, and which: its instants are not to be taken for ones skipped each alone."""
    return {**Choice.of(kept).who, "gap": instant_text(kept.begin_at)}


def _leave_out_chosen(tx: Transaction, kept: JobGap, rows: list[Occurrence], now: datetime) -> list[Occurrence]:
    """Give up what a person has dropped or cut off; gives what the strategy decides about."""
    choice, by = Choice.of(kept), _chosen(kept)
    dropped = [row for row in rows if choice.is_dropped(row.scheduled_at)]
    rest = rows[len(dropped) :]
    trimmed = choice.trimmed([row.scheduled_at for row in rest])
    for row in dropped:
        _skip(tx, row, Reason.SKIPPED_BY_USER, now, by)
    for row in rest[: len(trimmed)]:
        _skip(tx, row, Reason.SKIPPED_BY_USER, now, {**by, "newest": choice.newest})
    return rest[len(trimmed) :]


def _resolve_oldest(
    tx: Transaction, definitions: Definitions, job: Job, kept: JobGap, gap: Gap, why: Reason, now: datetime,
    into: Detail,
) -> _Older:  # fmt: skip
    """Miss the instants beyond those that have a row each, or skip them where a person has given them up."""
    choice = Choice.of(kept)
    if gap.older_to is not None and (choice.newest is not None or choice.is_dropped(gap.older_to)):
        _resolve_older(tx, definitions, job, gap, Reason.SKIPPED_BY_USER, now, _chosen(kept), _skip)
        return _Older()
    return _resolve_older(tx, definitions, job, gap, why, now, into)


def _waiting_recoveries(tx: Transaction, job: Job) -> list[Occurrence]:
    rows = [
        row
        for state in WAITING_OCCURRENCES
        for row in tx.scan(OCCURRENCES_BY_JOB_STATE, job.id, state)
        if row.trigger is Trigger.RECOVERY and not has_run(tx, row)
    ]
    return sorted(rows, key=lambda row: row.scheduled_at)


def _execute(
    tx: Transaction, owner: Owner, job: Job, policies: JobPolicies, rows: list[Occurrence], window: Detail,
    now: datetime, due_at: datetime,
) -> list[Occurrence]:  # fmt: skip
    """Let the first wait for its turn and the others queue behind it: one after another, whatever the policy."""
    recovered = []
    for place, row in enumerate(rows):
        ours = ranked(row, policies)
        moved = replace(ours, trigger=Trigger.RECOVERY, due_at=due_at, window=window, reason=None, detail={})
        row = write_occurrence(tx, row, moved)
        if place == 0 and _may_be_next(tx, job, policies, row):
            waiting = occurrence_moves.wait(row, Reason.SPREAD)
        else:
            waiting = occurrence_moves.enqueue(
                row, Reason.OVERLAP, sequence=next_place(tx, job), detail=blocking(tx, row)
            )
        recovered.append(write_occurrence(tx, row, replace(waiting, handled_at=now)))
        tell(tx, "occurrence_recovered", owner.actor, now, recovered[-1])
    return recovered


def _may_be_next(tx: Transaction, job: Job, policies: JobPolicies, row: Occurrence) -> bool:
    decided = fate(policies, load_of(tx, job.id, without=row), no_slot=Reason.SPREAD)
    return decided.state is OccurrenceState.PENDING and not has_live_in_turn(tx, job.id)


def _window(decided: Recovery, older: _Older, earlier: Sequence[Detail]) -> Detail:
    """What a compressed occurrence stands for: its gap, and the `earlier` windows of those that it supersedes."""
    if not decided.stands_for:
        return {}
    kept = [window["instants"] for window in earlier if window]
    instants = sorted({*map(instant_text, decided.stands_for), *chain.from_iterable(kept)}, key=parse_instant)
    without_row = older.count + sum(window["count"] - len(window["instants"]) for window in earlier if window)
    starts = [instants[0], *(window["start"] for window in earlier if window)]
    start = min(starts if older.begin is None else [*starts, instant_text(older.begin)], key=parse_instant)
    count = len(instants) + without_row
    return {"start": start, "end": instants[-1], "count": count, "instants": instants[-MAX_ROWS:]}


def _skip(tx: Transaction, row: Occurrence, reason: Reason, now: datetime, detail: Detail) -> None:
    moved = occurrence_moves.skip(row, Who.PLANNER, reason, now=now, detail=detail)
    count_unrun(tx, write_occurrence(tx, row, replace(moved, handled_at=now)))


def _miss(tx: Transaction, row: Occurrence, reason: Reason, now: datetime, detail: Detail) -> None:
    moved = occurrence_moves.miss(row, reason, now=now, detail=detail)
    write_occurrence(tx, row, replace(moved, handled_at=now))


def unhandled(reader: Reader, job: UUID, now: datetime) -> Gap:
    """The slots of a job up to now that have no fate yet; none while an engine is up. May take long after a long time.

    What cannot be planned, as its schedule does not work (any more), has none. Raises NotFound.
    """
    gate = the_job(reader, job)
    try:
        schedule = Definitions().schedule(reader, gate) if is_ticking(gate) else None
        slots, skipped = (iter(()), 0) if schedule is None else slots_of_gap(schedule, gate.cursor_at, now)
        gap = collect_gap(takewhile(lambda slot: slot.instant <= now, slots), skipped)
        return _with_cut(reader, gate, gap, schedule)
    except ScheduleError:
        return Gap(())


def pass_over(tx: Transaction, job: Job, gap: Gap, reason: Reason, now: datetime) -> None:
    """Skip every instant up to now that has no fate yet: those with a mark for that, the others for `reason`.

    `gap` has the slots of the schedule among them.
    """
    for slot in gap.slots:
        planned_row(tx, job, slot, now)
    _resolve_older(tx, Definitions(), job, gap, reason, now, {}, _skip)
    close_gap(tx, job.id, now)
    spans = tx.scan(PAUSES_BY_JOB, job.id)
    for row in tx.scan(OCCURRENCES_BY_JOB_STATE, job.id, OccurrenceState.PLANNED):
        if row.scheduled_at <= now:
            why, detail = why_passed_over(job, row, now, spans) or (reason, {})
            _skip(tx, row, why, now, detail)


def _resolve_older(
    tx: Transaction, definitions: Definitions, job: Job, gap: Gap, reason: Reason, now: datetime, into: Detail,
    end: _End = _miss,
) -> _Older:  # fmt: skip
    """The instants beyond those that have a row each; some among them have one already, planned or with its fate."""
    if gap.older_from is None or gap.older_to is None:
        return _Older()
    schedule = definitions.schedule(tx, job)
    with_fate = [] if schedule is None else rows_with_fate(tx, schedule, job.id, gap.older_from, gap.older_to)
    older_to, pauses = gap.older_to, tx.scan(PAUSES_BY_JOB, job.id)
    planned = tx.scan(OCCURRENCES_BY_JOB_STATE, job.id, OccurrenceState.PLANNED)
    rows = [row for row in planned if row.scheduled_at <= older_to]
    ended = [row for row in rows if not _is_passed_over(tx, job, row, now, pauses)]
    for row in ended:
        end(tx, row, reason, now, into)
    parts = _without_rows(parts_of(gap, schedule, pauses), [*with_fate, *rows])
    for part in parts:
        why = Reason.PAUSED if part.is_paused else reason
        tx.insert(MISSED_RANGES, MissedRange(job.id, part.from_at, part.to_at, part.count, why))
    rest = [part for part in parts if not part.is_paused]
    begins = [row.scheduled_at for row in ended] + [part.from_at for part in rest]
    return _Older(len(ended) + sum(part.count for part in rest), min(begins, default=None))


def _is_passed_over(tx: Transaction, job: Job, row: Occurrence, now: datetime, pauses: Sequence[Pause]) -> bool:
    """Skip a row that was to be skipped, or passed during a pause."""
    passed_over = why_passed_over(job, row, now, pauses)
    if passed_over is not None:
        _skip(tx, row, passed_over[0], now, passed_over[1])
    return passed_over is not None


def _without_rows(parts: Sequence[Part], rows: Sequence[Occurrence]) -> list[Part]:
    """The parts with those of their instants alone that have no row; what a rule leaves out is counted in none."""
    have_one = [row.scheduled_at for row in rows if row.reason not in (Reason.EXCLUDED, Reason.DST)]
    counts = [sum(part.from_at <= instant <= part.to_at for instant in have_one) for part in parts]
    without = [replace(part, count=part.count - count) for part, count in zip(parts, counts, strict=True)]
    return [part for part in without if part.count > 0]
