"""The source of a job as lines with numbers, highlighted by Pygments; whatever stands in it, it is only shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from rich.style import Style
from rich.syntax import Syntax
from rich.text import Text

from jobistemer_tui.operations.clean_text import clean_text
from jobistemer_tui.operations.source import SourceText

from .fitting import cleaned
from .lines import LazyLines, Line, Target, paragraph
from .status_marks import MISSED

_LEXERS = {"toml": "toml", "yaml": "yaml", "yml": "yaml", "py": "python", "json": "json"}
_COLOURED = 64 * 1024
"""Characters; longer texts are shown without colours, at once."""
_LINE = 1_000


def source_lines(source: SourceText, width: int, *, dark: bool) -> Sequence[Line]:
    """The file with numbers; what is to be known of it stands above. Empty lines too, so that numbers are right."""
    notes = list(_notes(source))
    head = [line for note in notes for line in paragraph(f"△ {note}", width, style=MISSED.style(dark=dark))]
    if not source.text:
        return head
    texts = highlighted(source.text, source.path.rpartition(".")[2], dark=dark)
    digits = len(str(len(texts)))

    def make(index: int) -> Line:
        number = index + 1
        here = number == source.line
        line = Text.assemble((f"{number:>{digits}} ", "bold" if here else "dim"), ("▸" if here else " ", "bold"), " ")
        line.append_text(texts[index].text)
        line.truncate(width, overflow="ellipsis")
        line.end = ""
        return Line(line, Target("file", f"{source.path}:{number}"))

    return LazyLines(head, len(texts), make)


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


def highlighted(text: str, suffix: str, *, dark: bool = True) -> Sequence[Line]:
    """The lines of a text in the colours of its language; every line is cleaned, and cut where it is very long."""
    rows = _coloured(text, suffix, dark) if suffix in _LEXERS and len(text) <= _COLOURED else _plain(text)
    return LazyLines((), len(rows), lambda index: Line(_row_text(rows[index])))


Row = str | list[tuple[str, Style]]


def _row_text(row: Row) -> Text:
    if isinstance(row, str):
        return Text(_clean(row), no_wrap=True, end="")
    return Text.assemble(*row, no_wrap=True, end="")


def _clean(line: str) -> str:
    return clean_text(line, limit=_LINE, tab_size=8)


def _plain(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


@lru_cache(maxsize=8)
def _coloured(text: str, suffix: str, dark: bool) -> list[list[tuple[str, Style]]]:
    """The tokens of each line with their styles."""
    lexer = Syntax("", _LEXERS[suffix]).lexer
    theme = Syntax.get_theme("ansi_dark" if dark else "ansi_light")
    clean = "\n".join(map(_clean, _plain(text)))
    if lexer is None:
        return [[(line, Style())] for line in clean.split("\n")]
    rows: list[list[tuple[str, Style]]] = [[]]
    for kind, piece in lexer.get_tokens(clean):
        style = _without_ground(theme.get_style_for_token(kind))
        first, *more = piece.split("\n")
        rows[-1].append((first, style))
        rows += ([(part, style)] for part in more)
    return rows[: clean.count("\n") + 1]


def _without_ground(style: Style) -> Style:
    """The screen's own background stays."""
    return Style(color=style.color, bold=style.bold, italic=style.italic, underline=style.underline)
