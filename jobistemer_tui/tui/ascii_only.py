"""In a terminal that is to be spared our glyphs: what is painted, as ASCII."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from .presentation.status_marks import ascii_text


class AsciiOnly(LineFilter):
    """Puts ASCII in the place of our glyphs in all that is painted, dialogs, notices and what Textual cuts included.

    The lines on the screen of a log do without: they show what the task wrote.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, each as long as before."""
        return [
            segment if segment.text.isascii() else Segment(ascii_text(segment.text), segment.style, segment.control)
            for segment in segments
        ]
