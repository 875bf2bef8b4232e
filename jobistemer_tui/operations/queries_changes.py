"""Which jobs may look different since the last look, so that a list of thousands is not read anew each time."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from jobistemer_tui.domain.states import OPEN_OCCURRENCES
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE, OCCURRENCES_BY_DUE

if TYPE_CHECKING:
    from jobistemer_tui.storage.contract import Reader

_MOST_EVENTS = 5_000


class ChangedJobs:
    """Follows the audit: every decision about a job or its occurrences has an event that names the job.

    Between two events only what is open changes, so jobs with something open count as changed, and once more when
    nothing of them is open any longer.
    """

    def __init__(self) -> None:
        self._events_up_to: int | None = None
        self._open_before: set[UUID] = set()

    def since_last(self, reader: Reader) -> set[UUID] | None:
        """The jobs to be read again; None if all of them, as at the first call and after very many events."""
        open_now = {row.job_id for state in OPEN_OCCURRENCES for row in reader.scan(OCCURRENCES_BY_DUE, state)}
        named = self._named_by_events(reader)
        suspects = None if named is None else named | open_now | self._open_before
        self._open_before = open_now
        return suspects

    def _named_by_events(self, reader: Reader) -> set[UUID] | None:
        if self._events_up_to is None:
            newest = reader.scan(EVENTS_BY_SEQUENCE, reverse=True, limit=1)
            self._events_up_to = newest[0].sequence if newest else 0
            return None
        events = reader.scan(EVENTS_BY_SEQUENCE, low=self._events_up_to + 1, limit=_MOST_EVENTS)
        if len(events) == _MOST_EVENTS:
            self._events_up_to = None
            return self._named_by_events(reader)
        if events:
            self._events_up_to = events[-1].sequence
        return {event.job_id for event in events if event.job_id is not None}
