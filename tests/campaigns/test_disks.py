"""`--campaign full-disk` and `--campaign read-only`: on a small disk of its own, in a user and mount namespace.

What cannot make a namespace fails: these campaigns need one.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_full_disk(tmp_path: Path) -> None:
    play("full-for-a-moment", tmp_path)


def test_read_only(tmp_path: Path) -> None:
    play("read-only", tmp_path)


@pytest.mark.campaign("read-only")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("round_", range(3))
def test_campaign_read_only(tmp_path: Path, round_: int) -> None:
    play("read-only", tmp_path)


@pytest.mark.campaign("full-disk")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("round_", range(3))
@pytest.mark.parametrize("what", ["full", "full-while-killed"])
def test_campaign_full_disk(tmp_path: Path, what: str, round_: int) -> None:
    play(what, tmp_path)


def play(what: str, folder: Path) -> None:
    """Let it happen in a namespace of its own."""
    command = ["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-m", "tests.campaigns.disks"]
    done = subprocess.run(
        [*command, what, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
