"""The versions of a job: a list, and each with its difference to the one before and its full stored text."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from jobistemer_tui.domain.definition_diff import Kind
from jobistemer_tui.operations.read_models import VersionRow
from jobistemer_tui.operations.version_text import definition_text

from .fitting import cleaned, fit, fit_middle
from .job_rows import Viewpoint
from .lines import LazyLines, Line, Target, heading, paragraph
from .moments import day_text
from .rows import Column, TableRow, cell, flexible
from .source_text import highlighted
from .status_marks import COMPLETED, FAILED, RUNNING, Mark

_SIGNS = {Kind.ADDED: ("+", COMPLETED), Kind.REMOVED: ("-", FAILED), Kind.CHANGED: ("~", RUNNING)}


def version_columns(width: int) -> tuple[Column, ...]:
    """Number, time, place, what changed."""
    columns = [Column("number", "Ver", 4), Column("since", "Published", 23), Column("changes", "What changed", 10)]
    if width >= 120:
        columns.insert(2, Column("file", "File", 36))
    return flexible(columns, width - 2, flex="changes", least=8)


def version_table_row(row: VersionRow, columns: Sequence[Column], view: Viewpoint) -> TableRow:
    """One version as cells."""
    words = {
        "number": f"{row.number}{'*' if row.current else ''}",
        "since": day_text(row.published_at, view.now, view.style.zone),
        "file": f"{cleaned(row.file)}:{row.line}",
        "changes": changes_words(row),
    }
    return TableRow(str(row.number), tuple(_version_cell(column, words[column.key]) for column in columns))


def _version_cell(column: Column, words: str) -> Text:
    shown = fit_middle(words, column.width) if column.key == "file" else words
    return cell(shown, column.width, "bold" if column.key == "number" else "")


def changes_words(row: VersionRow) -> str:
    """What changed, in a few words."""
    if not row.differences:
        return "the first one" if row.number == 1 else "nothing that counts"
    return ", ".join(cleaned(difference.what) for difference in row.differences)


def version_lines(row: VersionRow, width: int, *, dark: bool) -> Sequence[Line]:
    """What changed from the version before, then all that is stored."""
    since = "it is in force" if row.current else "an older one is kept for the runs that ran as it"
    place = f"{cleaned(row.file)}:{row.line}"
    lines = [Line(Text(fit(f"{place} · {since}", width), "dim"), Target("file", f"{row.file}:{row.line}"))]
    lines.append(heading(f"version {row.number} against the one before", width))
    for difference in row.differences:
        sign, mark = _SIGNS[difference.kind]
        lines += paragraph(_difference(sign, mark, difference.text, dark=dark), width, indent=2)
    if not row.differences:
        lines.append(Line(Text("nothing to compare: the first one" if row.number == 1 else "no difference", "dim")))
    lines.append(heading("as it is stored", width))
    texts = highlighted(definition_text(row.definition), "json", dark=dark)
    return LazyLines(lines, len(texts), lambda index: Line(_cut(texts[index].text, width)))


def _difference(sign: str, mark: Mark, words: str, *, dark: bool) -> Text:
    return Text.assemble((f"{sign} ", mark.style(dark=dark)), cleaned(words))


def _cut(text: Text, width: int) -> Text:
    text.truncate(width, overflow="ellipsis")
    return text
