"""Many transactions of one kind: together, but not so many that nobody else can write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from jobistemer_tui.engine import store_calls
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.memory import MemoryStore
from tests.support.engine_world import START
from tests.support.manual_clock import ManualClock


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> StoreCalls:
    monkeypatch.setattr(store_calls, "TOGETHER", 4)
    return StoreCalls(MemoryStore(), ManualClock(START))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 11])
async def test_each_is_written_and_followed_in_order(calls: StoreCalls, count: int) -> None:
    followed: list[int] = []
    await calls.write_each(range(count), lambda key: lambda tx: key, followed.append, _unwanted)
    assert followed == list(range(count))


async def test_what_another_writes_meanwhile_waits_behind_a_few_only(calls: StoreCalls) -> None:
    """Regression: a person's act waited behind thousands that were to be told why they wait."""
    written: list[object] = []

    def note(key: object) -> Callable[[Transaction], None]:
        return lambda tx: written.append(key)

    many = asyncio.ensure_future(calls.write_each(range(50), note, lambda _: None, _unwanted))
    await asyncio.sleep(0)  # it begins
    await calls.write(note("a person"))
    await many
    assert written == [*range(4), "a person", *range(4, 50)]


async def test_a_bad_one_stops_no_other_and_a_store_that_takes_none_is_asked_for_no_more(calls: StoreCalls) -> None:
    """Regression: each group of thousands waited as long for a locked store, and nobody was told before the last."""
    submitted: list[int] = []

    def work(key: int) -> Callable[[Transaction], int]:
        def write(tx: Transaction) -> int:
            if key % 3 == 1:
                raise StoreUnavailable("locked") if key == 4 else ValueError("odd")
            return key

        submitted.append(key)
        return write

    followed: list[int] = []
    wrong: list[tuple[int, str]] = []
    with pytest.raises(StoreUnavailable, match="locked"):
        await calls.write_each(range(50), work, followed.append, lambda key, error: wrong.append((key, str(error))))
    assert submitted == list(range(8)), "what was on its way with the one that was refused, and no more"
    assert (followed, wrong) == ([0, 2, 3, 5, 6], [(1, "odd"), (7, "odd")])


def _unwanted(key: object, error: Exception) -> None:
    raise AssertionError(key) from error
