"""Run a job now."""

from __future__ import annotations

from collections.abc import Mapping

from jobistemer_tui.domain.job_source import EXTERNAL_SOURCE
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.engine import control
from jobistemer_tui.errors import Refused
from jobistemer_tui.operations.queries_resolve import get_job
from jobistemer_tui.storage.contract import Transaction


def trigger_job(tx: Transaction, name: str, request: control.Request, params: Mapping[str, str]) -> Occurrence:
    """The occurrence that this request makes or made. Raises NotFound, Refused; UsageError for wrong parameters."""
    job = get_job(tx, name)
    if job.source_path == EXTERNAL_SOURCE:
        raise Refused(
            f"{job.name} is run by something else; its runs are only recorded",
            hint="run its command with: jobistemer exec",
        )
    return control.trigger(tx, job.id, request, params)
