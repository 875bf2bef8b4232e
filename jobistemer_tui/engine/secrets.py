"""Finding the values of secrets at the moment they are needed; they are kept nowhere.

`resolve` may wait for a disk or a program, so an event loop calls `resolve_aside`.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import TypeVar

from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.jobfiles.callables import check_callable
from jobistemer_tui.jobfiles.env_file import EnvFileError, read_env_file
from jobistemer_tui.jobfiles.trust import Untrusted, read_private
from jobistemer_tui.settings.own_thread import on_own_thread
from jobistemer_tui.settings.quick_dataclass import dataclass

T = TypeVar("T")
COMMAND_SECONDS = 30.0
ASIDE_SECONDS = 60.0
KEYRING_PROGRAM = str(Path(__file__).parent / "keyring_program" / "read.py")
_KEYRING_TROUBLE = {
    10: "the package keyring is not installed",
    11: "this machine has no keyring that could be asked",
    12: "there is no such entry",
    13: "the keyring is locked",
    14: "the keyring refused",
}
_KEYRING_HINTS = {
    10: "install jobistemer-tui[keyring]",
    11: "without a desktop use a file or a command; see the documentation of keyring for its backends",
    12: "store it with: keyring set SERVICE USER",
    13: "unlock it, for example by logging in to the desktop",
}
MAX_BYTES = 64 * 1024
"""Of one secret: Linux takes a variable of at most 128 KiB."""


class SecretUnavailable(JobistemerError):
    """A secret cannot be had or given; the message says which and why, and nothing of its value."""

    code = "secret"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Variables to be found: those of the `env_files` in order, then the `secrets`; later ones win.

    A secret's command runs in the folder `cwd` with the environment `env`. `python` is the callable that will be given
    them, if it is one: its files are looked at too, for whoever can write them would have the secrets.
    """

    env_files: tuple[str, ...] = ()
    secrets: Mapping[str, SecretSource] = field(default_factory=dict)
    cwd: str = "/"
    env: Mapping[str, str] = field(default_factory=dict)
    python: str | None = None

    def __bool__(self) -> bool:
        return bool(self.env_files or self.secrets or self.python)


def resolve(wanted: Wanted) -> dict[str, str]:
    """The values by name. Blocks; raises SecretUnavailable."""
    values: dict[str, str] = {}
    try:
        check_callable(wanted.python, wanted.cwd, os.getuid())
    except Untrusted as error:
        raise SecretUnavailable(error.message, hint=error.hint) from None
    for path in wanted.env_files:
        try:
            values |= read_env_file(path, os.getuid())
        except Untrusted as error:
            raise SecretUnavailable(f"env_file {path}: {error.message}", hint=error.hint) from None
        except EnvFileError as error:
            raise SecretUnavailable(f"env_file {error}") from None
    for name, source in wanted.secrets.items():
        values[name] = _value(name, source, wanted)
    return values


async def resolve_aside(*wanted: Wanted) -> list[dict[str, str]]:
    """`resolve` each, without blocking the event loop. Raises SecretUnavailable, also after ASIDE_SECONDS."""
    return await aside(lambda: [resolve(one) for one in wanted], ASIDE_SECONDS)


async def aside(work: Callable[[], T], seconds: float) -> T:
    """Do blocking work beside the loop; raises what it raises, or SecretUnavailable when it takes too long."""
    waiting = asyncio.ensure_future(on_own_thread(work, "waiting for others", may_be_slow=True))
    try:
        ended, _ = await asyncio.wait({waiting}, timeout=seconds)
        if not ended:
            raise SecretUnavailable(f"secrets could not be read within {seconds:g} s")
        return waiting.result()
    finally:
        waiting.cancel()


def _value(name: str, source: SecretSource, wanted: Wanted) -> str:
    if source.file is not None:
        what = source.file
        try:
            content = read_private(source.file, os.getuid())
        except Untrusted as error:
            raise SecretUnavailable(f"secret {name}: {what} {error.message}", hint=error.hint) from None
    elif source.keyring is not None:
        what = f"the keyring entry {source.keyring}"
        content = _from_keyring(name, source.keyring)
    else:
        what = source.command[0]
        content = _output_of(name, source.command, wanted)
    if len(content) > MAX_BYTES:
        raise SecretUnavailable(f"secret {name}: {what} gives more than 64 KiB")
    value = content.decode("utf-8", "surrogateescape").rstrip("\r\n")
    if not value or "\0" in value:
        raise SecretUnavailable(f"secret {name}: {what} gives {'nothing' if not value else 'a NUL'}")
    return value


def _from_keyring(name: str, entry: str) -> bytes:
    """Ask the keyring in a program of its own, which can be ended if it waits for somebody to unlock it.

    It has the engine's environment, in which the way to the desktop's keyring is named.
    """
    service, _, user = entry.rpartition("/")
    argv = (sys.executable, "-P", KEYRING_PROGRAM, service, user)
    content, code = _ended(name, argv, Wanted(cwd="/", env=os.environ), f"the keyring, for {entry},")
    if code:
        why = _KEYRING_TROUBLE.get(code, f"the keyring's program ended with {code}")
        raise SecretUnavailable(f"secret {name}: keyring entry {entry}: {why}", hint=_KEYRING_HINTS.get(code, ""))
    return content


def _output_of(name: str, argv: tuple[str, ...], wanted: Wanted) -> bytes:
    content, code = _ended(name, argv, wanted, argv[0])
    if code and len(content) <= MAX_BYTES:
        raise SecretUnavailable(f"secret {name}: {argv[0]} ended with {code}", hint="run it by hand to see why")
    return content


def _ended(name: str, argv: tuple[str, ...], wanted: Wanted, what: str) -> tuple[bytes, int]:
    """What a program printed, at most MAX_BYTES + 1, and its exit code; its complaints may hold the secret, and go."""
    try:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=wanted.cwd, env=dict(wanted.env), start_new_session=True,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise SecretUnavailable(f"secret {name}: cannot execute {argv[0]}: {why}") from None
    late = threading.Event()
    timer = threading.Timer(COMMAND_SECONDS, _give_up, (process.pid, late))
    timer.daemon = True
    timer.start()
    try:
        with process:
            content = _printed(process)
    finally:
        timer.cancel()
    if late.is_set():
        raise SecretUnavailable(f"secret {name}: {what} took longer than {COMMAND_SECONDS:g} s")
    return content, process.returncode


def _printed(process: subprocess.Popen[bytes]) -> bytes:
    """What it prints until it ends or has closed its output; what it leaves running may keep that open for ever."""
    assert process.stdout is not None
    out, end = process.stdout.fileno(), os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(out, select.POLLIN)
        poll.register(end, select.POLLIN)
        content = b""
        while len(content) <= MAX_BYTES:
            if out not in {descriptor for descriptor, _ in poll.poll()}:
                break  # it has ended, and all is read
            piece = os.read(out, MAX_BYTES + 1 - len(content))
            if not piece:
                break
            content += piece
        return content
    finally:
        os.close(end)


def _give_up(pid: int, late: threading.Event) -> None:
    late.set()
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
