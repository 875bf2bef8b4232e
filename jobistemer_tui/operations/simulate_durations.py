"""How long a simulated try takes, and how it ends: from the tries that the store remembers."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping, Sequence
from dataclasses import field
from statistics import median
from uuid import UUID

from jobistemer_tui.domain.instants import EPOCH
from jobistemer_tui.domain.records import Attempt, Job
from jobistemer_tui.domain.states import AttemptState
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_OCCURRENCE,
    OCCURRENCES_BY_JOB_HANDLED,
    TASK_RUNS_BY_OCCURRENCE,
)

NEWEST_RUNS = 30
"""So many of a job's newest runs are looked at for durations."""
ASSUMED_S = 60.0
"""How long a try is taken to last of which nothing is known."""
_ENDED = (AttemptState.SUCCESS, AttemptState.FAILED)


@dataclass(frozen=True, slots=True)
class Try:
    """How long a try takes, and how it ends: success or failed."""

    seconds: float
    state: AttemptState = AttemptState.SUCCESS


@dataclasses.dataclass(frozen=True)
class Durations:
    """The tries of a simulation.

    `given` are seconds by `JOB` or `JOB/TASK`, which go before all else. `history` are the tries remembered by job and
    task. With a `seed` each try is one of these, its outcome included; without, it succeeds after their median.
    """

    given: Mapping[str, float] = field(default_factory=dict)
    history: Mapping[tuple[UUID, str], Sequence[Try]] = field(default_factory=dict)
    seed: int | None = None

    def of(self, job_id: UUID, job: str, task: str, attempt: UUID) -> Try:
        """The try of a task; the same attempt always gets the same."""
        given = self.given.get(f"{job}/{task}", self.given.get(job))
        known = self.history.get((job_id, task), ())
        if given is not None:
            return Try(given)
        if not known:
            return Try(ASSUMED_S)
        if self.seed is not None:
            return random.Random(f"{self.seed} {attempt}").choice(known)
        return Try(median(each.seconds for each in _successes(known)))

    def origin(self, job_id: UUID, job: str, task: str) -> str:
        """Where the duration of a task comes from, in words."""
        if f"{job}/{task}" in self.given or job in self.given:
            return "given"
        known = self.history.get((job_id, task), ())
        return f"{len(known)} earlier tries" if known else "assumed"


def _successes(known: Sequence[Try]) -> Sequence[Try]:
    """The ones that succeeded, or all if none did."""
    return [each for each in known if each.state is AttemptState.SUCCESS] or known


def read_history(reader: Reader, jobs: Sequence[Job]) -> dict[tuple[UUID, str], list[Try]]:
    """The tries of the newest runs of some jobs that came to an end by themselves."""
    found: dict[tuple[UUID, str], list[Try]] = {}
    for job in jobs:
        newest = reader.scan(OCCURRENCES_BY_JOB_HANDLED, job.id, low=EPOCH, reverse=True, limit=10 * NEWEST_RUNS)
        for row in [row for row in newest if row.started_at is not None][:NEWEST_RUNS]:
            names = {run.id: run.name for run in reader.scan(TASK_RUNS_BY_OCCURRENCE, row.id)}
            for attempt in reader.scan(ATTEMPTS_BY_OCCURRENCE, row.id):
                tried = _try_of(attempt)
                if tried is not None and attempt.task_run_id in names:
                    found.setdefault((job.id, names[attempt.task_run_id]), []).append(tried)
    return found


def _try_of(attempt: Attempt) -> Try | None:
    if attempt.state not in _ENDED or attempt.started_at is None or attempt.finished_at is None:
        return None
    return Try(max(0.0, (attempt.finished_at - attempt.started_at).total_seconds()), attempt.state)
