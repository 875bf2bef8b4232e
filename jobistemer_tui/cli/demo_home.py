"""The home of a demonstration: filled with jobs and a past, and taken away again with all that runs in it."""

from __future__ import annotations

import asyncio
import os
import select
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.domain.states import OPEN_OCCURRENCES
from jobistemer_tui.settings.shipped import DEMO
from jobistemer_tui.wiring import Opened, make_node, open_home, stop_node

AWAY = timedelta(minutes=45)
"""For how long the machine was down: not so long (an hour) that the clock would have to be steady first."""
_FIRST, _SECOND, _SECRET = "before.toml", "demo.toml", "demo.env"
_LAST_WORDS_MS = 10_000


class _EarlierClock(SystemClock):
    """The machine's clocks as they were before the downtime."""

    def now(self) -> datetime:
        return super().now() - AWAY


@contextmanager
def demo_home(environ: Mapping[str, str], *, keep: bool) -> Iterator[Opened]:
    """A home in a temporary folder with its store open; at the end everything in it is stopped and, unless kept, gone.

    Its jobs lie in its `jobs` folder. Some are there since before a downtime that is made up: an engine whose clock
    is late has published them.
    """
    home = Path(tempfile.mkdtemp(prefix="jobistemer-demo-"))
    try:
        (home / "jobs").mkdir(mode=0o700)
        _live_before(home, environ)
        _copy(home, _SECOND)
        (home / "jobs" / _SECRET).touch(mode=0o600)
        (home / "jobs" / _SECRET).write_text("TOKEN=correct-horse-battery-staple\n")
        opened = open_home(home, f"sqlite:{home}/jobistemer.db", environ, actor_kind="demo")
        try:
            yield opened
        finally:
            asyncio.run(_cancel_all(opened))
            opened.close()
            _end_supervisor(opened.locations.nodes_dir)
    finally:
        if not keep:
            shutil.rmtree(home, ignore_errors=True)


def _live_before(home: Path, environ: Mapping[str, str]) -> None:
    """Let an engine publish the first jobs 45 minutes ago, and somebody pause one."""
    _copy(home, _FIRST)
    store = f"sqlite:{home}/jobistemer.db"
    opened = open_home(home, store, environ, actor_kind="demo", clock=_EarlierClock())
    try:
        asyncio.run(_until_idle(opened))
        opened.operations.pause("paused", reason="to show what a pause is")
    finally:
        opened.close()


def _copy(home: Path, name: str) -> None:
    file = home / "jobs" / name
    file.touch(mode=0o600)
    file.write_bytes((DEMO / name).read_bytes())


async def _until_idle(opened: Opened) -> None:
    node = make_node(opened, (opened.locations.jobs_dir,))
    ready = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(node.run(on_ready=ready.set))
        await ready.wait()
        await node.wait_until_idle()
        stop_node(node, "drain")


async def _cancel_all(opened: Opened) -> None:
    """What the screen has handed over to the supervisor has to end before its folder goes."""
    rows = await asyncio.to_thread(opened.operations.runs, statuses=tuple(OPEN_OCCURRENCES), limit=1)
    if rows:
        node = make_node(opened, ())
        ready = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(node.run(on_ready=ready.set))
            await ready.wait()
            stop_node(node, "cancel")


def _end_supervisor(nodes: Path) -> None:
    """It ends by itself after half a minute without work; the folder goes now."""
    with suppress(OSError, ValueError):
        pid = int((nodes / "supervisor.lock").read_text())
        descriptor = os.pidfd_open(pid)
        try:
            if str(nodes).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                signal.pidfd_send_signal(descriptor, signal.SIGTERM)
                ended = select.poll()
                ended.register(descriptor, select.POLLIN)
                ended.poll(_LAST_WORDS_MS)
        finally:
            os.close(descriptor)
