"""The source of a job as lines with numbers, highlighted by Pygments; whatever stands in it, it is only shown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rich.style import Style
from rich.syntax import Syntax
from rich.text import Span, Text

from jobistemer_tui.operations.clean_text import clean_text
from jobistemer_tui.operations.source import SourceText

from .fitting import cleaned
from .lines import Line, Target, paragraph
from .status_marks import MISSED

_LEXERS = {"toml": "toml", "yaml": "yaml", "yml": "yaml", "py": "python", "json": "json"}
_COLOURED = 256 * 1024
"""Characters; longer texts are shown without colours, at once."""
_LINE = 1_000


def source_lines(source: SourceText, width: int, *, dark: bool) -> list[Line]:
    """The file with numbers; what is to be known of it stands above. Empty lines too, so that numbers are right."""
    notes = list(_notes(source))
    lines = [line for note in notes for line in paragraph(f"△ {note}", width, style=MISSED.style(dark=dark))]
    if not source.text:
        return lines
    texts = highlighted(source.text, source.path.rpartition(".")[2], dark=dark)
    digits = len(str(len(texts)))
    for number, text in enumerate(texts, 1):
        here = number == source.line
        line = Text.assemble((f"{number:>{digits}} ", "bold" if here else "dim"), ("▸" if here else " ", "bold"), " ")
        line.append_text(text)
        line.truncate(width, overflow="ellipsis")
        line.end = ""
        lines.append(Line(line, Target("file", f"{source.path}:{number}")))
    return lines


def source_cursor(source: SourceText, width: int) -> int:
    """The line to begin at: the job's own."""
    notes = sum(len(paragraph(f"△ {note}", width)) for note in _notes(source))
    return max(0, notes + source.line - 1) if source.text else 0


def _notes(source: SourceText) -> Iterator[str]:
    if source.problem:
        yield cleaned(source.problem)
    if source.refused:
        yield "this file was refused as it was last read; an older version of the job is in force"
    elif source.changed:
        yield "the file has changed since it was read; a running engine reads it within two seconds"


def _without_ground(style: str | Style) -> str | Style:
    """The screen's own background stays."""
    if isinstance(style, str):
        return style
    return Style(color=style.color, bold=style.bold, italic=style.italic, underline=style.underline)


def highlighted(text: str, suffix: str, *, dark: bool = True) -> list[Text]:
    """The lines of a text in the colours of its language; every line is cleaned, and cut where it is very long."""
    return [line.copy() for line in _highlighted(text, suffix, dark)]


@lru_cache(maxsize=8)
def _highlighted(text: str, suffix: str, dark: bool) -> tuple[Text, ...]:
    clean = "\n".join(clean_text(line, limit=_LINE, tab_size=8) for line in text.split("\n"))
    if suffix in _LEXERS and len(clean) <= _COLOURED:
        whole = Syntax("", _LEXERS[suffix], theme="ansi_dark" if dark else "ansi_light").highlight(clean)
        whole.style = ""
        whole.spans = [Span(span.start, span.end, _without_ground(span.style)) for span in whole.spans]
    else:
        whole = Text(clean)
    lines = whole.split("\n", allow_blank=True)
    if len(lines) > 1 and not lines[-1].plain:
        lines.pop()
    return tuple(lines)
