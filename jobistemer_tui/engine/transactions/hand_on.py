"""Part of transaction 3: what a successful try hands on is stored with its success, or not at all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.records import JobState
from jobistemer_tui.domain.states import AttemptState, Reason
from jobistemer_tui.domain.task_run_moves import AttemptEnd
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import JOB_STATES


def set_state(tx: Transaction, job_id: UUID, attempt_id: UUID, end: AttemptEnd, now: datetime) -> AttemptEnd:
    """Compare and set the job's state if the try changed it; a failure where another has set it meanwhile.

    Gives the end as it is to be recorded. Without its state a success would be half of one.
    """
    new = end.handed_on
    if end.state is not AttemptState.SUCCESS or new is None or new.state is None:
        return end
    row = JobState(job_id, new.state, new.state_rev + 1, now, attempt_id)
    old = tx.get(JOB_STATES, job_id)
    if old is None and new.state_rev == 0:
        written = tx.insert(JOB_STATES, row)
    else:
        written = old is not None and old.rev == new.state_rev and tx.replace(JOB_STATES, old, row)
    if written:
        return end
    detail = {**end.detail, "error": f"the job's state was set meanwhile by {old and old.attempt_id}"}
    return replace(end, state=AttemptState.FAILED, reason=Reason.STATE_CONFLICT, detail=detail, handed_on=None)
