"""The rows of a list as a file: CSV, JSON or the table as text, told by the ending of its name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from rich.cells import set_cell_size

from jobistemer_tui.operations.written_file import write_new

from .presentation.job_rows import Viewpoint
from .presentation.listing import Listing

Row = TypeVar("Row")

ENDINGS: Final = (".csv", ".json", ".txt")
_TEXT_WIDTH: Final = 200


def default_name(view_name: str, view: Viewpoint) -> str:
    """A name that says what and when: `jobs-20261124-143207.csv`."""
    return f"{view_name}-{view.now.astimezone(view.style.zone):%Y%m%d-%H%M%S}.csv"


def write_export(path: Path, rows: Sequence[Row], listing: Listing[Row], view: Viewpoint) -> Path:
    """Write a new file. Raises Refused if there is one already, HomeNotWritable where it cannot be written."""
    write_new(path, export_text(path.suffix, rows, listing, view))
    return path


def export_text(ending: str, rows: Sequence[Row], listing: Listing[Row], view: Viewpoint) -> str:
    """The rows as text of the kind that an ending of `ENDINGS` means."""
    if ending == ".txt":
        return _table(rows, listing, view)
    records = [listing.record(row) for row in rows]
    if ending == ".json":
        return json.dumps(records, indent=2, ensure_ascii=False, default=str) + "\n"
    return _csv(records)


def _csv(records: Sequence[Mapping[str, object]]) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    if records:
        writer.writerow(records[0])
    writer.writerows([_plain(value) for value in record.values()] for record in records)
    return file.getvalue()


def _plain(value: object) -> object:
    """A value of one CSV field: text and numbers as they are, nothing for null, the rest as JSON."""
    if value is None or (isinstance(value, str | int | float) and not isinstance(value, bool)):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _table(rows: Sequence[Row], listing: Listing[Row], view: Viewpoint) -> str:
    columns = listing.columns(_TEXT_WIDTH)
    lines = [" ".join(f"{column.label:<{column.width}}" for column in columns).rstrip()]
    for row in rows:
        cells = listing.cells(row, columns, view).cells
        padded = [_padded(cell.plain, column.width) for cell, column in zip(cells, columns, strict=True)]
        lines.append(" ".join(padded).rstrip())
    return "\n".join(lines) + "\n"


def _padded(text: str, width: int) -> str:
    return set_cell_size(text, width)
