"""Hazard 14: what a clock that was wrong decided is taken back once it is right, and the real instants run."""

from __future__ import annotations

from functools import partial

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control
from tests.support.engine_home import EngineHome

DAY_S = 86400.0
BACKUP = identity.job_id("backup")


async def test_instants_that_a_clock_a_day_ahead_called_missed_run_at_their_time(home: EngineHome) -> None:
    home.job("backup", schedule="0 * * * *", more='recovery_strategy = "mark-as-missed"')
    await home.stop(await home.start())
    truth = home.clock.now()
    home.clock.set_wall(DAY_S)
    await home.start()
    await home.quiet()
    assert home.rows("backup", O.MISSED) == [], "nothing so long is judged before the clock has been steady"
    await home.until(lambda: home.rows("backup", O.MISSED), step=5.0)
    judged = home.rows("backup", O.MISSED)
    assert {row.reason for row in judged} == {Reason.DOWNTIME}
    home.clock.set_wall(-DAY_S)
    await home.until(lambda: "clock_went_back" in home.kinds(), step=1.0)
    first = truth.replace(hour=truth.hour + 1, minute=0, second=0)
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=60.0)
    (done,) = home.rows("backup", O.COMPLETED)
    assert done.id == identity.occurrence_id(done.job_id, first)
    assert done.id in {row.id for row in judged}, "its id was taken by the wrong judgement"


async def test_a_pause_by_a_clock_that_was_ahead_holds_from_the_correction_on_and_can_be_ended(
    home: EngineHome,
) -> None:
    """Regression: the job ran until the instant of the pause came again, and nobody could resume it."""
    home.job("backup")
    await home.start()
    home.clock.set_wall(DAY_S)
    home.store.write(partial(control.pause, job=BACKUP, now=home.clock.now(), until=None, reason=None, actor="me"))
    home.clock.set_wall(-DAY_S)
    await home.until(lambda: (found := home.the_job("backup")) and found.paused_at == home.clock.now())
    home.clock.advance(30.0)
    await home.until(lambda: home.rows("backup", O.SKIPPED))
    home.store.write(partial(control.resume, job=BACKUP, now=home.clock.now(), actor="me"))
    home.clock.advance(60.0)
    await home.until(lambda: home.rows("backup", O.COMPLETED))
    assert [(row.state, row.reason) for row in home.rows("backup")][:2] == [
        (O.SKIPPED, Reason.PAUSED),
        (O.COMPLETED, None),
    ]
