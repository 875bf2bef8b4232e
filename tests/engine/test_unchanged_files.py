"""What an engine loads of files that are as they were, without parsing any."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.domain.records import JobFile
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import reloader
from jobistemer_tui.engine.reloader import Reloader
from jobistemer_tui.jobfiles import parse, watched
from jobistemer_tui.jobfiles.reading import ConfigLevel
from jobistemer_tui.storage.tables import FILES_BY_ROOT, JOB_FILES
from tests.support.engine_home import EngineHome


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were parsed since."""
    names: list[str] = []
    real = parse.parse_jobs

    def count(path: str, *rest: Any) -> Any:
        names.append(Path(path).name)
        return real(path, *rest)

    monkeypatch.setattr(parse, "parse_jobs", count)
    return names


def noted(home: EngineHome) -> list[JobFile]:
    return home.store.read(lambda reader: reader.scan(FILES_BY_ROOT, str(home.jobs)))


async def test_unchanged_jobs_run_and_nothing_is_parsed(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch, parsed: list[str]
) -> None:
    home.job("backup")
    await home.stop(await home.start())
    assert parsed == ["backup.toml"]
    looks = []
    real = Reloader.reload

    async def look(self: Reloader) -> bool:
        looks.append(await real(self))
        return looks[-1]

    monkeypatch.setattr(Reloader, "reload", look)
    await home.start()
    home.clock.advance(40)
    await home.until(lambda: home.rows("backup", O.COMPLETED) and len(looks) >= 2, step=0.5)
    assert parsed == ["backup.toml"]
    assert not any(looks)


async def test_only_the_file_that_changed_is_parsed(home: EngineHome, parsed: list[str]) -> None:
    home.job("backup")
    home.job("other")
    await home.stop(await home.start())
    parsed.clear()
    home.job("backup", schedule="5 * * * *")
    await home.start()
    assert parsed == ["backup.toml"]
    home.clock.advance(40)
    await home.until(lambda: home.rows("other", O.COMPLETED), step=0.5)


@pytest.mark.parametrize("change", ["new", "gone", "refused"])
async def test_what_is_as_it_was_is_not_parsed_beside_others(home: EngineHome, parsed: list[str], change: str) -> None:
    home.job("backup")
    home.job("other")
    await home.stop(await home.start())
    parsed.clear()
    match change:
        case "new":
            home.job("third")
        case "gone":
            (home.jobs / "other.toml").unlink()
        case _:
            home.write("bad.toml", "nonsense")
    await home.start()
    assert "backup.toml" not in parsed
    home.clock.advance(40)
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=0.5)


@pytest.mark.parametrize("change", ["settings", "program", "zone", "home", "kinds"])
async def test_what_they_mean_is_asked_anew_under_other_conditions(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch, parsed: list[str], change: str
) -> None:
    home.job("backup")
    await home.stop(await home.start())
    parsed.clear()
    options: dict[str, Any] = {}
    match change:
        case "settings":
            options["config"] = ConfigLevel({"max_active": 2})
        case "program":
            monkeypatch.setattr(watched, "__version__", "another")
        case "zone":
            monkeypatch.setenv("TZ", "Asia/Tokyo")
        case "kinds":
            monkeypatch.setattr(watched, "installed_versions", lambda: ["hours hours:make hours 1.0"])
        case _:
            monkeypatch.setenv("HOME", "/elsewhere")
    await home.start(**options)
    assert parsed[:1] == ["backup.toml"]


async def test_a_file_that_was_noted_and_not_published_is_parsed(home: EngineHome, parsed: list[str]) -> None:
    """The engine was killed between the two."""
    home.job("backup")
    await home.stop(await home.start())
    (row,) = noted(home)
    home.store.write(lambda tx: tx.replace(JOB_FILES, row, replace(row, settled=None)))
    parsed.clear()
    await home.start()
    assert parsed[:1] == ["backup.toml"]
    assert noted(home) == [row]


async def test_a_file_that_vanished_is_remembered_until_its_job_is_retired(home: EngineHome) -> None:
    """The engine was killed meanwhile; the next one retires the job."""
    home.job("backup")
    path = home.job("other")
    await home.stop(await home.start())
    path.unlink()
    await home.kill(await home.start())
    assert len(noted(home)) == 2
    await home.start()
    await home.until(lambda: (job := home.the_job("other")) is not None and job.retired_at is not None, step=1.0)
    await home.until(lambda: [Path(row.path).name for row in noted(home)] == ["backup.toml"], step=1.0)


async def test_a_job_that_another_file_has_taken_over_is_taken_back(home: EngineHome) -> None:
    """The other file is served by an engine that does not watch the first."""
    path = home.job("backup")
    await home.stop(await home.start(path))
    other = home.job("second", schedule="7 * * * *")
    other.write_text(other.read_text().replace("[jobs.second]", "[jobs.backup]"))
    await home.stop(await home.start(other))
    await home.start(path)
    home.clock.advance(40)
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=0.5)


async def test_a_file_whose_root_was_named_otherwise_is_missed(home: EngineHome) -> None:
    """It was run by its own name, and is gone before its folder is named."""
    path = home.job("backup")
    await home.stop(await home.start(path))
    path.unlink()
    await home.start()
    await home.until(lambda: (job := home.the_job("backup")) is not None and job.retired_at is not None, step=1.0)


async def test_what_other_conditions_made_of_a_file_is_not_taken_for_these(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch, parsed: list[str]
) -> None:
    """An engine was killed when it had published under a changed configuration, which is then changed back."""
    home.job("backup")
    await home.stop(await home.start())
    with monkeypatch.context() as patched:
        patched.setattr(reloader, "settle", lambda *_, **__: False)
        await home.kill(await home.start(config=ConfigLevel({"max_active": 2})))
    parsed.clear()
    await home.start()
    assert parsed == ["backup.toml"]


async def test_a_zone_that_changes_meanwhile_is_among_the_conditions(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch, parsed: list[str]
) -> None:
    monkeypatch.setenv("TZ", "Europe/Paris")
    home.write("backup.toml", '[jobs.backup]\nschedule = "5 4 * * *"\nrun = "true"\n')
    node = await home.start()
    before = noted(home)[0].settled
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    await home.until(lambda: noted(home)[0].settled not in (before, None), step=5.0)
    await home.stop(node)
    monkeypatch.setenv("TZ", "Europe/Paris")
    await home.start()
    assert parsed == ["backup.toml"] * 3


async def test_a_retired_job_returns_with_its_file_whenever_the_engine_was_killed(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home.job("backup")
    text = path.read_text()
    await home.stop(await home.start())
    path.unlink()
    with monkeypatch.context() as patched:
        patched.setattr(reloader, "settle", lambda *_, **__: False)
        node = await home.start()
        await home.until(lambda: (job := home.the_job("backup")) is not None and job.retired_at is not None, step=1.0)
        await home.kill(node)
    home.write("backup.toml", text)
    await home.start()
    assert (job := home.the_job("backup")) is not None
    assert job.retired_at is None
