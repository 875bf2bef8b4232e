"""Run a job now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control
from jobistemer_tui.errors import Refused
from jobistemer_tui.operations.queries_resolve import get_job
from jobistemer_tui.storage.contract import Transaction

VALID_FOR: Final = timedelta(hours=1)
"""How long a trigger waits for an engine before it expires."""


def trigger_job(tx: Transaction, name: str, *, request: UUID, now: datetime, actor: str, served: bool) -> Occurrence:
    """The occurrence that this request makes or made; `served`: an engine is there. Raises NotFound, Refused."""
    job = get_job(tx, name)
    if job.retired_at is not None:
        raise Refused(
            f"{job.name} is not loaded: its file {job.source_path} is gone",
            hint="put the file back, or name its folder",
        )
    return control.trigger(
        tx, job.id, request=request, now=now, actor=actor, valid_until=now + VALID_FOR,
        waits_for=Reason.REQUESTED if served else Reason.NO_NODE,
    )  # fmt: skip
