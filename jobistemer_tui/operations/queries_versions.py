"""The versions of a job, and what changed from one to the next."""

from __future__ import annotations

from jobistemer_tui.domain.definition_diff import differences
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Job
from jobistemer_tui.operations.read_models import VersionRow
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import VERSIONS_BY_JOB


def version_rows(reader: Reader, job: Job) -> list[VersionRow]:
    """All versions of a job, the newest first."""
    rows: list[VersionRow] = []
    before: JobDefinition | None = None
    for version in reader.scan(VERSIONS_BY_JOB, job.id):
        definition = JobDefinition.from_json(version.definition)
        changed = () if before is None else tuple(differences(before, definition))
        current = version.number == job.version
        place = version.source_path, version.source_line
        row = VersionRow(version.number, version.published_at, *place, current, changed, version.definition)
        rows.append(row)
        before = definition
    return rows[::-1]
