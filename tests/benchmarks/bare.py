"""The references: what the same work costs with nothing of ours around it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from pathlib import Path

ROWS = "CREATE TABLE claim (name TEXT PRIMARY KEY, at REAL) STRICT; CREATE TABLE ended (pid INTEGER, status INTEGER)"


def durable_database(folder: Path) -> sqlite3.Connection:
    """A database whose commits survive a crash of the machine."""
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.executescript(ROWS)
    return db


class BareEngine:
    """A bare asyncio engine: at its instant each job commits its claim durably, then its process starts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._db = durable_database(folder)

    async def run(self, count: int, at: float, argv: list[str]) -> list[Path]:
        """Run `argv` so often, all at the wall-clock second `at`; gives the files with their output."""
        files = [self._folder / f"out-{n}" for n in range(count)]
        await asyncio.gather(*(self._one(file, at, argv) for file in files))
        self._db.close()
        return files

    async def _one(self, file: Path, at: float, argv: list[str]) -> None:
        await asyncio.sleep(at - time.time())
        self._db.execute("INSERT INTO claim VALUES (?, ?)", (file.name, time.time()))
        with file.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *argv, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
            )
        await process.wait()


def spawn_all(count: int, argv: list[str], *, at_once: int) -> float:
    """Seconds for so many processes by bare posix_spawn, at most `at_once` at a time."""
    begin = time.perf_counter()
    live = 0
    for _ in range(count):
        if live == at_once:
            os.waitpid(-1, 0)
            live -= 1
        os.posix_spawnp(argv[0], argv, os.environ)
        live += 1
    for _ in range(live):
        os.waitpid(-1, 0)
    return time.perf_counter() - begin


class DurableSpawns:
    """posix_spawn with the two commits that an occurrence needs: its claim before, its end after."""

    def __init__(self, folder: Path) -> None:
        self._db = durable_database(folder)

    def seconds(self, count: int, argv: list[str], *, at_once: int) -> float:
        """Seconds for so many processes, at most `at_once` at a time, each commit on its own as one engine can."""
        begin = time.perf_counter()
        live = 0
        for number in range(count):
            if live == at_once:
                self._end_one()
                live -= 1
            self._db.execute("INSERT INTO claim VALUES (?, ?)", (f"job-{number}", time.time()))
            os.posix_spawnp(argv[0], argv, os.environ)
            live += 1
        for _ in range(live):
            self._end_one()
        self._db.close()
        return time.perf_counter() - begin

    def _end_one(self) -> None:
        pid, status = os.waitpid(-1, 0)
        self._db.execute("INSERT INTO ended VALUES (?, ?)", (pid, status))
