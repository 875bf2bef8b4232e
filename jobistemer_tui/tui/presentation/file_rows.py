"""The table of job files: columns by width, cells, and how a file stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from rich.text import Text

from jobistemer_tui.domain.instants import instant_json
from jobistemer_tui.operations.json_shapes import problem_json
from jobistemer_tui.operations.read_models import FileRow, FileStanding

from .fitting import cleaned, fit_middle
from .job_rows import Viewpoint, grouped
from .listing import Listing, Sort
from .moments import ago_text
from .rows import Column, TableRow, cell, flexible
from .status_marks import COMPLETED, FAILED, OFF, WITH_ERRORS, Mark

_WORDS: Final = {
    FileStanding.LIVE: "live",
    FileStanding.REFUSED: "refused",
    FileStanding.DENIED: "not read",
    FileStanding.UNWATCHED: "not watched",
}


def file_mark(row: FileRow) -> Mark:
    """The one mark of a file."""
    match row.standing:
        case FileStanding.LIVE:
            return WITH_ERRORS if row.problems else COMPLETED
        case FileStanding.UNWATCHED:
            return OFF
        case FileStanding.REFUSED | FileStanding.DENIED:
            return FAILED


def in_order(rows: Sequence[FileRow]) -> list[FileRow]:
    """What needs a look first, then by folder and name."""
    first = (FileStanding.DENIED, FileStanding.REFUSED)
    return sorted(rows, key=lambda row: (row.standing not in first, not row.watched, row.root, row.path))


def file_columns(width: int) -> tuple[Column, ...]:
    """The columns that fit a table of `width` cells."""
    columns = [Column("mark", "S", 1), Column("file", "File", 16)]
    if width >= 44:
        columns.append(Column("state", "State", 11))
    if width >= 60:
        columns += [Column("jobs", "Jobs", 4), Column("problems", "Problems", 8), Column("read", "Read", 8)]
    if width >= 100:
        columns[1] = Column("file", "File", 28)
        columns.append(Column("says", "What it says", 8))
    return flexible(columns, width - 2, flex="says" if width >= 100 else "file", least=8)


def file_table_row(row: FileRow, columns: Sequence[Column], view: Viewpoint) -> TableRow:
    """One file as cells."""
    return TableRow(row.path, tuple(_file_cell(row, column, view) for column in columns))


def _file_cell(row: FileRow, column: Column, view: Viewpoint) -> Text:
    width, mark = column.width, file_mark(row)
    style = mark.style(dark=view.dark) if mark is not COMPLETED else ""
    match column.key:
        case "mark":
            return mark.text(dark=view.dark)
        case "file":
            return cell(fit_middle(short_path(row), width), width, style or "bold")
        case "state":
            return cell(_WORDS[row.standing], width, style)
        case "jobs":
            return cell(f"{len(row.jobs) or '–':>{width}}", width)
        case "problems":
            return cell(f"{len(row.problems) or '–':>{width}}", width, style)
        case "read":
            return cell(ago_text(row.read_at, view.now, view.style), width, "dim")
        case _:
            return cell(says_words(row), width, style or "dim")


def says_words(row: FileRow) -> str:
    """Its first problem, with the line, else its jobs."""
    if row.problems:
        first = row.problems[0]
        return cleaned(f"{first.line}:{first.column} {first.message}" if first.line else first.message)
    return cleaned(", ".join(row.jobs))


def short_path(row: FileRow) -> str:
    """A file's path below the folder that was named, else its name."""
    inside = row.path.removeprefix(row.root).lstrip("/")
    return cleaned(inside or row.path.rpartition("/")[2])


def facts_text(rows: Sequence[FileRow], view: Viewpoint) -> Text:
    """How much there is: `2 paths watched · 7 files · 2 with problems`."""
    standing = Counter(row.standing for row in rows)
    roots = len({row.root for row in rows if row.watched})
    bad = standing[FileStanding.REFUSED] + standing[FileStanding.DENIED]
    text = Text(f" {roots} {'path' if roots == 1 else 'paths'} watched · ", "dim", no_wrap=True, end="")
    text.append(f"{grouped(len(rows))} {'file' if len(rows) == 1 else 'files'} · ", "dim")
    if bad:
        text.append(f"{bad} refused", FAILED.style(dark=view.dark))
    else:
        text.append("no problems" if not any(row.problems for row in rows) else "none refused", "dim")
    return text


def _record(row: FileRow) -> Mapping[str, object]:
    return {
        "file": row.path,
        "state": str(row.standing),
        "jobs": list(row.jobs),
        "problems": [problem_json(problem) for problem in row.problems],
        "read_at": instant_json(row.read_at),
    }


FILE_LISTING: Final = Listing[FileRow](
    noun="file",
    key=lambda row: row.path,
    texts=lambda row: (row.path, *row.jobs, *(problem.message for problem in row.problems)),
    columns=file_columns,
    cells=file_table_row,
    record=_record,
    fields={
        "status": lambda row, part: _WORDS[row.standing].startswith(part),
        "job": lambda row, part: any(name.lower().startswith(part) for name in row.jobs),
    },
    is_problem=lambda row: bool(row.problems) or row.standing in (FileStanding.REFUSED, FileStanding.DENIED),
    sorts=(
        Sort("Problems first"),
        Sort("File", lambda row: row.path),
        Sort("Jobs", lambda row: -len(row.jobs)),
        Sort("Read", lambda row: -row.read_at.timestamp()),
    ),
)
