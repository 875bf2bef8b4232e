"""What a campaign does on a disk of its own: run as `python -m tests.campaigns.disks WHAT FOLDER` in a mount namespace.

Exits with 0 if all was kept; says what was not.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.checker.real_store import rows_of
from tests.support.campaign_home import CampaignHome
from tests.support.wait_until import let_pass, wait_until

SIZE = "24m"
WATERMARK = 'min_free = "1MiB"\n'


def mount(*words: str) -> None:
    """Run `mount`."""
    subprocess.run(["mount", *words], check=True)


def small_home(folder: Path) -> CampaignHome:
    """A home on a small disk, whose ledger lies elsewhere."""
    home = CampaignHome(folder)
    home.home.mkdir(mode=0o700)
    mount("-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", str(home.home))
    config = home.home / "config.toml"
    config.write_text(WATERMARK)
    config.chmod(0o600)
    home.write_jobs()
    return home


def full(home: CampaignHome, *lengths: float) -> None:
    """The disk fills while an engine runs: it lives on, says so, and all goes on when there is space again."""
    engine = home.start_engine()
    for seconds in lengths or (1.0, 4.0, 8.0):
        home.wait_for_work()
        ballast = fill(home.home)
        let_pass(seconds)
        asked = home.call("trigger", "slow", code=None)  # it may fit into what the log of the database has left
        assert asked.returncode == 0 or (asked.returncode == 69 and "space" in asked.stderr), asked
        if seconds > 5.0:
            said = home.engine_log() + home.program_log()
            assert "space" in said or "disk" in said, said
        ballast.unlink()
        assert engine.poll() is None, home.engine_log()
    home.wait_for_work(seconds=90)
    expect(home.finish())


def fill(folder: Path) -> Path:
    """A file that leaves no byte free."""
    path = folder / "ballast"
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return path


def full_while_killed(home: CampaignHome) -> None:
    """The same, and the engine is killed on the full disk."""
    for _ in range(2):
        home.start_engine()
        home.wait_for_work(seconds=90)
        ballast = fill(home.home)
        let_pass(1.0)
        home.kill_engine()
        home.start_engine(wait=False)
        let_pass(2.0)
        home.kill_engine()
        ballast.unlink()
    home.start_engine()
    expect(home.finish())


def read_only(home: CampaignHome) -> None:
    """On a disk that cannot be written nothing starts, and the database is as it was afterwards."""
    home.start_engine()
    home.wait_for_work()
    assert home.stop_engine() == 0
    home.kill(*home.supervisors())
    wait_until(lambda: not home.processes(), what="the supervisor to end")
    before, lines = rows_of(home.database, "occurrence"), len(home.ledger_lines())
    mount("-o", "remount,ro", str(home.home))
    for words in (("run", str(home.jobs), "--for", "1s"), ("trigger", "slow")):
        done = home.call(*words, code=None)
        assert done.returncode == 73, done
        assert str(home.home) in done.stderr, done
        assert "Traceback" not in done.stderr, done
    assert len(home.ledger_lines()) == lines
    mount("-o", "remount,rw", str(home.home))
    assert rows_of(home.database, "occurrence") == before
    home.start_engine()
    expect(home.finish())


def expect(violations: Sequence[object]) -> None:
    """Fail if there are any."""
    assert not violations, "\n".join(map(str, violations))


WHAT = {
    "full": full,
    "full-for-a-moment": lambda home: full(home, 1.0),
    "full-while-killed": full_while_killed,
    "read-only": read_only,
}

if __name__ == "__main__":
    os.umask(0o077)
    home = small_home(Path(sys.argv[2]))
    try:
        WHAT[sys.argv[1]](home)
    finally:
        home.end()
