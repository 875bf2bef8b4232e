"""Hazard 17: the same job in two stores has the same ids everywhere, and yet they know nothing of each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine.supervisor_client import SupervisorClient
from jobistemer_tui.engine.supervisor_client_types import SupervisorRefused
from jobistemer_tui.storage.open import open_store
from tests.support.checked_store import CheckedStore
from tests.support.engine_home import EngineHome


@pytest.fixture
def neighbour(home: EngineHome) -> EngineHome:
    """Another store in the same data folder, with the same job files and the same attempts folder above."""
    other = EngineHome.__new__(EngineHome)
    other.__dict__.update(home.__dict__)
    other.nodes = home.folder / "test.db.nodes"
    other.nodes.mkdir(mode=0o700)
    other.store = CheckedStore(open_store(f"sqlite:{home.folder / 'test.db'}"))
    other.attempts_dir = home.attempts_dir.parent / str(other.store.id)
    other.events, other.running = [], {}
    return other


async def test_the_same_instant_runs_in_both_each_with_its_own_result(home: EngineHome, neighbour: EngineHome) -> None:
    home.job("backup", "echo $PPID >> " + str(home.folder / "out"))
    assert home.store.id != neighbour.store.id
    await home.start()
    await neighbour.start()
    home.clock.advance(30)
    try:
        await home.until(lambda: home.rows("backup", O.COMPLETED) and neighbour.rows("backup", O.COMPLETED))
        mine, theirs = home.rows("backup")[0], neighbour.rows("backup")[0]
        assert mine.id == theirs.id
        assert home.attempts(mine)[0].id == neighbour.attempts(theirs)[0].id
        assert home.attempts(mine)[0].detail["pid"] != neighbour.attempts(theirs)[0].detail["pid"]
        assert len(set(home.lines("out"))) == 2, "two supervisors"
        attempt = str(home.attempts(mine)[0].id)
        assert {path.parent for path in home.attempts_dir.parent.glob(f"*/{attempt}")} == {
            home.attempts_dir, neighbour.attempts_dir,
        }  # fmt: skip
    finally:
        for place in (home, neighbour):
            for engine in list(place.running):
                await place.stop(engine)
        await neighbour.leave()


async def test_a_supervisor_refuses_an_engine_of_another_store(home: EngineHome, neighbour: EngineHome) -> None:
    await home.start()
    with pytest.raises(SupervisorRefused):
        await SupervisorClient.connect(
            nodes_dir=home.nodes, attempts_dir=home.attempts_dir, store_id=neighbour.store.id,
            engine_id=home.store.id, on_finished=lambda _: None, on_lost=lambda: None,
        )  # fmt: skip
    neighbour.store.close()


def test_nothing_of_an_attempt_lies_outside_its_stores_folder(home: EngineHome) -> None:
    assert home.attempts_dir == Path(home.folder, "attempts", str(home.store.id))
