"""End a job's pause."""

from __future__ import annotations

from datetime import datetime

from jobistemer_tui.domain.records import Job
from jobistemer_tui.engine import control
from jobistemer_tui.operations.queries_resolve import get_job
from jobistemer_tui.storage.contract import Transaction


def resume_job(tx: Transaction, name: str, *, now: datetime, actor: str) -> Job:
    """What passed during the pause stays skipped. Raises NotFound, Refused."""
    return control.resume(tx, get_job(tx, name).id, now=now, actor=actor)
