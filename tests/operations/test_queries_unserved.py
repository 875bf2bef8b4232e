"""Jobs of files that the serving engine does not watch are shown as not loaded, and last."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from jobistemer_tui.engine.engine_lock import EngineLock, EngineOwner
from jobistemer_tui.operations.queries_jobs import mark_unserved
from jobistemer_tui.operations.read_models import JobRow

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def row(name: str, file: str) -> JobRow:
    return JobRow(
        id=UUID(int=1), name=name, file=file, line=1, description="", schedule="@daily", in_words=str,
        timezone="UTC",
        enabled=True, loaded=True, paused=False, paused_until=None, pause_reason=None, next=NOW, running=0, queued=0,
        last=None, recent=(), tags=(), error=None,
    )  # fmt: skip


ROWS = [row("other", "/elsewhere/a.toml"), row("ours", "/jobs/deep/b.toml"), row("single", "/one.toml")]


def test_while_an_engine_serves_other_folders(tmp_path: Path) -> None:
    owner = EngineOwner(os.getpid(), "here", UUID(int=2), NOW, ("/jobs", "/one.toml"))
    lock = EngineLock.acquire(tmp_path, owner)
    try:
        marked = mark_unserved(ROWS, tmp_path)
    finally:
        lock.release()
    assert [(one.name, one.loaded, one.next) for one in marked] == [
        ("ours", True, NOW), ("single", True, NOW), ("other", False, None),
    ]  # fmt: skip


def test_without_an_engine_nothing_is_marked(tmp_path: Path) -> None:
    assert mark_unserved(ROWS, tmp_path) == ROWS
