"""A store with jobs and runs for what completes names; some of the names were put there by an enemy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.support.empty_database import empty_store
from tests.support.factories import NOW, add, add_job, make_definition, make_occurrence

HOSTILE = ("zap$(touch owned)", "zap`touch owned`;true", "zap'q\"uo te", "zap -x > owned")
"""Names that a job file cannot give, but whoever can write the database."""
UNPRINTABLE = ("zap\x1b[31m", "zap\ntouch owned", "zap\ttab", "zap\u202eover")


def make_named_store(home: Path) -> Path:
    """Jobs `backup` (two runs) and `build-docs`, and the hostile ones; gives the database."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = empty_store(home / "jobistemer.db")
    backup = add_job(store, make_definition("backup"))
    add_job(store, make_definition("build-docs"))
    add(store, make_occurrence(backup, NOW), make_occurrence(backup, NOW - timedelta(hours=1)))
    for number, name in enumerate((*HOSTILE, *UNPRINTABLE)):
        add_job(store, replace(make_definition(f"key-{number}"), name=name))
    store.close()
    return home / "jobistemer.db"
