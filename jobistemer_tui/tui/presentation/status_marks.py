"""The one table of status marks: glyph, ASCII, label and colour for every state.

Meaning is carried by the glyph first, then the label, then the colour. All glyphs take one cell and are
outside the emoji lists, so that no terminal widens or paints them.
"""

from __future__ import annotations

import re
from typing import Final

from rich.text import Text

from jobistemer_tui.domain.states import AttemptState, OccurrenceState, TaskRunState
from jobistemer_tui.settings.quick_dataclass import dataclass

AnyState = OccurrenceState | TaskRunState | AttemptState


@dataclass(frozen=True, slots=True)
class Mark:
    """How a state looks. `cue` are extra text styles, `label_cue` those of the label alone."""

    glyph: str
    ascii: str
    label: str
    dark: str
    light: str
    cue: str = ""
    label_cue: str = ""

    def style(self, *, dark: bool) -> str:
        """The style of the glyph on a dark or a light ground."""
        return f"{self.cue} {self.dark if dark else self.light}".strip()

    def text(self, *, dark: bool, label: bool = False) -> Text:
        """The glyph, or glyph and label."""
        text = Text(no_wrap=True, end="")
        text.append(self.glyph, self.style(dark=dark))
        if label:
            text.append(" ")
            text.append(self.label, f"{self.label_cue} {self.style(dark=dark)}".strip())
        return text


_GREY = ("#9AA0A6", "#5F6368")
_BLUE = ("#56B4E9", "#0072B2")
_GREEN = ("#4EBF71", "#00684C")
_RED = ("#FF6B4A", "#B54000")
_PURPLE = ("#CC79A7", "#8F3B6B")
_ORANGE = ("#E69F00", "#8A5A00")
_YELLOW = ("#F0E442", "#6B6000")
HUES: Final = {"grey": _GREY, "blue": _BLUE, "green": _GREEN, "red": _RED, "purple": _PURPLE, "orange": _ORANGE,
               "yellow": _YELLOW}  # fmt: skip
"""On a dark and on a light ground; themes of others have their own in these places."""

PENDING: Final = Mark("○", ".", "PEND", *_GREY, cue="dim")
QUEUED: Final = Mark("◇", ":", "QUEU", *_GREY)
RUNNING: Final = Mark("►", ">", "RUN", *_BLUE, cue="bold")
CANCELING: Final = Mark("⊘", "-", "CANC", *_BLUE, cue="bold")
COMPLETED: Final = Mark("✓", "+", "OK", *_GREEN)
WITH_ERRORS: Final = Mark("✓", "+", "ERRS", *_ORANGE, cue="bold")
FAILED: Final = Mark("✗", "x", "FAIL", *_RED, cue="bold", label_cue="reverse")
STALE: Final = Mark("†", "#", "STAL", *_RED, label_cue="underline")
CANCELED: Final = Mark("⊘", "-", "CANC", *_PURPLE)
SKIPPED: Final = Mark("↷", "~", "SKIP", *_GREY, cue="dim")
MISSED: Final = Mark("△", "!", "MISS", *_ORANGE, cue="bold")
TIMEOUT: Final = Mark("◷", "T", "TIME", *_ORANGE, label_cue="reverse")
PAUSED: Final = Mark("‖", "=", "PAUS", *_YELLOW)
RETRYING: Final = Mark("↻", "%", "RTRY", *_BLUE)
NOT_STARTED: Final = Mark("○", ".", "NONE", *_GREY, cue="dim")
OFF: Final = Mark("–", "-", "OFF", *_GREY, cue="dim")

_OCCURRENCE: Final[dict[OccurrenceState, Mark]] = {
    OccurrenceState.PLANNED: PENDING,
    OccurrenceState.PENDING: PENDING,
    OccurrenceState.QUEUED: QUEUED,
    OccurrenceState.RUNNING: RUNNING,
    OccurrenceState.CANCELING: CANCELING,
    OccurrenceState.COMPLETED: COMPLETED,
    OccurrenceState.COMPLETED_WITH_ERRORS: WITH_ERRORS,
    OccurrenceState.FAILED: FAILED,
    OccurrenceState.FAILED_STALE: STALE,
    OccurrenceState.CANCELED: CANCELED,
    OccurrenceState.SKIPPED: SKIPPED,
    OccurrenceState.MISSED: MISSED,
}
_TASK: Final[dict[TaskRunState, Mark]] = {
    TaskRunState.PENDING: PENDING,
    TaskRunState.RUNNING: RUNNING,
    TaskRunState.RETRYING: RETRYING,
    TaskRunState.SUCCESS: COMPLETED,
    TaskRunState.FAILED: FAILED,
    TaskRunState.TIMEOUT: TIMEOUT,
    TaskRunState.CANCELED: CANCELED,
    TaskRunState.FAILED_STALE: STALE,
    TaskRunState.SKIPPED: SKIPPED,
}
_ATTEMPT: Final[dict[AttemptState, Mark]] = {
    AttemptState.PLANNED: RETRYING,
    AttemptState.RUNNING: RUNNING,
    AttemptState.SUCCESS: COMPLETED,
    AttemptState.FAILED: FAILED,
    AttemptState.TIMEOUT: TIMEOUT,
    AttemptState.CANCELED: CANCELED,
    AttemptState.LOST: STALE,
    AttemptState.NOT_STARTED: NOT_STARTED,
}

ALL_MARKS: Final = tuple(
    {id(mark): mark for mark in (*_OCCURRENCE.values(), *_TASK.values(), *_ATTEMPT.values(), PAUSED, OFF)}.values()
)


def mark_of(state: AnyState) -> Mark:
    """The mark of a state of an occurrence, a task run or an attempt."""
    match state:
        case OccurrenceState():
            return _OCCURRENCE[state]
        case TaskRunState():
            return _TASK[state]
        case AttemptState():
            return _ATTEMPT[state]


# What the rest of the screen draws with, beside the marks.
_CHROME: Final = {
    "▸": ">", "▌": ">", "─": "-", "│": "|", "┃": "!", "·": ".", "…": "~", "█": "#", "▒": "%", "┆": ":", "├": "+",
    "┼": "+", "┤": "+", "→": ">", "⏎": "^", "▲": "^", "▼": "v", "‹": "<", "›": ">", "—": "-",
    "▁": "_", "▂": ".", "▃": ":", "▄": "-", "▅": "=", "▆": "+", "▇": "*", "░": ".", "≠": "!", "–": "-", "•": "*",
    "┐": "\\", "┘": "/",
    "»": ">", "“": '"', "”": '"', "’": "'", "▏": "|", "←": "<", "↑": "^", "↓": "v", "╴": "-", "╶": "-", "◆": "*",
    "↺": "@", "╌": "-",
}  # fmt: skip
_CLEANED: Final = dict.fromkeys(map(chr, (0xFFFD, 0x25CC, *range(0x2400, 0x2422))), "?")
"""What `clean_text` puts in the place of what no terminal is to see."""
_TO_ASCII: Final = str.maketrans({mark.glyph: mark.ascii for mark in ALL_MARKS} | _CHROME | _CLEANED)


def ascii_text(text: str) -> str:
    """The same text with every glyph of ours as one ASCII character; lengths do not change."""
    return text.translate(_TO_ASCII)


def wants_ascii(environ: dict[str, str]) -> bool:
    """Whether this terminal should be spared our glyphs: the Linux console, or a locale that is not UTF-8.

    Or one of East Asia, where some of them take two cells (UAX #11, ambiguous).
    """
    if environ.get("TERM") == "linux":
        return True
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    return locale[:3] in ("ja_", "ko_", "zh_") or not re.search("utf-?8", locale, re.IGNORECASE)
