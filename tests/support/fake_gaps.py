"""What a FakeOperations has of gaps: fixed ones, and what it was told about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from jobistemer_tui.domain.identity import job_id
from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.errors import Refused
from jobistemer_tui.operations.queries_gaps import GapRow

from .sample_jobs import NOW, ago

AWAKE, DOWN = ago(seconds=18), ago(hours=7, minutes=12, seconds=18)


def sample_gap(job: str, instants: int | None, strategy: RecoveryStrategy, **changes: Any) -> GapRow:
    """A gap that was found a moment ago and waits for a person."""
    gap = GapRow(
        job=job, job_id=job_id(job), begin_at=DOWN + timedelta(minutes=10), end_at=ago(minutes=7), instants=instants,
        reason=Reason.DOWNTIME, down_at=DOWN, awake_at=AWAKE, found_at=AWAKE, held_until=NOW + timedelta(seconds=582),
        held_for=Reason.RECOVERY_HOLD, strategy=strategy, own_strategy=strategy, would_run=1, run_s=58.0,
    )  # fmt: skip
    return replace(gap, **changes)


def sample_gaps() -> list[GapRow]:
    """Four that wait, and one of a week ago."""
    week = timedelta(days=7)
    return [
        sample_gap("backup-db", 1, RecoveryStrategy.EXECUTE_LAST, run_s=252.0),
        sample_gap("backup-home", 2, RecoveryStrategy.EXECUTE_ALL, would_run=2),
        sample_gap("backup-vm", 28, RecoveryStrategy.BOUNDED_WINDOW, would_run=3, newest=3, by="tui eva"),
        sample_gap("report-sales", None, RecoveryStrategy.COMPRESSED, held_for=Reason.CLOCK_UNSTEADY, would_run=None),
        sample_gap(
            "backup-vm", 33, RecoveryStrategy.EXECUTE_LAST, begin_at=DOWN - week, end_at=AWAKE - week,
            found_at=NOW - week,
            awake_at=AWAKE - week, down_at=DOWN - week, reason=Reason.ASLEEP, held_until=None, held_for=None,
            resolved_at=NOW - week + timedelta(minutes=10), outcome={"run": 1, "missed": 32, "passed_over": 0},
        ),
    ]  # fmt: skip


class FakeGaps:
    """The part of FakeOperations about gaps."""

    gap_rows: list[GapRow]
    calls: list[tuple[object, ...]]

    def gaps(self, *, past: bool = False) -> list[GapRow]:
        held = [gap for gap in self.gap_rows if gap.is_held]
        return list(self.gap_rows) if past else held

    def release_gap(self, job: str, *, reason: str | None = None) -> GapRow:
        return self._decide("release_gap", job, released=True, held_until=NOW)

    def drop_gap(self, job: str, *, reason: str | None = None) -> GapRow:
        return self._decide("drop_gap", job, dropped=True, held_until=NOW, would_run=0)

    def trim_gap(self, job: str, *, newest: int, reason: str | None = None) -> GapRow:
        return self._decide("trim_gap", job, newest=newest)

    def change_gap(self, job: str, *, strategy: RecoveryStrategy, reason: str | None = None) -> GapRow:
        return self._decide("change_gap", job, strategy=strategy)

    def _decide(self, kind: str, job: str, **changes: Any) -> GapRow:
        self.calls.append((kind, job, *changes.values()))
        for place, gap in enumerate(self.gap_rows):
            if gap.job == job and gap.is_held:
                self.gap_rows[place] = replace(gap, by="tui eva", **changes)
                return self.gap_rows[place]
        raise Refused(f"nothing that {job} has missed waits for a decision")
