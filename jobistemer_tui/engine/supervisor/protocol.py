"""What is said over the supervisor's socket: one JSON object per line.

Requests carry `command` and usually `request` (any number); the answer repeats `request`. A request without
that number is not answered. A refused request is answered with `error` (a word) and `message`.

`hello {store, protocol, engine}`  → `{pid, protocol, boot_id, features}`; must come first. Older connections are
                                    closed, and what they had sent is thrown away, before the answer.
`list`                             → `{running: [{id, pid, started_at}], finished: [result]}`
`start {order}`                    → `{started: true, pid, started_at}` (pid null: nothing was spawned, the
                                    result follows as an event) or `{started: false, exists: true}`
`cancel {id}`                      → `{state: "running" | "finished" | "unknown"}`; unknown ids are remembered
`void {id}`                        → `{voided: true}` or `{voided: false, state: "running" | "finished", result}`
`taken {id}`                       → `{taken: true}`; the engine has stored the result
`drain`                            → `{draining: true}`; no more starts, ends when nothing runs

An order's `files` (name → text) are made in the attempt's folder before the spawn; its `secrets` name variables of
`env` whose values are masked in all that the task writes. A result with the outcome `exited` has an `error` if
such a value stood in what the task hands on. Both came later than the protocol: `features` says that they are known.

Pushed to the engine: `{"event": "finished", "result": {...}}`, once, when an attempt ends while it is connected.
Results from before `hello` are in `list`; one that ends in between may come both ways.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

PROTOCOL = 1
FEATURES = ("files", "secrets")
SOCKET_NAME = "s"
LOCK_NAME = "supervisor.lock"
MAX_LINE = 16 * 1024 * 1024

Message = dict[str, Any]

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LEFTOVERS = ("kill", "wait", "leave")
_FILE = re.compile(r"(?!result\.)[a-z]{1,32}\.(json|txt)")


class BadRequest(ValueError):
    """The request cannot be understood; the text says why."""


class Order(NamedTuple):
    """A checked START: what to run, where, for how long, and what to keep of its output."""

    id: str
    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str]
    timeout_s: float | None
    deadline_boot: float | None
    kill_grace_s: float
    leftovers: str
    head_bytes: int
    tail_bytes: int
    files: Mapping[str, str]
    secrets: tuple[str, ...]


def encode(message: Message) -> bytes:
    """One line, ASCII; undecodable bytes of paths travel as lone surrogates."""
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def decode(line: bytes) -> Message:
    """The object on one line; raises BadRequest."""
    try:
        message = json.loads(line)
    except ValueError as error:
        raise BadRequest(f"not JSON: {error}") from None
    if not isinstance(message, dict):
        raise BadRequest("not an object")
    return message


def attempt_id(message: Message) -> str:
    """The `id` of a request, checked because it becomes a folder's name; raises BadRequest."""
    value = message.get("id")
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise BadRequest("id must be a UUID in lower case")
    return value


def parse_order(message: Message) -> Order:
    """Check a START; raises BadRequest."""
    leftovers = message.get("leftovers", "kill")
    if leftovers not in _LEFTOVERS:
        raise BadRequest("leftovers must be kill, wait or leave")
    argv = _strings(message, "argv")
    if not argv:
        raise BadRequest("argv is empty")
    return Order(
        id=attempt_id(message),
        argv=argv,
        cwd=_string(message, "cwd"),
        env=_texts(message, "env"),
        timeout_s=_seconds(message, "timeout_s"),
        deadline_boot=_seconds(message, "deadline_boot"),
        kill_grace_s=_seconds(message, "kill_grace_s") or 0.0,
        leftovers=leftovers,
        head_bytes=_count(message, "head_bytes"),
        tail_bytes=_count(message, "tail_bytes"),
        files=_files(message),
        secrets=_strings(message, "secrets") if "secrets" in message else (),
    )


def _string(message: Message, key: str) -> str:
    value = message.get(key)
    if not isinstance(value, str):
        raise BadRequest(f"{key} must be a string")
    return value


def _strings(message: Message, key: str) -> tuple[str, ...]:
    value = message.get(key)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadRequest(f"{key} must be a list of strings")
    return tuple(value)


def _texts(message: Message, key: str) -> dict[str, str]:
    value = message.get(key)
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise BadRequest(f"{key} must be an object of strings")
    return value


def _files(message: Message) -> dict[str, str]:
    """The files to be made; their names are checked because they become paths beside our own."""
    files = _texts(message, "files") if "files" in message else {}
    if not all(_FILE.fullmatch(name) for name in files):
        raise BadRequest("the name of a file must be a word and .json or .txt")
    return files


def _seconds(message: Message, key: str) -> float | None:
    value = message.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e12:
        raise BadRequest(f"{key} must be seconds or null")
    return float(value)


def _count(message: Message, key: str) -> int:
    value = message.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadRequest(f"{key} must be a number of bytes")
    return value
