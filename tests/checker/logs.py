"""I12: of what a task wrote, what is kept and what was dropped add up, and the index covers the log byte by byte."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from tests.checker.history import History, Violation, short

_RECORD = struct.Struct("<QQIB3x")
_NOTE = 0


def check(history: History, folders: Path) -> Iterator[Violation]:
    """Each attempt whose end was seen, in the folder of its id below `folders`."""
    for row in history.rows("attempt"):
        detail = json.loads(row["detail"])
        if row["state"] in ("planned", "running", "lost") or "output_bytes" not in detail:
            continue
        folder = folders / str(UUID(bytes=row["id"]))
        records = _records(folder / "output.idx")
        size = (folder / "output.log").stat().st_size if (folder / "output.log").exists() else 0
        kept, dropped = sum(length for _, length, stream in records if stream != _NOTE), detail.get("dropped_bytes", 0)
        if kept + dropped != detail["output_bytes"]:
            told = f"{kept} kept and {dropped} dropped of {detail['output_bytes']}"
            yield Violation("I12", f"the log of attempt {short(row['id'])} has {told} bytes")
        if not _is_covered(records, size):
            yield Violation("I12", f"the index of attempt {short(row['id'])} does not cover its log")


def _records(path: Path) -> list[tuple[int, int, int]]:
    """Offset, length and stream of each chunk."""
    if not path.exists():
        return []
    return [(offset, length, stream) for offset, _, length, stream in _RECORD.iter_unpack(path.read_bytes())]


def _is_covered(records: list[tuple[int, int, int]], size: int) -> bool:
    end = 0
    for offset, length, _ in records:
        if offset != end:
            return False
        end += length
    return end == size
