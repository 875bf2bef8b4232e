"""What happened, for each kind of line of the audit: its sign and its words."""

from __future__ import annotations

from typing import Final

from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.operations.read_models import ActivityRow

from .fitting import cleaned
from .status_marks import (
    CANCELED,
    CANCELING,
    COMPLETED,
    FAILED,
    MISSED,
    OFF,
    PAUSED,
    PENDING,
    QUEUED,
    RUNNING,
    SKIPPED,
    STALE,
    WITH_ERRORS,
    Mark,
    mark_of,
)

PLAIN: Final = Mark("·", ".", "", "#9AA0A6", "#5F6368")

KINDS: Final[dict[str, tuple[Mark, str]]] = {
    "occurrence_triggered": (PENDING, "run asked for"),
    "occurrence_started": (RUNNING, "run started"),
    "occurrence_pending": (PENDING, "run waits"),
    "occurrence_queued": (QUEUED, "run queued"),
    "occurrence_skipped": (SKIPPED, "run skipped"),
    "occurrence_missed": (MISSED, "run missed"),
    "occurrence_canceled": (CANCELED, "run cancelled"),
    "occurrence_canceling": (CANCELING, "run told to stop"),
    "occurrence_promoted": (PENDING, "run's turn came"),
    "occurrence_recovered": (PENDING, "run caught up"),
    "occurrence_finished": (COMPLETED, "run ended"),
    "occurrence_adopted": (RUNNING, "run taken over"),
    "occurrence_reaped": (STALE, "run found lost"),
    "occurrence_replayed": (PENDING, "replay asked for"),
    "occurrence_backfilled": (PENDING, "backfill asked for"),
    "late_report": (MISSED, "outcome too late"),
    "run_skipped": (SKIPPED, "run to be skipped"),
    "run_unskipped": (PLAIN, "skip taken back"),
    "run_snoozed": (PENDING, "run put off"),
    "run_unsnoozed": (PLAIN, "put off no more"),
    "run_pinned": (PLAIN, "run pinned"),
    "run_unpinned": (PLAIN, "run unpinned"),
    "job_paused": (PAUSED, "job paused"),
    "job_resumed": (RUNNING, "job resumed"),
    "job_stopped": (OFF, "schedule stopped"),
    "job_started": (RUNNING, "schedule started"),
    "job_published": (COMPLETED, "version published"),
    "job_retired": (OFF, "job retired"),
    "job_returned": (COMPLETED, "job is back"),
    "job_quarantined": (FAILED, "job set aside"),
    "job_state_set": (PLAIN, "job's state set"),
    "pause_ended": (RUNNING, "pause ended"),
    "backfilled": (PENDING, "backfill begun"),
    "runs_cleared": (OFF, "old runs cleared"),
    "timezone_data_changed": (MISSED, "zone data changed"),
    "undone": (PLAIN, "act taken back"),
    "gap_resolved": (MISSED, "gap resolved"),
    "gap_held": (MISSED, "gap held"),
    "gap_decided": (PLAIN, "gap decided"),
    "clock_went_back": (MISSED, "clock went back"),
    "file_loaded": (COMPLETED, "file loaded"),
    "file_accepted": (COMPLETED, "file accepted"),
    "file_refused": (FAILED, "file refused"),
    "file_denied": (FAILED, "file not read"),
    "file_gone": (OFF, "file gone"),
    "files_reloaded": (COMPLETED, "files reloaded"),
    "notification_sent": (PLAIN, "somebody told"),
    "notification_given_up": (FAILED, "nobody told"),
    "space_low": (FAILED, "disk almost full"),
    "space_back": (COMPLETED, "disk has room"),
    "supervisor_lost": (FAILED, "supervisor lost"),
    "supervisor_refused": (FAILED, "supervisor refused"),
    "node_drained": (PAUSED, "node drained"),
    "node_undrained": (RUNNING, "node takes runs again"),
    "node_lost": (STALE, "node declared dead"),
    "clock_skewed": (MISSED, "node's clock is off"),
    "group_limits_differ": (MISSED, "group limits differ"),
}
_BAD: Final = (FAILED, STALE, MISSED, WITH_ERRORS)


def what_happened(row: ActivityRow) -> tuple[Mark, str]:
    """The sign and the words of a line; one of a kind that is not known here is named as it is."""
    status = row.detail.get("status")
    if row.kind in ("occurrence_finished", "occurrence_reaped") and status in set(OccurrenceState):
        state = OccurrenceState(str(status))
        return mark_of(state), f"run {_ENDS.get(state, str(state))}"
    return KINDS.get(row.kind, (PLAIN, cleaned(row.kind.replace("_", " "))))


_ENDS: Final = {
    OccurrenceState.COMPLETED: "completed",
    OccurrenceState.COMPLETED_WITH_ERRORS: "had errors",
    OccurrenceState.FAILED: "failed",
    OccurrenceState.FAILED_STALE: "lost",
    OccurrenceState.CANCELED: "cancelled",
    OccurrenceState.PENDING: "to start again",
}


def is_bad(row: ActivityRow) -> bool:
    """Whether a line needs a look."""
    return what_happened(row)[0] in _BAD
