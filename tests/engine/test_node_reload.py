"""Files that change under a running engine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from jobistemer_tui.domain.file_plan import JobChange, JobPlan
from jobistemer_tui.domain.records import FileState
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.jobfiles.read import hash_now
from jobistemer_tui.operations.queries_status import last_change
from jobistemer_tui.storage.tables import FILES_BY_ROOT
from tests.support.broken_schedule import break_first_version
from tests.support.engine_home import EngineHome

STEP = 0.05


def version(home: EngineHome, name: str) -> int:
    job = home.the_job(name)
    return 0 if job is None else job.version


def retired(home: EngineHome, name: str) -> bool:
    job = home.the_job(name)
    assert job is not None
    return job.retired_at is not None


async def test_an_edit_changes_the_next_instant(home: EngineHome) -> None:
    home.job("backup")
    await home.start()
    assert home.rows("backup")[0].scheduled_at.minute == 1
    home.job("backup", schedule="5 * * * *")
    await home.until(lambda: version(home, "backup") == 2, step=STEP)
    (row,) = home.rows("backup")
    assert (row.state, row.scheduled_at.minute) == (O.PLANNED, 5)


async def test_an_edit_mends_a_job_whose_schedule_does_not_work(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: it was read again and again, and never taken, as the gap of the old schedule could not be read."""
    home.job("backup")
    await home.start()
    break_first_version(monkeypatch)
    home.job("backup", schedule="5 * * * *")
    await home.until(lambda: version(home, "backup") == 2, step=STEP)


async def test_half_a_file_that_makes_sense_is_not_published(home: EngineHome, monkeypatch: pytest.MonkeyPatch) -> None:
    path = home.job("backup", schedule="0 9 * * *")
    parts = ["description = 'more'\n", "[jobs.late]\nrun = 'true'\n"]

    def writes_on(name: str) -> str:
        if parts:
            with path.open("a") as file:
                file.write(parts.pop(0))
        return hash_now(name)

    monkeypatch.setattr("jobistemer_tui.jobfiles.watched.hash_now", writes_on)
    await home.start()
    path.write_text("[jobs.backup]\nrun = 'true'\nschedule = '0 10 * * *'\n")
    await home.until(lambda: "late" in changed(home), step=STEP)
    assert (version(home, "backup"), version(home, "late")) == (2, 1)
    jobs = changed(home)
    assert (jobs["backup"].change, jobs["late"].change) == (JobChange.CHANGED, JobChange.ADDED)
    assert "description added: more" in [difference.text for difference in jobs["backup"].differences]


def changed(home: EngineHome) -> dict[str, JobPlan]:
    change = home.store.read(last_change)
    return {} if change is None else {job.job: job for job in change.jobs}


async def test_a_broken_save_keeps_the_version_that_runs_and_is_shown(home: EngineHome) -> None:
    home.job("backup")
    await home.start()
    home.write("backup.toml", "[jobs.backup]\nschedul = '* * * * *'\n")
    await home.until(lambda: "file_refused" in home.kinds(), step=STEP)
    home.clock.advance(40)
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=0.5)
    assert version(home, "backup") == 1
    assert not retired(home, "backup")
    (file,) = home.store.read(lambda reader: reader.scan(FILES_BY_ROOT, str(home.jobs)))
    assert file.state is FileState.REFUSED
    assert 2 in {error["line"] for error in file.errors}


async def test_a_broken_file_at_the_start_runs_what_was_published(home: EngineHome) -> None:
    home.job("backup")
    await home.stop(await home.start())
    home.write("backup.toml", "nonsense")
    await home.start()
    home.clock.advance(30)
    await home.until(lambda: home.rows("backup", O.COMPLETED))


async def test_a_deleted_file_retires_its_jobs_after_a_while_and_they_return_as_they_were(home: EngineHome) -> None:
    path = home.job("backup", schedule="0 9 * * *")
    text = path.read_text()
    await home.start()
    path.unlink()
    begin = home.clock.now()
    await home.until(lambda: retired(home, "backup"), step=STEP)
    assert (home.clock.now() - begin).total_seconds() >= 5.0
    assert home.rows("backup") == []
    home.write("backup.toml", text)
    await home.until(lambda: not retired(home, "backup"), step=STEP)
    assert version(home, "backup") == 1
    assert [row.state for row in home.rows("backup")] == [O.PLANNED]
    assert "job_returned" in home.kinds()


async def test_a_file_that_comes_back_at_once_retires_nothing(home: EngineHome) -> None:
    path = home.job("backup", schedule="0 9 * * *")
    text = path.read_text()
    node = await home.start()
    path.unlink()
    await home.until(lambda: node._reloader.looks_again_soon, step=STEP)
    home.write("backup.toml", text)
    await home.until(lambda: not node._reloader.looks_again_soon, step=STEP)
    assert "job_retired" not in home.kinds()


async def test_a_job_moved_to_another_file_goes_on(home: EngineHome) -> None:
    path = home.job("backup", schedule="0 9 * * *")
    await home.start()
    (row,) = home.rows("backup")
    path.rename(home.jobs / "moved.toml")

    def moved() -> bool:
        job = home.the_job("backup")
        return job is not None and job.source_path.endswith("moved.toml")

    await home.until(moved, step=STEP)
    begin = home.clock.now()
    await home.until(lambda: (home.clock.now() - begin).total_seconds() > 12, step=0.5)
    assert not retired(home, "backup")
    assert home.rows("backup") == [row]
    assert version(home, "backup") == 1


async def test_a_job_taken_out_of_a_file_that_stays_is_retired_alone(home: EngineHome) -> None:
    two = "[jobs.{}]\ntasks = [{{ name = 'a', run = 'true' }}]\n"
    home.write("both.toml", two.format("one") + two.format("two"))
    await home.start()
    home.write("both.toml", two.format("one"))
    await home.until(lambda: retired(home, "two"), step=STEP)
    assert not retired(home, "one")


async def test_jobs_of_another_root_are_neither_retired_nor_run(home: EngineHome) -> None:
    home.job("backup")
    await home.stop(await home.start())
    other = home.folder / "other"
    other.mkdir(mode=0o700)
    node = await home.start(other)
    await asyncio.wait_for(node.wait_until_idle(), 120)
    begin = home.clock.now()
    await home.until(lambda: (home.clock.now() - begin).total_seconds() > 90, step=2.0)
    assert not retired(home, "backup")
    assert [row.state for row in home.rows("backup")] == [O.PLANNED]


async def test_a_folder_that_disappears_retires_nothing(home: EngineHome) -> None:
    home.job("backup", schedule="0 9 * * *")
    await home.start()
    away = home.folder / "away"
    home.jobs.rename(away)
    begin = home.clock.now()
    await home.until(lambda: (home.clock.now() - begin).total_seconds() > 70, step=0.5)
    assert not retired(home, "backup")
    away.rename(home.jobs)
    home.job("backup", schedule="0 10 * * *")
    await home.until(lambda: version(home, "backup") == 2, step=STEP)


async def test_a_save_while_a_job_is_gone_is_live_before_that_one_is_retired(home: EngineHome) -> None:
    path = home.job("backup", schedule="0 9 * * *")
    node = await home.start()
    path.unlink()
    await home.until(lambda: node._reloader.looks_again_soon, step=STEP)
    home.job("late")
    await home.until(lambda: version(home, "late") == 1, step=0.004)
    assert not retired(home, "backup")
    await home.until(lambda: retired(home, "backup"), step=STEP)


async def test_a_folder_that_is_missing_holds_up_no_other_and_is_shown(home: EngineHome) -> None:
    home.job("backup")
    missing = home.folder / "later"
    await home.start(home.jobs, missing)
    assert version(home, "backup") == 1
    assert home.kinds().count("file_denied") == 1
    home.job("backup", schedule="5 * * * *")
    await home.until(lambda: version(home, "backup") == 2, step=STEP)
    missing.mkdir(mode=0o700)
    (missing / "more.toml").write_text("[jobs.more]\nrun = 'true'\n")
    await home.until(lambda: version(home, "more") == 1, step=STEP)
    await home.until(lambda: "file_accepted" in home.kinds(), step=STEP)
    assert home.kinds().count("file_denied") == 1


async def test_each_change_of_trust_is_told_once(home: EngineHome) -> None:
    path = home.job("backup", schedule="0 9 * * *")
    await home.start()
    path.chmod(0o666)
    await home.until(lambda: "file_denied" in home.kinds(), step=STEP)
    home.write("backup.toml", "nonsense")
    await home.until(lambda: "file_refused" in home.kinds(), step=STEP)
    begin = home.clock.now()
    await home.until(lambda: (home.clock.now() - begin).total_seconds() > 70, step=1.0)
    home.job("backup", schedule="0 9 * * *")
    await home.until(lambda: "file_accepted" in home.kinds(), step=STEP)
    path.unlink()
    await home.until(lambda: "file_gone" in home.kinds(), step=STEP)
    told = [kind for kind in home.kinds() if kind.startswith("file_")]
    assert told == ["file_loaded", "file_denied", "file_refused", "file_accepted", "file_gone"]


async def test_a_new_file_is_found_and_its_job_runs(home: EngineHome) -> None:
    await home.start()
    home.job("late")
    await home.until(lambda: version(home, "late") == 1, step=STEP)
    await home.until(lambda: home.rows("late", O.COMPLETED), step=0.5)


async def test_a_name_that_two_files_have_stays_with_the_first_and_the_second_is_shown(home: EngineHome) -> None:
    home.job("backup", schedule="0 9 * * *")
    await home.start()
    copy = home.jobs / "aaa.toml"
    text = (home.jobs / "backup.toml").read_text().replace("0 9", "0 10")
    home.write(copy.name, text)
    await home.until(lambda: "file_refused" in home.kinds(), step=STEP)
    assert version(home, "backup") == 1
    (home.jobs / "backup.toml").unlink()
    await home.until(lambda: version(home, "backup") == 2, step=STEP)
    job = home.the_job("backup")
    assert job is not None
    assert Path(job.source_path) == copy
