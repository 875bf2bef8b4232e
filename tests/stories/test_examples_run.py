"""A newcomer runs the examples, and those that say they work do."""

from __future__ import annotations

from pathlib import Path

from tests.support.real_home import RealHome

EXAMPLES = Path(__file__).parents[2] / "examples"
QUICK = ("tally", "whisper", "word_count", "look-at-alpha", "heartbeat", "disk-space")


def test_the_quick_examples_complete(home: RealHome) -> None:
    words = [word for name in QUICK for word in ("--trigger", name)]
    files = [str(EXAMPLES / name) for name in ("heartbeat.toml", "remember.toml", "generated_jobs.py")]
    home.call("run", *files, *words, "--until-idle")
    runs = home.all_runs()
    ended = {name: {run["status"] for run in runs[name] if run["reason"] != "overlap"} for name in QUICK}
    assert ended == {name: {"completed"} for name in QUICK}, "but one that came beside a run of its schedule"
