"""A schedule that does not work any more, as if the package that brought its kind were gone."""

from __future__ import annotations

import pytest

from jobistemer_tui.domain.records import Job
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.storage.contract import Reader


def break_first_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the schedules of first versions cannot be asked for anything."""
    works = Definitions.schedule

    def schedule(self: Definitions, reader: Reader, job: Job) -> Schedule | None:
        if job.version == 1:
            raise ScheduleError("the package is gone")
        return works(self, reader, job)

    monkeypatch.setattr(Definitions, "schedule", schedule)
