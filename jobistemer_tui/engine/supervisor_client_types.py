"""What engine and supervisor tell each other, as the engine sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple
from uuid import UUID

from jobistemer_tui.engine.supervisor.protocol import Message
from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.settings.quick_dataclass import dataclass

Outcome = Literal["exited", "timeout", "deadline", "canceled", "lost", "spawn", "not_started"]


class SupervisorUnavailable(JobistemerError):
    """No supervisor can be reached: claim nothing until one can."""

    code = "no_supervisor"

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="see supervisor.log in the nodes folder; jobs wait until it answers")


class SupervisorRefused(JobistemerError):
    """The supervisor understood and refused: another store, another protocol, draining, a full disk."""

    code = "supervisor_refused"


@dataclass(frozen=True, slots=True)
class StartOrder:
    """What to run. Seconds and bytes; `deadline_boot` is on CLOCK_BOOTTIME; `env` is the whole environment.

    `files` (name → text) are made in the attempt's folder before the start; `secrets` name the variables whose
    values are masked in what the task writes.
    """

    attempt_id: UUID
    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str] = field(repr=False)
    timeout_s: float | None
    deadline_boot: float | None
    kill_grace_s: float
    leftovers: Literal["kill", "wait", "leave"]
    head_bytes: int
    tail_bytes: int
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """How an attempt ended; instants are UTC, bytes and seconds are totals.

    `exited`: the main process ended by itself, with `exit_code` or `signal`; with an `error`, what it left in its
    files had to be masked. `timeout`, `deadline`, `canceled`: the supervisor ended it (code or signal say how it
    went down). `spawn`: it could not be executed, `error` says why. `not_started`: the supervisor had no disk,
    descriptors or memory. `lost`: nobody knows (`error` is `supervisor_lost`, `host_restarted` or
    `status_unknown`). `durable` False: so far only in memory.
    """

    attempt_id: UUID
    outcome: Outcome
    exit_code: int | None
    signal: int | None
    error: str | None
    pid: int | None
    started_at: datetime | None
    finished_at: datetime
    user_s: float
    system_s: float
    max_rss_bytes: int
    output_bytes: int
    dropped_bytes: int
    leftovers_killed: int
    durable: bool


@dataclass(frozen=True, slots=True)
class Started:
    """The start was accepted; `pid` None: nothing was spawned, the result follows."""

    pid: int | None
    started_at: datetime | None


@dataclass(frozen=True, slots=True)
class Exists:
    """The attempt was started or voided before; nothing was done."""


@dataclass(frozen=True, slots=True)
class Voided:
    """The attempt never started and never will."""


@dataclass(frozen=True, slots=True)
class Running:
    """The attempt runs (or its processes are still being ended)."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The attempt has ended."""

    result: AttemptResult


@dataclass(frozen=True, slots=True)
class RunningAttempt:
    """One line of `list`; `pid` is None where only leftovers of an earlier supervisor remain."""

    attempt_id: UUID
    pid: int | None
    started_at: datetime | None


class Listing(NamedTuple):
    """What the supervisor knows: (running, finished)."""

    running: tuple[RunningAttempt, ...]
    finished: tuple[AttemptResult, ...]


def attempt_folder(attempts_dir: Path, attempt_id: UUID) -> Path:
    """The folder of an attempt's log and result; `attempts_dir` is `attempts/<store id>`."""
    return attempts_dir / str(attempt_id)


def order_message(order: StartOrder) -> Message:
    """The fields of a START."""
    return {
        "id": str(order.attempt_id),
        "argv": list(order.argv),
        "cwd": order.cwd,
        "env": dict(order.env),
        "timeout_s": order.timeout_s,
        "deadline_boot": order.deadline_boot,
        "kill_grace_s": order.kill_grace_s,
        "leftovers": order.leftovers,
        "head_bytes": order.head_bytes,
        "tail_bytes": order.tail_bytes,
        "files": dict(order.files),
        "secrets": list(order.secrets),
    }


def instant_of(text: str | None) -> datetime | None:
    """An aware UTC instant from the supervisor's `…Z` text."""
    return None if text is None else datetime.fromisoformat(text)


def result_of(message: Message) -> AttemptResult:
    """The result in an event or answer; raises KeyError or ValueError for what is none."""
    return AttemptResult(
        attempt_id=UUID(message["id"]),
        outcome=message["outcome"],
        exit_code=message["exit_code"],
        signal=message["signal"],
        error=message["error"],
        pid=message["pid"],
        started_at=instant_of(message["started_at"]),
        finished_at=datetime.fromisoformat(message["finished_at"]),
        user_s=message["user_s"],
        system_s=message["system_s"],
        max_rss_bytes=message["max_rss_bytes"],
        output_bytes=message["output_bytes"],
        dropped_bytes=message["dropped_bytes"],
        leftovers_killed=message["leftovers_killed"],
        durable=message["durable"],
    )
