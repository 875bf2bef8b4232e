"""Campaigns run when they are asked for and are no skipped tests otherwise."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import TESTS

_TESTS = """
import pytest


def test_short() -> None:
    pass


@pytest.mark.campaign("kill")
def test_kill() -> None:
    pass


@pytest.mark.campaign("clock")
def test_clock() -> None:
    pass
"""


def run_sample(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The sample tests under the project's conftest, without the plugins that they do not need."""
    (folder / "conftest.py").write_text((TESTS / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = campaign(name)\n", encoding="utf-8")
    (folder / "test_sample.py").write_text(_TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *options, "test_sample.py"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_campaigns_stay_out_unless_asked_for(tmp_path: Path) -> None:
    done = run_sample(tmp_path)
    assert re.findall(r"::(\w+) PASSED", done.stdout) == ["test_short"], done.stdout
    assert "1 passed, 2 deselected" in done.stdout


def test_a_campaign_runs_alone(tmp_path: Path) -> None:
    done = run_sample(tmp_path, "--campaign", "kill")
    assert re.findall(r"::(\w+) PASSED", done.stdout) == ["test_kill"], done.stdout
    assert "1 passed, 2 deselected" in done.stdout


def test_a_campaign_that_does_not_exist_runs_nothing(tmp_path: Path) -> None:
    assert run_sample(tmp_path, "--campaign", "typo").returncode == pytest.ExitCode.NO_TESTS_COLLECTED


def test_every_campaign_is_in_the_table() -> None:
    texts = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py") if path != Path(__file__)]
    names = {name for text in texts for name in re.findall(r'campaign\("([a-z-]+)"\)', text)}
    rows = [line for line in (TESTS / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    listed = {name for line in rows for name in re.findall(r"`([a-z-]+)`", line.split("|")[1])}
    assert len(names) > 10
    assert names - listed == set()
