"""The moments at which tests kill: each has one name, there are enough of them, and none is armed by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from tests.architecture.tree import PACKAGE
from tests.support.sync_points import names

BOTH = ("settings/sync_points.py", "engine/supervisor/sync_points.py")


def test_every_name_is_used_once_and_there_are_about_forty() -> None:
    assert len(names()) == len(set(names())) >= 40


def test_the_supervisor_has_the_same_file() -> None:
    first, second = ((PACKAGE / name).read_text(encoding="utf-8") for name in BOTH)
    assert first == second


def test_a_process_dies_at_the_moment_that_its_environment_names_and_at_no_other() -> None:
    assert reach({}) == 0
    assert reach({"JOBISTEMER_KILL_AT": "another.moment"}) == 0
    assert reach({"JOBISTEMER_KILL_AT": "a.moment"}) == -signal.SIGKILL
    assert reach({"JOBISTEMER_KILL_AT": "a.moment:2"}) == -signal.SIGKILL
    assert reach({"JOBISTEMER_KILL_AT": "a.moment:3"}) == 0


def reach(environ: dict[str, str]) -> int:
    """Come to a moment twice; gives the exit code."""
    code = "from jobistemer_tui.settings.sync_points import sync_point as at; at('a.moment'); at('a.moment')"
    return subprocess.run([sys.executable, "-c", code], env={**os.environ, **environ}, check=False).returncode
