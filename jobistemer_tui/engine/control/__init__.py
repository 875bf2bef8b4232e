"""What a person does to jobs and occurrences, each as one transaction with its line in the audit."""

from jobistemer_tui.engine.control.backfills import Backfill, backfill, plan_backfill
from jobistemer_tui.engine.control.gaps import change_gap, drop_gap, release_gap, trim_gap
from jobistemer_tui.engine.control.marks import skip, skip_next, snooze, unskip, unsnooze
from jobistemer_tui.engine.control.nodes import drain, undrain
from jobistemer_tui.engine.control.pins import pin
from jobistemer_tui.engine.control.replays import replay
from jobistemer_tui.engine.control.runs import Request, cancel, trigger
from jobistemer_tui.engine.control.tickers import pause, resume, start, stop
from jobistemer_tui.engine.control.undo import acts_of_batch, last_act, undo
from jobistemer_tui.engine.transactions.resolve_gap import unhandled

__all__ = [
    "Backfill", "Request", "acts_of_batch", "backfill", "cancel", "change_gap", "drain", "drop_gap", "last_act",
    "pause", "pin", "plan_backfill", "release_gap", "replay", "resume", "skip", "skip_next", "snooze",
    "start", "stop", "trigger", "trim_gap", "undo", "undrain", "unhandled", "unskip", "unsnooze",
]  # fmt: skip
