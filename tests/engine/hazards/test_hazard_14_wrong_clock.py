"""Hazard 14: what a clock that was wrong decided is taken back once it is right, and the real instants run."""

from __future__ import annotations

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from tests.support.engine_home import EngineHome

DAY_S = 86400.0


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
