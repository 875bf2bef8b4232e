"""Pause a job's ticker."""

from __future__ import annotations

from datetime import datetime

from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.records import Job
from jobistemer_tui.engine import control
from jobistemer_tui.errors import Refused
from jobistemer_tui.operations.queries_resolve import get_job
from jobistemer_tui.storage.contract import Transaction


def pause_job(
    tx: Transaction, name: str, *, reason: str | None, until: datetime | None, now: datetime, actor: str
) -> Job:
    """Pause until `until` (None: until it is resumed). Raises NotFound; Refused for an end that has passed."""
    job = get_job(tx, name)
    if until is not None and until <= now:
        raise Refused(f"the pause would have ended at {instant_text(until)}", hint="name a time to come")
    return control.pause(tx, job.id, now=now, until=until, reason=reason, actor=actor)
