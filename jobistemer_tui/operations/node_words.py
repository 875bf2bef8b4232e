"""What is said of a node in a few words, on the command line and on the screen."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from jobistemer_tui.domain.durations import duration_text
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.operations.nodes import NodeRow, NodeStanding

WARN_OFFSET_MS: Final = 1000
"""From here on an offset is marked; see `engine.closing` for when a node begins nothing any more."""

_TROUBLES: Final = {
    Reason.DRAINED: "drained",
    Reason.CLOCK_SKEW: "begins nothing: its clock is wrong",
    Reason.NO_SPACE: "begins nothing: its disk is full",
    Reason.NO_SUPERVISOR: "begins nothing: no supervisor",
}


def node_notes(row: NodeRow) -> list[str]:
    """Everything about a node that is not as it should be, or was asked of it."""
    notes = []
    if row.drain is not None:
        notes.append("drained" + (f": {row.drain.reason}" if row.drain.reason else ""))
    if row.trouble is not None and row.trouble is not Reason.DRAINED:
        notes.append(_TROUBLES.get(row.trouble, f"begins nothing: {row.trouble}"))
    if row.standing in (NodeStanding.SILENT, NodeStanding.LOST) and row.running:
        notes.append(f"{row.running} of its runs {'waits' if row.running == 1 else 'wait'} to be taken over")
    if row.stale:
        notes.append(f"{row.stale} stale claims")
    if row.zone_data_differs:
        notes.append(f"time-zone data {row.zone_data or 'unknown'}: plans no zoned jobs")
    if row.version_differs and row.standing is NodeStanding.ALIVE:
        notes.append("another version")
    return notes


def skew_words(offset_ms: int | None) -> str:
    """How far a clock is off: `+4.1 s`; empty where that is not known."""
    return "" if offset_ms is None else f"{offset_ms / 1000:+.1f} s"


def seen_words(row: NodeRow, now: datetime) -> str:
    """How long ago it last wrote."""
    seconds = max(0.0, (now - row.seen_at).total_seconds())
    return f"{duration_text(round(seconds))} ago"
