"""What a running engine decides, a line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from jobistemer_tui.cli import output
from jobistemer_tui.cli.commands.check_files import problem_lines
from jobistemer_tui.cli.times import local_text
from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.domain.records import Event
from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.json_shapes import event_json
from jobistemer_tui.operations.queries_status import file_problem


class EventLines:
    """Prints events: for a person on standard error, or as lines of JSON on standard output."""

    def __init__(self, operations: Operations, *, as_json: bool) -> None:
        self._operations = operations
        self._as_json = as_json
        self._names: dict[UUID, str] = {}

    def print(self, event: Event) -> None:
        """One event."""
        job = self._job_name(event.job_id)
        if self._as_json:
            output.as_json_line(event_json(event, job))
        else:
            output.talk("\n".join(event_lines(event, job)))

    def _job_name(self, job_id: UUID | None) -> str | None:
        if job_id is None:
            return None
        if job_id not in self._names:
            try:
                self._names[job_id] = self._operations.resolve(str(job_id)).name
            except JobistemerError:
                return str(job_id)
        return self._names[job_id]


def event_lines(event: Event, job: str | None) -> list[str]:
    """When, what, which job and run, why; of a refused file also what is wrong with it."""
    words = [local_text(event.at), event.kind.replace("_", " ")]
    if job is not None:
        words.append(job)
    if event.occurrence_id is not None:
        words.append(short_id(event.occurrence_id))
    words += [str(event.detail[name]) for name in ("status", "path") if name in event.detail]
    if event.reason is not None:
        words.append(f"({event.reason})")
    return ["  ".join(words), *_problems(event.detail)]


def _problems(detail: Mapping[str, Any]) -> list[str]:
    errors = detail.get("errors") or ()
    return [line for error in errors for line in problem_lines(file_problem(error, str(detail.get("path", ""))))]
