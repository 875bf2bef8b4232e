"""Values over time as bars of text. Every chart here has its numbers in a table beside or below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.operations.statistics import Ran, buckets

from .durations import short_duration
from .status_marks import COMPLETED, FAILED, mark_of

BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_LABEL = 7
_WORST: Final = (
    OccurrenceState.FAILED_STALE, OccurrenceState.FAILED, OccurrenceState.COMPLETED_WITH_ERRORS,
    OccurrenceState.MISSED, OccurrenceState.CANCELED, OccurrenceState.SKIPPED, OccurrenceState.RUNNING,
    OccurrenceState.CANCELING, OccurrenceState.QUEUED, OccurrenceState.PENDING, OccurrenceState.PLANNED,
    OccurrenceState.COMPLETED,
)  # fmt: skip


def bar_rows(values: Sequence[float | None], height: int) -> list[str]:
    """The values as bars over `height` rows, the highest row first; the greatest value fills them all."""
    most = max((value for value in values if value is not None), default=0.0)
    eighths = [0 if value is None or most <= 0 else max(1, round(value / most * height * 8)) for value in values]
    return ["".join(BLOCKS[min(8, max(0, level - 8 * row))] for level in eighths) for row in reversed(range(height))]


def duration_chart(runs: Sequence[Ran], width: int, height: int, *, dark: bool) -> list[Text]:
    """How long the runs took, oldest to newest, with their outcomes below. More runs than cells share them: the
    longest and the worst of each group is shown."""
    cells = max(1, width - _LABEL - 1)
    values = buckets([run.seconds for run in runs], cells)
    outcomes = worst_of(runs, cells)
    most = max((value for value in values if value is not None), default=0.0)
    lines = []
    for index, row in enumerate(bar_rows(values, height)):
        label = short_duration(most) if index == 0 else short_duration(most / 2) if index == height // 2 else ""
        text = Text(f"{label:>{_LABEL}} ", "dim", no_wrap=True, end="")
        for cell, state in zip(row, outcomes, strict=True):
            text.append(cell, mark_of(state).style(dark=dark))
        lines.append(text)
    below = Text(" " * (_LABEL + 1), no_wrap=True, end="")
    for state in outcomes:
        below.append(mark_of(state).glyph, mark_of(state).style(dark=dark))
    return [*lines, below]


def worst_of(runs: Sequence[Ran], cells: int) -> list[OccurrenceState]:
    """The outcomes in at most `cells` groups of neighbours, of each the worst."""
    ranks = {state: rank for rank, state in enumerate(_WORST)}
    size = -(-len(runs) // max(1, cells)) or 1
    groups = [runs[index : index + size] for index in range(0, len(runs), size)]
    return [min((run.status for run in group), key=ranks.__getitem__) for group in groups]


def share_bar(share: float, width: int, *, dark: bool) -> Text:
    """A share of one as a bar, what is missing of it in the colour of failure."""
    filled = min(width - 1, round(share * width)) if share < 1 else width
    text = Text("█" * max(0, filled), COMPLETED.style(dark=dark), no_wrap=True, end="")
    text.append("░" * (width - max(0, filled)), FAILED.style(dark=dark))
    return text
