"""A program writes a job file two hundred times a second; the engine goes on, and the last text is live at the end."""

from __future__ import annotations

from jobistemer_tui.domain.clock import SystemClock
from tests.support.real_home import RealHome
from tests.support.wait_until import let_pass, wait_until

SAVES, SAVES_A_SECOND = 400, 200


def save_again_and_again(home: RealHome) -> None:
    """In turn over it, and in place and broken; the last one is whole."""
    clock = SystemClock()
    began = clock.read().monotonic
    for number in range(1, SAVES + 1):
        if number % 5:
            home.write("busy.toml", f"[jobs.busy]\ndescription = 'save {number}'\nrun = 'true'\n")
        else:
            (home.jobs / "busy.toml").write_text(f"[jobs.busy]\ndescription = 'save {number}")
        let_pass(max(0.0, began + number / SAVES_A_SECOND - clock.read().monotonic))
    home.write("busy.toml", "[jobs.busy]\ndescription = 'the last'\nrun = 'true'\n")


def test_the_last_of_many_saves_is_live_and_others_are_not_held_up(home: RealHome) -> None:
    home.write("busy.toml", "[jobs.busy]\ndescription = 'the first'\nrun = 'true'\n")
    home.write("steady.toml", "[jobs.steady]\nschedule = { cron = '* * * * * *', seconds = true }\nrun = 'true'\n")
    home.start_engine()
    before = len(home.runs("steady"))
    save_again_and_again(home)
    home.write("other.toml", "[jobs.other]\nrun = 'true'\n")
    wait_until(lambda: home.ask("show", "busy")["description"] == "the last", what="the last save")
    wait_until(lambda: home.here("show", "other", code=None).code == 0, what="the other file")
    wait_until(lambda: len(home.runs("steady")) > before, what="the job that runs each second")
    assert home.call("check", str(home.jobs)).returncode == 0
    assert "Traceback" not in home.engine_log()
    assert home.stop_engine() == 0
