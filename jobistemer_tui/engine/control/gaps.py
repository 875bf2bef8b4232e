"""What a person decides about a gap that waits for its fate."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.records import JobGap
from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.recovery import Choice
from jobistemer_tui.engine.transactions.common import tell_job, the_job
from jobistemer_tui.engine.transactions.hold_gap import gap_row
from jobistemer_tui.errors import Refused, UsageError
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import JOB_GAPS


def release_gap(tx: Transaction, job: UUID, *, now: datetime, actor: str, why: str | None = None) -> JobGap:
    """Let a gap get its fate now, as its strategy decides. Raises Refused where none waits."""
    gap = _held(tx, job)
    return _decide(tx, gap, replace(Choice.of(gap), released=True), now, actor, why)


def drop_gap(tx: Transaction, job: UUID, *, now: datetime, actor: str, why: str | None = None) -> JobGap:
    """Run nothing of a gap: its instants are skipped, now. Raises Refused where none waits."""
    gap = _held(tx, job)
    return _decide(tx, gap, replace(Choice.of(gap), dropped_to=gap.end_at or gap.awake_at), now, actor, why)


def trim_gap(
    tx: Transaction, job: UUID, *, newest: int, now: datetime, actor: str, why: str | None = None
) -> JobGap:  # fmt: skip
    """Leave the strategy only the `newest` instants of a gap; the others are skipped. Raises Refused, UsageError."""
    if newest < 1:
        raise UsageError("at least one instant is left", hint="to run none of them, drop the gap")
    gap = _held(tx, job)
    return _decide(tx, gap, replace(Choice.of(gap), newest=newest), now, actor, why)


def change_gap(
    tx: Transaction, job: UUID, *, strategy: RecoveryStrategy, now: datetime, actor: str, why: str | None = None
) -> JobGap:
    """Let another strategy decide about this one gap. Raises Refused where none waits."""
    gap = _held(tx, job)
    return _decide(tx, gap, replace(Choice.of(gap), strategy=strategy), now, actor, why)


def _held(tx: Transaction, job: UUID) -> JobGap:
    gap = gap_row(tx, job)
    if gap is None:
        raise Refused(
            f"nothing that {the_job(tx, job).name} has missed waits for a decision",
            hint="list what waits, and what was done, with: jobistemer recovery list",
        )
    return gap


def _decide(tx: Transaction, gap: JobGap, choice: Choice, now: datetime, actor: str, why: str | None) -> JobGap:
    """Keep a decision with its line in the audit; deciding the same twice changes nothing."""
    by = replace(choice, by=actor, why=why or choice.why)
    if replace(by, by=None) == replace(Choice.of(gap), by=None):
        return gap
    waits_for_clock = gap.held_for is Reason.CLOCK_UNSTEADY
    until = gap.held_until
    if choice.is_final and not waits_for_clock and until is not None:
        until = min(now, until)
    written = replace(gap, choice=by.stored(), held_until=until)
    tx.replace(JOB_GAPS, gap, written)
    tell_job(tx, "gap_decided", actor, now, the_job(tx, gap.job_id), {"instants": gap.count, **by.stored()})
    return written
