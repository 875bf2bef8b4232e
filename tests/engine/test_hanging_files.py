"""The disk of the job files hangs: jobs run on, no thread follows another, and an engine ends when it is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine.node_options import StopMode
from jobistemer_tui.jobfiles import watch as watching
from jobistemer_tui.jobfiles.watch_targets import find_targets
from jobistemer_tui.jobfiles.watched import WatchedFiles
from tests.support.engine_home import EngineHome


@pytest.fixture
def mount(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Set while the disk of the job files answers; who asks meanwhile hangs, as over a network mount whose server is
    gone."""
    answers = threading.Event()
    answers.set()

    def hanging(real: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*given: Any) -> Any:
            answers.wait()
            return real(*given)

        return asked

    monkeypatch.setattr(watching, "find_targets", hanging(find_targets))
    for name in ("are", "read", "hash_now"):
        monkeypatch.setattr(WatchedFiles, name, hanging(getattr(WatchedFiles, name)))
    yield answers
    answers.set()


def askers() -> list[str]:
    """The threads that look at job files, by name."""
    return [one.name for one in threading.enumerate() if "job f" in one.name]


async def test_a_mount_that_hangs_stops_no_job_and_no_end(home: EngineHome, mount: threading.Event) -> None:
    """Regression: each look at the folders was the loop's; and the end of the program waited for its pool."""
    home.job("backup")
    node = await home.start()
    mount.clear()
    await home.until(lambda: set(askers()) - {"job folders"}, step=1.0)
    done = len(home.rows("backup", O.COMPLETED))
    await home.until(lambda: len(home.rows("backup", O.COMPLETED)) > done + 1, step=1.0)
    assert len(askers()) <= 2, "one looks, one reads, and nobody follows them"
    await home.stop(node)
    mount.set()
    await home.until(lambda: askers() == [])


async def test_an_engine_whose_files_hang_at_its_start_ends_when_it_is_told(
    home: EngineHome, mount: threading.Event
) -> None:
    mount.clear()
    node = home.node()
    task = asyncio.ensure_future(node.run())
    await home.until(askers)
    node.stop(StopMode.HANDOVER)
    await asyncio.wait_for(task, 120)
    mount.set()
    await home.until(lambda: askers() == [])
