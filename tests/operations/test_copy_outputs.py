"""The output of attempts, copied from folder to folder."""

from __future__ import annotations

import fcntl
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from jobistemer_tui.operations.commands import copy_outputs as module
from jobistemer_tui.operations.commands.copy_outputs import copy_outputs
from jobistemer_tui.storage.memory import MemoryStore

ATTEMPT = UUID(int=1)


def test_of_two_copies_at_once_one_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: the second removed what the first had made so far, and half a folder could be kept as the whole."""
    source, target = tmp_path / "source", tmp_path / "target"
    (source / str(ATTEMPT)).mkdir(parents=True)
    for name in ("a", "b"):
        (source / str(ATTEMPT) / name).write_text(name)
    begun, second_begun, link, flock = threading.Event(), threading.Event(), module._link, fcntl.flock

    def slow_link(path: str, made: str) -> None:
        begun.set()
        assert second_begun.wait(60)
        link(path, made)

    def told_flock(descriptor: int, how: int) -> None:
        if begun.is_set():
            second_begun.set()
        flock(descriptor, how)

    def copy() -> int:
        return copy_outputs(MemoryStore(), source, MemoryStore(), target, [ATTEMPT])

    def copy_too() -> int:
        assert begun.wait(60)
        return copy()

    monkeypatch.setattr(module, "_link", slow_link)
    monkeypatch.setattr(fcntl, "flock", told_flock)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(copy), pool.submit(copy_too)
        assert (first.result(60), second.result(60)) == (1, 0)
    assert sorted(path.name for path in (target / str(ATTEMPT)).iterdir()) == ["a", "b"]
    assert [path.name for path in target.iterdir()] == [str(ATTEMPT)]
