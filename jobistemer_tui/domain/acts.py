"""What a person did to a job and can take back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Act:
    """An act: its place in the audit, the kind of its event, whose it was, when, on which job. Instants are aware UTC.

    `instant` is that of the run it marked. `batch`: it was one of many, done to all jobs at once.
    """

    sequence: int
    kind: str
    actor: str
    at: datetime
    job_id: UUID
    job: str
    instant: datetime | None = None
    batch: str | None = None
    occurrence_id: UUID | None = None
