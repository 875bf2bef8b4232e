"""Starting the supervisor's process and reaching its socket."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from jobistemer_tui.engine.supervisor.protocol import SOCKET_NAME
from jobistemer_tui.settings.logout import has_user_manager, lingers

_PARENT = str(Path(__file__).resolve().parents[2])
_MAX_ANSWER = 256 * 1024 * 1024
_PROGRAM = f"import sys; sys.path.append({_PARENT!r}); from jobistemer_tui.engine.supervisor.main import main; main()"

_IN_A_SCOPE = ("systemd-run", "--user", "--scope", "--collect", "--quiet", "--description=Tasks of Jobistemer", "--")
_SCOPE_S = 10.0


def supervisor_command(
    nodes_dir: Path, attempts_dir: Path, store_id: UUID, *options: str, idle_seconds: float = 30.0
) -> list[str]:
    """The command line of a supervisor; it stays in the foreground unless `--detach` is among the options."""
    paths = [str(nodes_dir.resolve()), str(attempts_dir.resolve())]
    arguments = [*paths, str(store_id), "--idle-seconds", str(idle_seconds), *options]
    return [sys.executable, "-I", "-S", "-c", _PROGRAM, *arguments]


async def launch(nodes_dir: Path, attempts_dir: Path, store_id: UUID, idle_seconds: float) -> None:
    """Start a supervisor that is nobody's child; its complaints go to supervisor.log in the nodes folder."""
    command = supervisor_command(nodes_dir, attempts_dir, store_id, "--detach", idle_seconds=idle_seconds)
    await asyncio.to_thread(_run_detaching, command, nodes_dir / "supervisor.log")


def _run_detaching(command: list[str], log: Path) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def run(words: Sequence[str], timeout: float | None = None) -> int:
        return subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=descriptor, stderr=descriptor, cwd="/",
            env=without_the_store(os.environ), start_new_session=True, check=False, timeout=timeout,
        ).returncode  # fmt: skip

    try:
        # The scope of a login ends with it where logind kills what is left; one of a manager that goes on does not.
        if not (has_user_manager(os.environ) and lingers() and _is_run_in_a_scope(run, command)):
            run(command)
    finally:
        os.close(descriptor)


def _is_run_in_a_scope(run: Callable[[Sequence[str], float], int], command: Sequence[str]) -> bool:
    """Whether the user manager has taken it; a second supervisor that came of doubt finds the lock held, and ends."""
    try:
        return run([*_IN_A_SCOPE, *command], _SCOPE_S) == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def without_the_store(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment without what names the store or opens it.

    The supervisor never asks the store, and each of its tasks can read what it was started with.
    """
    return {name: value for name, value in environ.items() if not name.startswith(("JOBISTEMER_STORE", "PG"))}


async def connect_socket(nodes_dir: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    """Connect to whoever holds the socket; None if nobody does."""
    # A socket's path may have 107 bytes at most; through the folder's descriptor it is always short.
    folder = os.open(nodes_dir, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return await asyncio.open_unix_connection(f"/proc/self/fd/{folder}/{SOCKET_NAME}", limit=_MAX_ANSWER)
    except (FileNotFoundError, ConnectionError):
        return None
    finally:
        os.close(folder)
