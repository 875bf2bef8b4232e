"""A home with the real command, real processes, a real database: what the stories are told with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest import mock

import pytest

from tests.support.in_process import Done, run_here
from tests.support.postgres_server import schema_url
from tests.support.wait_until import PATIENCE_S, wait_until

ON_EACH_STORE = pytest.mark.parametrize("home", ["sqlite", "lmdb", "postgresql"], indirect=True)
"""For a story that is told on each kind of store."""

COMMAND = [sys.executable, "-m", "jobistemer_tui"]


@dataclass
class RealHome:
    """A home below `folder`; every process of it carries a mark in its environment, so that none is overlooked."""

    folder: Path
    store: str = "sqlite"
    """The kind of store; but for SQLite it is named in the environment, as a person would."""
    shared: Path | None = None
    """Homes that name the same folder share a store on a server."""
    url: str = ""
    """Of a store on a server of the test's own."""
    prefix: tuple[str, ...] = ()
    """Words before the command line of an engine."""
    engines: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.home = self.folder / "home"
        self.jobs = self.folder / "jobs"
        self.ledger = self.folder / "ledger"
        self.mark = f"JOBISTEMER_TEST_MARK={self.folder}"
        self.jobs.mkdir(mode=0o700, exist_ok=True)
        self.ledger.touch()

    @property
    def store_url(self) -> str:
        """The URL of a store that is named."""
        if self.url:
            return self.url
        if self.store == "postgresql":
            url = schema_url(self.shared or self.folder)
            return url if self.shared is None else f"{url}_{self.folder.name}"  # a name of its own for its sessions
        return f"{self.store}:{self.home / 'store.lmdb'}"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of every process that is started here."""
        name, _, value = self.mark.partition("=")
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TZ") if key in os.environ}
        return {**kept, **self._store_named, name: value, "PYTHONPATH": os.getcwd(), "COLUMNS": "200"}

    @property
    def _store_named(self) -> dict[str, str]:
        return {} if self.store == "sqlite" else {"JOBISTEMER_STORE": self.store_url}

    def write(self, name: str, text: str) -> Path:
        """Write a job file as an editor does: beside, then over it."""
        beside = self.folder / f".{name}.new"
        beside.write_text(text)
        beside.chmod(0o600)
        return beside.rename(self.jobs / name)

    def command(self, *words: str) -> list[str]:
        """The whole command line for these words."""
        return [*COMMAND, "--home", str(self.home), *words]

    def call(self, *words: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; `code` is the exit code it must have (None: any)."""
        done = subprocess.run(
            self.command(*words), env=self.environ, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        if code is not None:
            assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done

    def change(self, *words: str) -> Any:
        """What a command that changes something says with `--json`."""
        return json.loads(self.call(*words, "--json").stdout)

    def here(self, *words: str, code: int | None = 0) -> Done:
        """Run a command by the program's own entry in this process, where the process is not the point; see `call`.

        Python and its imports are nearly all that a command costs, and a story that waits asks again and again.
        """
        with mock.patch.dict(os.environ, self._store_named):
            done = run_here(["--home", str(self.home), *words])
        if code is not None:
            assert done.code == code, (words, done)
        return done

    def ask(self, *words: str) -> Any:
        """What the answer to a question is with `--json`."""
        return json.loads(self.here(*words, "--json").stdout)

    def runs(self, job: str) -> list[dict[str, Any]]:
        """All handled occurrences of a job, newest first; none while the job is unknown."""
        done = self.here("runs", "--all", "--job", job, "--json", code=None)
        return json.loads(done.stdout) if done.code == 0 else []

    def all_runs(self) -> dict[str, list[dict[str, Any]]]:
        """The same of every job that has some, by one command."""
        found: dict[str, list[dict[str, Any]]] = {}
        for run in self.ask("runs", "--all"):
            found.setdefault(run["job"], []).append(run)
        return found

    def start_engine(
        self, *more: str, wait: bool = True, environ: Mapping[str, str] = MappingProxyType({})
    ) -> subprocess.Popen[bytes]:
        """`jobistemer run` over the jobs folder, with more in its environment; returns when it serves."""
        log = (self.folder / "engine.log").open("ab")
        engine = subprocess.Popen(
            [*self.prefix, *self.command("run", str(self.jobs), *more)], env={**self.environ, **environ}, stdout=log,
            stderr=log, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        log.close()
        self.engines.append(engine)
        if wait:
            served = self.engine_log().count("serving")
            wait_until(
                lambda: engine.poll() is not None or self.engine_log().count("serving") > served,
                what="the engine",
            )
            assert engine.poll() is None, self.engine_log()
        return engine

    def engine_log(self) -> str:
        """All that engines said."""
        path = self.folder / "engine.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def kill_engine(self) -> None:
        """`kill -9` the newest engine."""
        self.engines[-1].kill()
        self.engines[-1].wait()

    def stop_engine(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """Stop the newest engine politely; gives its exit code."""
        self.engines[-1].send_signal(with_signal)
        return self.engines[-1].wait(PATIENCE_S)

    def ledger_lines(self) -> list[str]:
        """What tasks wrote into the ledger."""
        return self.ledger.read_text().splitlines()

    def processes(self) -> dict[int, str]:
        """Every process of this home, tasks included: pid → command line."""
        marks = {self.mark.encode(), *(f"JOBISTEMER_STORE_ID={name}".encode() for name in self._store_ids())}
        found: dict[int, str] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and entry.name != str(os.getpid()):
                try:
                    if marks & set((entry / "environ").read_bytes().split(b"\0")):
                        words = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                        found[int(entry.name)] = words.decode(errors="replace")
                except OSError:
                    continue
        return found

    def _store_ids(self) -> list[str]:
        """The ids of the stores in this home; the environment of their tasks carries them."""
        attempts = self.home / "attempts"
        return [entry.name for entry in attempts.iterdir()] if attempts.exists() else []

    def supervisor_pid(self) -> int:
        """The pid of the supervisor that serves this home; for a moment of its start it is two processes."""
        wait_until(lambda: len(self.supervisors()) == 1, what="one supervisor")
        return self.supervisors()[0]

    def supervisors(self) -> list[int]:
        """The pids of all supervisors of this home."""
        return [pid for pid, words in self.processes().items() if "engine.supervisor" in words]

    def task_processes(self) -> dict[int, str]:
        """Processes of tasks: ours, but neither engine nor supervisor nor command."""
        return {
            pid: words
            for pid, words in self.processes().items()
            if "engine.supervisor" not in words and "jobistemer_tui" not in words
        }

    def end(self) -> None:
        """Kill whatever is left, so that one test cannot disturb another."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        for engine in self.engines:
            engine.wait(60)
