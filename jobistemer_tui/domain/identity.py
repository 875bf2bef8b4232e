"""Deterministic ids: what a thing is decides its id, so making it twice is harmless.

All are UUID version 5 (RFC 9562, section 5.5) with the parent's id as namespace. Random ids exist for
requests, a node's incarnation and the store alone.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.instants import instant_text

ROOT = UUID("35153423-ad5d-5f7c-8133-3d534797969a")
"""That of `jobistemer` in the namespace of DNS; written out, since hashing it would be part of each start."""
KEY_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def is_valid_key(text: str) -> bool:
    """Whether `text` may name a job: 1 to 64 of `A-Za-z0-9._-`, the first a letter or digit."""
    return KEY_PATTERN.fullmatch(text) is not None


def short_id(identity: object) -> str:
    """The first digits of an id, or of its text, enough to be named on the command line."""
    return str(identity)[:8]


def job_id(key: str) -> UUID:
    """The id of the job with this key (its name, or what `id = "..."` pins)."""
    return uuid.uuid5(ROOT, key)


def task_id(job: UUID, name: str) -> UUID:
    """The id of a job's task."""
    return uuid.uuid5(job, f"task:{name}")


def occurrence_id(job: UUID, instant: datetime) -> UUID:
    """The id of the occurrence of a job at a scheduled instant (aware)."""
    return uuid.uuid5(job, instant_text(instant))


def manual_occurrence_id(job: UUID, request: UUID) -> UUID:
    """The id of the occurrence that a manual trigger makes; one for each request."""
    return uuid.uuid5(job, f"manual:{request}")


def following_occurrence_id(job: UUID, followed: Iterable[UUID]) -> UUID:
    """The id of the occurrence of a job that follows these runs of others."""
    return uuid.uuid5(job, f"after:{','.join(sorted(str(run) for run in followed))}")


def handover_id(job: UUID, clause: int, followed: UUID) -> UUID:
    """The id of the word to a job, for one of its `after` clauses, that a run has ended."""
    return uuid.uuid5(job, f"handover:{clause}:{followed}")


def replay_occurrence_id(original: UUID, number: int) -> UUID:
    """The id of the `number`-th replay (from 1) of an occurrence."""
    return uuid.uuid5(original, f"replay:{number}")


def task_run_id(occurrence: UUID, task: UUID) -> UUID:
    """The id of one task within one occurrence."""
    return uuid.uuid5(occurrence, str(task))


def attempt_id(task_run: UUID, number: int) -> UUID:
    """The id of the `number`-th try (from 1) of a task run."""
    return uuid.uuid5(task_run, str(number))


def notification_id(job: UUID, about: str, receiver: str) -> UUID:
    """The id of what a receiver is told about an incident of a job; told once, because the id exists then."""
    return uuid.uuid5(job, f"notification:{about}:{receiver}")


def lane_id(job: UUID, receiver: str) -> UUID:
    """The id of the order in which a receiver is told of a job."""
    return uuid.uuid5(job, f"lane:{receiver}")


def new_request_id() -> UUID:
    """A random id for one key press or command."""
    return UUID(bytes=os.urandom(16), version=4)


def new_incarnation() -> UUID:
    """A random id for one start of an engine."""
    return UUID(bytes=os.urandom(16), version=4)


def new_store_id() -> UUID:
    """A random id made with a store."""
    return UUID(bytes=os.urandom(16), version=4)
