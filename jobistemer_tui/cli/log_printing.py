"""Print the logs of a run: as far as they are there, or until it has ended."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import field
from uuid import UUID

from jobistemer_tui.cli import output
from jobistemer_tui.cli.failed_tries import failure_text
from jobistemer_tui.cli.log_printer import LogPrinter, Style
from jobistemer_tui.cli.waiting import looks
from jobistemer_tui.domain.states import OPEN_ATTEMPTS, TERMINAL_OCCURRENCES
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.read_models import AttemptRow, OccurrenceDetail, TaskRow
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """An occurrence, or one of its attempts or task runs alone."""

    occurrence_id: UUID
    attempt_id: UUID | None = None
    task_run_id: UUID | None = None


def style_for(*, as_json: bool, follow: bool, single: bool) -> Style:
    """How lines are written; `single`: they all come from one task."""
    if as_json:
        return Style.JSON_LINES if follow else Style.JSON
    if output.is_terminal():
        return Style.CLEAN if single else Style.CLEAN_PREFIXED
    return Style.RAW if single else Style.RAW_PREFIXED


@dataclasses.dataclass(slots=True)
class LogPrinting:
    """The logs of what is wanted, printed once each, by attempt."""

    operations: Operations
    wanted: Wanted
    style: Style
    printers: dict[UUID, LogPrinter] = field(default_factory=dict)

    def print_all(self) -> None:
        """Print what is there."""
        self._print(self.operations.occurrence(self.wanted.occurrence_id))

    def follow(self) -> None:
        """Print until what is wanted has ended."""
        detail = self.operations.occurrence(self.wanted.occurrence_id)
        for changed in looks(self.operations):
            if changed:
                detail = self.operations.occurrence(self.wanted.occurrence_id)
            self.print_new(detail)
            if detail.row.status in TERMINAL_OCCURRENCES or self._has_ended(detail):
                return

    def print_new(self, detail: OccurrenceDetail) -> None:
        """Print what was written since, for a run as it stands now."""
        self._print(detail)
        output.flush()

    def explain(self) -> None:
        """Say why there is nothing, where that is not just an empty log, and what failed around the processes."""
        for _, attempt in self._attempts(self.operations.occurrence(self.wanted.occurrence_id)):
            if attempt.id in self.printers:
                self.printers[attempt.id].explain(failure_text(attempt))

    def _has_ended(self, detail: OccurrenceDetail) -> bool:
        """Whether the one attempt that is wanted is over, though its run may go on."""
        if self.wanted.attempt_id is None:
            return False
        return all(attempt.status not in OPEN_ATTEMPTS for _, attempt in self._attempts(detail))

    def _print(self, detail: OccurrenceDetail) -> None:
        for task, attempt in self._attempts(detail):
            if attempt.id not in self.printers:
                folder = self.operations.log(attempt.id).folder
                self.printers[attempt.id] = LogPrinter(folder, task.name, attempt, self.style)
            following = detail.row.status not in TERMINAL_OCCURRENCES and attempt.status in OPEN_ATTEMPTS
            self.printers[attempt.id].print_new(ended=not following)

    def _attempts(self, detail: OccurrenceDetail) -> Iterator[tuple[TaskRow, AttemptRow]]:
        for task in detail.tasks:
            for attempt in task.attempts:
                if self.wanted.attempt_id in (None, attempt.id) and self.wanted.task_run_id in (None, task.id):
                    yield task, attempt
