"""Why nothing of a job's schedule starts: a gap of it waits for its fate."""

from __future__ import annotations

from datetime import datetime, tzinfo

from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.operations.why_answer import Evidence, Fact, moment
from jobistemer_tui.operations.why_clauses import CLAUSES
from jobistemer_tui.operations.why_history import History


def held_fact(history: History, instant: datetime | None, zone: tzinfo) -> Fact | None:
    """What the gap that holds an instant, or (None) the job, waits for; None if nothing does."""
    gap = history.held
    if gap is None or gap.held_for is None or gap.held_until is None or (instant and instant < gap.begin_at):
        return None
    times = "what was missed" if gap.count is None else f"{gap.count} missed"
    text = (
        f"it waits behind a gap ({times} since {moment(gap.begin_at, zone)}) until {moment(gap.held_until, zone)}: "
        f"{CLAUSES[gap.held_for]}; decide with: jobistemer recovery release or drop {history.job.name}"
    )
    return Fact(text, gap.found_at, Evidence("job_gap", f"{gap.job_id} {instant_text(gap.begin_at)}"))
