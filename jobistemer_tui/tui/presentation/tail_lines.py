"""The last lines of a log as they stand under the tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from .fitting import fit
from .status_marks import FAILED

if TYPE_CHECKING:
    from jobistemer_tui.tui.log_tail import TailLine

    from .job_rows import Viewpoint


def tail_lines(lines: Sequence[TailLine], view: Viewpoint, width: int) -> list[Text]:
    """Each line behind its time and a bar: `│` standard output, `┃` standard error."""
    return [_tail_line(line, view, width) for line in lines]


def _tail_line(line: TailLine, view: Viewpoint, width: int) -> Text:
    clock = line.at.astimezone(view.style.zone).strftime("%H:%M:%S") if line.at else ""
    text = Text(" ", no_wrap=True, end="")
    if clock and width >= 40:
        text.append(f"{clock} ", "dim")
    text.append("┃ " if line.stderr else "│ ", FAILED.style(dark=view.dark) if line.stderr else "dim")
    text.append(fit(line.text, max(1, width - len(text.plain) - 1)))
    return text
