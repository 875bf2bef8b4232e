"""`--campaign corrupt`: a database with wrong bytes, or cut short: found or harmless, and never begun anew in silence.

`CORRUPT` (150) cases.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from jobistemer_tui.domain.clock import SystemClock
from tests.checker.real_store import integrity, rows_of
from tests.support.campaign_home import CampaignHome
from tests.support.wait_until import wait_until

CASES = int(os.environ.get("CORRUPT", "150"))


@pytest.fixture
def used(home: CampaignHome) -> CampaignHome:
    """A home in which an engine has worked; its ledger says how far it came."""
    home.start_engine()
    home.wait_for_work(8)
    assert home.stop_engine() == 0
    shutil.copytree(home.home, home.folder / "sound", ignore=shutil.ignore_patterns("*.sock", "s"))
    return home


def test_some_cases(used: CampaignHome) -> None:
    found = [damage_and_run(used, random.Random(seed), kind) for seed, kind in ((0, 1), (1, 2), (2, 3))]
    assert any(found)
    damage_while_served(used, random.Random(1))


@pytest.mark.campaign("corrupt")
@pytest.mark.timeout(3000)
def test_campaign(used: CampaignHome) -> None:
    found = sum(damage_and_run(used, random.Random(seed), seed % 4) for seed in range(100, 100 + CASES))
    assert found >= CASES / 4, "hardly any damage was found: it is not looked for"


@pytest.mark.campaign("corrupt")
@pytest.mark.timeout(3000)
def test_campaign_under_a_living_engine(used: CampaignHome) -> None:
    for seed in range(100, 100 + CASES // 3):
        damage_while_served(used, random.Random(seed))


def put_back(home: CampaignHome) -> None:
    """The sound store again."""
    for path in home.home.glob("jobistemer.db*"):
        if path.is_file():
            path.unlink()
    shutil.copy(home.folder / "sound" / home.database.name, home.database)


def damage_while_served(home: CampaignHome, chance: random.Random) -> None:
    """Wrong bytes under an engine that works: it ends by itself if it has seen them, and says what is wrong."""
    put_back(home)
    home.start_engine()
    said = len(home.engine_log())
    # As another program would: a descriptor of ours that is closed drops no lock of the engine's process.
    with home.database.open("r+b", buffering=0) as file:
        for _ in range(chance.randint(1, 64)):
            file.seek(chance.randrange(home.database.stat().st_size))
            file.write(chance.randbytes(chance.choice((1, 64, 4096))))
    seen = chance.randint(0, 3)
    begun = SystemClock().now()
    wait_until(lambda: SystemClock().now() >= begun + timedelta(seconds=seen), what="instants to be due")
    code = home.stop_engine()
    log = home.engine_log()
    assert "Traceback" not in log, log
    # Told to end while it is ending by itself, and its handlers are gone, it dies of the signal.
    assert code in (0, 69, -signal.SIGTERM), (code, log)
    assert (code != 0) is ("restore it from a backup" in log[said:]), (code, log)


def damage_and_run(home: CampaignHome, chance: random.Random, kind: int) -> bool:
    """Put the sound store back, damage it and start an engine; whether the damage was found."""
    put_back(home)
    before = rows_of(home.database, "occurrence")
    damage(home.database, chance, kind)
    damaged, lines = home.database.read_bytes(), len(home.ledger_lines())
    done = home.call("run", str(home.jobs), "--for", "1s", code=None)
    assert "Traceback" not in done.stderr, done.stderr
    if done.returncode == 0:
        assert list(integrity(home.database)) == []
        assert rows_of(home.database, "occurrence") >= before
        return False
    assert done.returncode == 69, done
    assert "jobistemer.db" in done.stderr
    assert "restore it from a backup" in done.stderr
    assert len(home.ledger_lines()) == lines, "jobs were run over a damaged store"
    # SQLite keeps no checksums: a wrong byte inside a value is found by who reads the value.
    if "that cannot be read" not in done.stderr:
        assert home.database.read_bytes()[100:] == damaged[100:], f"it was written to: {done.stderr}"
    return True


def damage(path: Path, chance: random.Random, kind: int) -> None:
    """Wrong bytes, wrong bytes in one page, the end cut off, or all of it."""
    data = bytearray(path.read_bytes())
    match kind:
        case 0:
            for _ in range(chance.randint(1, 64)):
                data[chance.randrange(len(data))] ^= chance.randint(1, 255)
        case 1:
            start = chance.randrange(len(data) // 4096) * 4096
            data[start : start + 4096] = chance.randbytes(4096)
        case 2:
            del data[chance.randrange(1, len(data)) :]
        case _:
            data.clear()
    path.write_bytes(data)
