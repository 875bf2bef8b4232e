"""Hazard 25: a job that returns has no gap for the days it was away; a pause that elapsed during downtime counts."""

from __future__ import annotations

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control
from tests.support.engine_home import EngineHome

STEP = 0.05
DAY_S = 86400.0


async def test_a_job_that_returns_after_three_days_begins_at_now(home: EngineHome) -> None:
    path = home.job("backup", schedule="0 * * * *", more='recovery_strategy = "execute-all"')
    text = path.read_text()
    engine = await home.start()
    path.unlink()
    await home.until(lambda: "job_retired" in home.kinds(), step=STEP)
    await home.stop(engine)
    home.clock.advance(3 * DAY_S)
    home.write("backup.toml", text)
    await home.start()
    await home.until(lambda: "job_returned" in home.kinds(), step=STEP)
    job = home.the_job("backup")
    assert job is not None
    assert [(row.state, row.scheduled_at > job.published_at) for row in home.rows("backup")] == [(O.PLANNED, True)]
    assert "gap_resolved" not in home.kinds()


async def test_a_pause_that_elapsed_while_nothing_was_awake_still_counts(home: EngineHome) -> None:
    home.job("backup", more='recovery_strategy = "mark-as-missed"')
    await home.stop(await home.start())
    job, now = home.the_job("backup"), home.clock.now()
    assert job is not None
    until = now.replace(minute=3, second=0)
    home.store.write(lambda tx: control.pause(tx, job.id, now=now, until=until, reason="moving", actor="me"))
    home.clock.advance(300)
    await home.start()
    await home.until(lambda: "gap_resolved" in home.kinds(), step=1.0)
    ended = [row for row in home.rows("backup") if row.state is not O.PLANNED]
    fates = [(row.scheduled_at.minute, row.state, row.reason) for row in ended]
    assert fates[:5] == [
        (1, O.SKIPPED, Reason.PAUSED), (2, O.SKIPPED, Reason.PAUSED), (3, O.MISSED, Reason.DOWNTIME),
        (4, O.MISSED, Reason.DOWNTIME), (5, O.MISSED, Reason.DOWNTIME),
    ]  # fmt: skip
