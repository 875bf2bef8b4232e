"""A newcomer runs the examples, and those that say they work do."""

from __future__ import annotations

from pathlib import Path

from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = ("heartbeat.toml", "remember.toml", "generated_jobs.py")
QUICK = ("tally", "whisper", "word_count", "look-at-alpha", "heartbeat", "disk-space")


def test_the_quick_examples_complete(home: RealHome) -> None:
    for name in FILES:
        home.write(name, (EXAMPLES / name).read_text())
    home.start_engine()
    for name in QUICK:
        home.here("stop", name)  # a run of its schedule that came at the same time would be in the way
        wait_until(lambda name=name: not home.ask("show", name)["running"], what=name)  # type: ignore[misc]  # a default is bound
        home.here("trigger", name, "--wait")
