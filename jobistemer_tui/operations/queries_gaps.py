"""Gaps that wait for a decision, and what was done about earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from jobistemer_tui.domain.policies import JobPolicies
from jobistemer_tui.domain.records import Detail, GapState, JobGap
from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.recovery import Choice
from jobistemer_tui.engine.transactions.common import the_job
from jobistemer_tui.operations.expected_durations import expected_s
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.tables import GAPS_BY_FOUND, GAPS_BY_HOLD

if TYPE_CHECKING:
    from jobistemer_tui.engine.definitions import Definitions
    from jobistemer_tui.storage.contract import Reader


@dataclass(frozen=True, slots=True)
class GapRow:
    """The gap of one job. `instants` is None until they were counted; `down_at` and `end_at` too may be unknown.

    `reason` is why no engine was awake from `down_at` to `awake_at`; `held_until` None: it got its fate at
    `resolved_at`, and `outcome` says what became of the instants. `strategy` is what applies; `own_strategy` what the
    job itself says, `newest`, `dropped`, `released`, `by` and `why` what a person has decided. `would_run`: how many
    would run if it got its fate now, at most; `run_s` what one run of the job takes, from its history.
    """

    job: str
    job_id: UUID
    begin_at: datetime
    end_at: datetime | None
    instants: int | None
    reason: Reason
    down_at: datetime | None
    awake_at: datetime
    found_at: datetime
    held_until: datetime | None
    held_for: Reason | None
    strategy: RecoveryStrategy | None
    own_strategy: RecoveryStrategy | None
    newest: int | None = None
    dropped: bool = False
    released: bool = False
    by: str | None = None
    why: str | None = None
    would_run: int | None = None
    run_s: float | None = None
    resolved_at: datetime | None = None
    outcome: Detail = field(default_factory=dict)

    @property
    def is_held(self) -> bool:
        """Whether it still waits for its fate."""
        return self.held_until is not None

    @property
    def estimated_s(self) -> float | None:
        """How long what would run takes together, one after another; None where nothing is known."""
        return None if self.would_run is None or self.run_s is None else self.would_run * self.run_s


PAST: Final = 200
"""So many of the newest gaps are shown."""


def held_gaps(reader: Reader, definitions: Definitions) -> list[GapRow]:
    """All gaps that wait, by the names of their jobs."""
    rows = [gap_row_of(reader, definitions, gap) for gap in reader.scan(GAPS_BY_HOLD, GapState.HELD)]
    return sorted(rows, key=lambda row: row.job)


def newest_gaps(reader: Reader, definitions: Definitions, limit: int = PAST) -> list[GapRow]:
    """The gaps that were found last, those that wait included, the newest first."""
    return [gap_row_of(reader, definitions, gap) for gap in reader.scan(GAPS_BY_FOUND, reverse=True, limit=limit)]


def gap_row_of(reader: Reader, definitions: Definitions, gap: JobGap) -> GapRow:
    """A gap for display."""
    job, choice, held = the_job(reader, gap.job_id), Choice.of(gap), gap.state is GapState.HELD
    policies = definitions.of(reader, job.id, job.version).policies
    strategy = choice.applied(policies).recovery if held else gap.strategy
    return GapRow(
        job=job.name, job_id=job.id, begin_at=gap.begin_at, end_at=gap.end_at, instants=gap.count, reason=gap.reason,
        down_at=gap.down_at, awake_at=gap.awake_at, found_at=gap.found_at, held_until=gap.held_until,
        held_for=gap.held_for, strategy=strategy, own_strategy=policies.recovery if held else None,
        newest=choice.newest, dropped=choice.dropped_to is not None, released=choice.released, by=choice.by,
        why=choice.why, would_run=_would_run(choice, policies, gap.count) if held else None,
        run_s=expected_s(reader, gap.job_id) if held else None, resolved_at=gap.resolved_at, outcome=gap.outcome,
    )  # fmt: skip


def _would_run(choice: Choice, policies: JobPolicies, count: int | None) -> int | None:
    """At most how many of a gap's instants would run."""
    if choice.dropped_to is not None:
        return 0
    if count is None:
        return None
    left = count if choice.newest is None else min(count, choice.newest)
    match choice.applied(policies).recovery:
        case RecoveryStrategy.MARK_AS_MISSED:
            return 0
        case RecoveryStrategy.EXECUTE_LAST | RecoveryStrategy.COMPRESSED:
            return min(left, 1)
        case RecoveryStrategy.EXECUTE_ALL:
            return left
        case RecoveryStrategy.BOUNDED_WINDOW:
            most = policies.recovery_max_occurrences
            return left if most is None else min(left, most)


@dataclass(frozen=True, slots=True)
class Held:
    """All that waits, in figures: how many runs of how many jobs, since when nobody was awake, until when at first."""

    jobs: int
    instants: int
    counted: bool
    down_at: datetime
    awake_at: datetime
    until: datetime
    waits_for_clock: bool


def held_figures(rows: Sequence[GapRow]) -> Held | None:
    """The figures of the gaps that wait; None if none does. `counted` is false where a number is not known yet."""
    held = [row for row in rows if row.held_until is not None]
    if not held:
        return None
    return Held(
        jobs=len(held),
        instants=sum(row.instants or 0 for row in held),
        counted=all(row.instants is not None for row in held),
        down_at=min(row.down_at or row.begin_at for row in held),
        awake_at=max(row.awake_at for row in held),
        until=min(row.held_until for row in held if row.held_until is not None),
        waits_for_clock=all(row.held_for is Reason.CLOCK_UNSTEADY for row in held),
    )
