"""Every example loads without a complaint, and each of its schedules has a next instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.jobfiles import read_paths
from jobistemer_tui.schedules import Schedule, parse_schedule

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(path for path in EXAMPLES.iterdir() if path.is_file() and path.name != "README.md")
NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def definitions(path: Path) -> list[JobDefinition]:
    return [job.definition for file in read_paths([path]).files for job in file.jobs]


def schedule_of(job: JobDefinition) -> Schedule:
    return parse_schedule(job.schedule, timezone=job.timezone, key=job.key, anchor=NOW)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_example_loads_without_a_complaint(path: Path) -> None:
    (file,) = read_paths([path]).files
    assert [diagnostic.text() for diagnostic in file.diagnostics] == []
    assert file.jobs
    assert all(job.definition.description for job in file.jobs)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_schedule_of_an_example_has_a_next_instant(path: Path) -> None:
    for job in definitions(path):
        if job.schedule is not None:
            following = schedule_of(job).next_after(NOW)
            assert following is not None, job.name
            assert following > NOW


def test_all_examples_live_together() -> None:
    reading = read_paths([EXAMPLES])
    assert [diagnostic.text() for file in reading.files for diagnostic in file.diagnostics] == []
    assert {Path(file.path) for file in reading.files} == set(FILES)


def test_the_examples_show_all_formats_and_every_way_to_be_due() -> None:
    assert {path.suffix for path in FILES} == {".toml", ".yaml", ".py"}
    schedules = [job.schedule for path in FILES for job in definitions(path)]
    kinds = {type(schedule).__name__ for schedule in schedules}
    assert kinds == {"NoneType", "str", "dict", "list"}
    words = {word for schedule in schedules if isinstance(schedule, dict) for word in schedule}
    assert words >= {"cron", "interval", "once"}


def test_something_happens_within_seconds_of_the_start() -> None:
    soon = NOW + timedelta(seconds=30)
    jobs = [job for path in FILES for job in definitions(path) if job.schedule is not None]
    due = [job.name for job in jobs if next(schedule_of(job).between(NOW, soon), None)]
    assert len(due) >= 4


def test_the_index_names_every_example() -> None:
    index = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in FILES if f"]({path.name})" not in index] == []
