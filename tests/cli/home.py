"""A home with a store that a test fills, and the program run on it in this process or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.cli.main import run
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.sqlite import SqliteStore
from tests.support.empty_database import empty_store


@dataclass(frozen=True)
class Done:
    """What a call gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The error that was written to standard error as JSON."""
        error: dict[str, Any] = json.loads(self.err)["error"]
        return error


class Home:
    """A home in a folder of the test."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capture = capture

    def fill(self, work: Callable[[Store], Any]) -> Any:
        """Change the store."""
        database = self.folder / "jobistemer.db"
        store = SqliteStore.open(database) if database.exists() else empty_store(database)
        try:
            return work(store)
        finally:
            store.close()

    def run(self, *words: str) -> Done:
        """Run the program in this process."""
        self._capture.readouterr()
        code = run(["--home", str(self.folder), *words])
        captured = self._capture.readouterr()
        return Done(code, captured.out, captured.err)


def run_process(*words: str, environ: Mapping[str, str] | None = None, cwd: Path | None = None, **options: Any) -> Done:
    """Run the program in a process of its own; `environ` is added to the test's."""
    done = subprocess.run(
        [sys.executable, "-m", "jobistemer_tui", *words],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **(environ or {})},
        cwd=cwd, text=True, stdin=subprocess.DEVNULL, check=False, timeout=100,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )  # fmt: skip
    return Done(done.returncode, done.stdout or "", done.stderr or "")
