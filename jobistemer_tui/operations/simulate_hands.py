"""Stands for the runner and the supervisor: a try that is launched ends when its time is over, and nothing runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from uuid import UUID

from jobistemer_tui.domain.records import Attempt
from jobistemer_tui.domain.states import AttemptState, Reason
from jobistemer_tui.domain.task_run_moves import AttemptEnd
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.advance import advance
from jobistemer_tui.engine.transactions.begin import Progress
from jobistemer_tui.engine.transactions.common import Launch, Owner
from jobistemer_tui.operations.simulate_clock import SimulatedClock
from jobistemer_tui.operations.simulate_durations import Durations

_REASONS = {AttemptState.FAILED: Reason.TASK_FAILED, AttemptState.TIMEOUT: Reason.TIMEOUT}


@dataclass(order=True, slots=True)
class _Ending:
    """When a try ends; `place` keeps those of one moment in the order of their launches."""

    at: datetime
    place: int
    attempt: UUID = field(compare=False)
    state: AttemptState = field(compare=False)
    reason: Reason | None = field(compare=False)


class SimulatedHands:
    """See `engine.scheduler.Hands`. `most` is how many occurrences may be launched in all."""

    connected = True
    ending = 0

    def __init__(self, store: StoreCalls, clock: SimulatedClock, owner: Owner, durations: Durations) -> None:
        self._store = store
        self._clock = clock
        self._owner = owner
        self._durations = durations
        self._endings: list[_Ending] = []
        self._stopped: set[UUID] = set()
        self._places = count()
        self.on_change: Callable[[], None] = lambda: None

    @property
    def next_end(self) -> datetime | None:
        """When the next try ends."""
        return self._endings[0].at if self._endings else None

    def launch(self, launches: Iterable[Launch]) -> None:
        for launch in launches:
            heappush(self._endings, self._ending_of(launch))

    def follow(self, progress: Progress) -> None:
        for attempt in progress.stops:
            self._stop(attempt)
        self.launch(progress.launches)

    def _ending_of(self, launch: Launch) -> _Ending:
        """The end of a try: by itself, or earlier by a time-out."""
        now, row, definition = self._clock.now(), launch.occurrence, launch.definition
        tried = self._durations.of(row.job_id, definition.name, launch.task.name, launch.attempt.id)
        ends = [(now + timedelta(seconds=tried.seconds), tried.state, _REASONS.get(tried.state))]
        timeout = definition.task_policies(launch.task.name).task_timeout
        if timeout is not None:
            ends.append((now + timedelta(seconds=timeout), AttemptState.TIMEOUT, Reason.TIMEOUT))
        if row.deadline_at is not None:
            ends.append((max(now, row.deadline_at), AttemptState.TIMEOUT, Reason.DEADLINE))
        at, state, reason = min(ends, key=lambda end: end[0])
        return _Ending(at, next(self._places), launch.attempt.id, state, reason)

    def _stop(self, attempt: Attempt) -> None:
        if attempt.id not in self._stopped:
            self._stopped.add(attempt.id)
            ending = _Ending(self._clock.now(), next(self._places), attempt.id, AttemptState.CANCELED, None)
            heappush(self._endings, ending)

    async def end_due(self) -> bool:
        """Record the tries that have ended by now; True if there were any."""
        now, found = self._clock.now(), False
        while self._endings and self._endings[0].at <= now:
            ending = heappop(self._endings)
            end = AttemptEnd(ending.state, ending.reason, ending.at)
            # One that was stopped before its end comes here twice; the second time nothing is changed.
            work = partial(advance, owner=self._owner, attempt_id=ending.attempt, end=end, now=now)
            advanced = await self._store.write(work)
            if advanced.progress is not None:
                self.follow(advanced.progress)
            found = True
        return found
