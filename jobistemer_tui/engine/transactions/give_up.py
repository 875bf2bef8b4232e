"""Give up an occurrence that waits: cancelled, expired, too late, superseded or of a job that is gone."""

from __future__ import annotations

from datetime import datetime

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OPEN_TASK_RUNS, TaskRunState, Who
from jobistemer_tui.domain.task_run_moves import end_task
from jobistemer_tui.engine.transactions.announce import count_unrun
from jobistemer_tui.engine.transactions.begin import write_run
from jobistemer_tui.engine.transactions.common import tell, write_occurrence
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import TASK_RUNS_BY_OCCURRENCE


def give_up(tx: Transaction, row: Occurrence, moved: Occurrence, *, who: Who, actor: str, now: datetime) -> Occurrence:
    """Write the end of a waiting occurrence with its event; one that had been released still has task runs to end."""
    written = write_occurrence(tx, row, moved)
    for run in tx.scan(TASK_RUNS_BY_OCCURRENCE, row.id):
        if run.state in OPEN_TASK_RUNS:
            write_run(tx, run, end_task(run, TaskRunState.CANCELED, written.reason, now=now, who=who))
    count_unrun(tx, written)
    tell(tx, f"occurrence_{written.state}", actor, now, written)
    return written
