"""Hazard 11: an edit after downtime leaves no missed instant without a fate, and what waits matches somebody."""

from __future__ import annotations

import pytest

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import reloader
from jobistemer_tui.engine.transactions.common import Moved
from jobistemer_tui.engine.transactions.publish import publish
from tests.engine.test_node import trigger
from tests.support.engine_home import EngineHome

STEP = 0.05


async def test_the_old_versions_gap_is_resolved_before_the_edit_takes_effect(home: EngineHome) -> None:
    home.job("backup", more='recovery_strategy = "mark-as-missed"')
    await home.stop(await home.start())
    home.clock.advance(180)
    home.job("backup", schedule="0 9 * * *", more='recovery_strategy = "mark-as-missed"')
    await home.start()
    rows = home.rows("backup")
    assert [(row.state, row.scheduled_at.minute, row.reason) for row in rows] == [
        (O.MISSED, 1, Reason.DOWNTIME), (O.MISSED, 2, Reason.DOWNTIME), (O.MISSED, 3, Reason.DOWNTIME),
        (O.PLANNED, 0, None),
    ]  # fmt: skip
    kinds = home.kinds()
    assert kinds.index("gap_resolved") < len(kinds) - 1 - kinds[::-1].index("job_published")


async def test_a_cursor_that_moves_while_an_edit_is_read_does_not_lose_the_edit(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: the publication met a moved cursor, gave up, and the file was not read again until its next edit."""
    home.job("backup", schedule="0 9 * * *")
    await home.start()
    met: list[int] = []

    def publish_once_moved(*args: object, **values: object) -> object:
        met.append(1)
        if len(met) <= 4 * reloader.PUBLISH_TRIES:
            raise Moved("the cursor was moved meanwhile")
        return publish(*args, **values)  # type: ignore[arg-type]  # as it is called

    monkeypatch.setattr(reloader, "publish", publish_once_moved)
    home.job("backup", schedule="0 10 * * *")
    await home.until(lambda: met, step=STEP)
    await home.until(lambda: [row.scheduled_at.hour for row in home.rows("backup")] == [10], step=1.0)
    assert "job_published" in home.kinds()


async def test_what_runs_keeps_its_version_and_what_waits_takes_the_new_one(home: EngineHome) -> None:
    gate = home.folder / "gate"
    wait = f"echo old >> {home.folder}/ran; until test -e {gate}; do sleep 0.02; done"
    queued = 'overlap_policy = "queue"'
    home.job("backup", wait, schedule=None, more=queued)
    engine = await home.start()
    trigger(home, "backup")
    trigger(home, "backup")
    engine.wake()
    await home.until(lambda: home.lines("ran"))
    home.job("backup", f"echo new >> {home.folder}/ran", schedule=None, more=queued)
    await home.until(lambda: (job := home.the_job("backup")) is not None and job.version == 2, step=STEP)
    gate.touch()
    await home.until(lambda: len(home.rows("backup", O.COMPLETED)) == 2)
    assert home.lines("ran") == ["old", "new"]
    assert sorted(row.version for row in home.rows("backup")) == [1, 2]
