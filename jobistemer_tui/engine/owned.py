"""The rows of what is under way."""

from __future__ import annotations

from uuid import UUID

from jobistemer_tui.domain.records import Attempt, Occurrence
from jobistemer_tui.domain.states import OWNED_OCCURRENCES, AttemptState
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import ATTEMPTS_BY_OCCURRENCE, OCCURRENCES_BY_DUE, OCCURRENCES_BY_OWNER


def owned(reader: Reader) -> list[Occurrence]:
    """What runs or is being cancelled, whoever has it."""
    return [row for state in OWNED_OCCURRENCES for row in reader.scan(OCCURRENCES_BY_DUE, state)]


def owned_by(reader: Reader, node_id: UUID) -> list[Occurrence]:
    """The same, of one engine or recorder."""
    return [row for state in OWNED_OCCURRENCES for row in reader.scan(OCCURRENCES_BY_OWNER, node_id, state)]


def running_tries(reader: Reader, occurrence_id: UUID) -> list[Attempt]:
    """The tries of an occurrence that run, as far as the store knows."""
    return [one for one in reader.scan(ATTEMPTS_BY_OCCURRENCE, occurrence_id) if one.state is AttemptState.RUNNING]
