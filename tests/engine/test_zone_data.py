"""Other time-zone data than a job was planned with: it is planned anew before anything starts, and that is told."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from jobistemer_tui.domain.records import Job
from jobistemer_tui.engine.unchanged import unsettle
from jobistemer_tui.schedules.zones import zone_data_version
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE, JOBS
from tests.support.engine_home import EngineHome


def give_old_data(home: EngineHome, name: str) -> Job:
    """Pretend that a job was planned with data of another year."""
    job = home.the_job(name)
    assert job is not None
    old = replace(job, timezone_data="2001a")
    assert home.store.write(lambda tx: tx.replace(JOBS, job, old))
    home.store.write(lambda tx: unsettle(tx, job.source_path))  # its file was read under these data
    return old


async def test_a_job_is_planned_anew_before_the_first_claim(home: EngineHome, caplog: pytest.LogCaptureFixture) -> None:
    home.job("zoned", schedule="*/5 * * * *")
    home.job("by-hand", schedule=None)
    node = await home.start()
    await home.stop(node)
    give_old_data(home, "zoned")
    with caplog.at_level(logging.WARNING):
        node = await home.start()
    job = home.the_job("zoned")
    assert job is not None
    assert job.timezone_data == zone_data_version()
    events = home.store.read(lambda reader: reader.scan(EVENTS_BY_SEQUENCE))
    (told,) = [event for event in events if event.kind == "timezone_data_changed"]
    assert (told.job_id, told.detail["was"], told.detail["is"]) == (job.id, "2001a", zone_data_version())
    assert any("planned anew before any starts" in record.message for record in caplog.records)
    await home.stop(node)


async def test_what_runs_by_hand_only_is_nobodys_concern(home: EngineHome, caplog: pytest.LogCaptureFixture) -> None:
    home.job("by-hand", schedule=None)
    node = await home.start()
    await home.stop(node)
    give_old_data(home, "by-hand")
    with caplog.at_level(logging.WARNING):
        node = await home.start()
    assert not any("time-zone data" in record.message for record in caplog.records)
    await home.stop(node)
