"""What an engine loads of files that are as they were, before it parses any."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine.reloader import Reloader
from jobistemer_tui.jobfiles import parse
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


async def without_reloads(home: EngineHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the engine, and start one that only loads."""

    async def nothing(_: Reloader) -> bool:
        return False

    monkeypatch.setattr(Reloader, "reload", nothing)
    await home.start()


async def test_unchanged_jobs_run_before_anything_is_parsed(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch, parsed: list[str]
) -> None:
    home.job("backup")
    await home.stop(await home.start())
    assert parsed == ["backup.toml"]
    await without_reloads(home, monkeypatch)
    home.clock.advance(40)
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=0.5)
    assert parsed == ["backup.toml"]


async def test_they_are_parsed_afterwards(home: EngineHome, parsed: list[str]) -> None:
    home.job("backup")
    await home.stop(await home.start())
    await home.start()
    await home.until(lambda: parsed == ["backup.toml", "backup.toml"], step=0.05)


@pytest.mark.parametrize("change", ["edited", "new", "gone", "refused", "settings"])
async def test_anything_else_is_parsed_before_the_first_claim(home: EngineHome, parsed: list[str], change: str) -> None:
    home.job("backup")
    home.job("other")
    if change == "refused":
        home.write("bad.toml", "nonsense")
    await home.stop(await home.start())
    parsed.clear()
    options: dict[str, Any] = {}
    match change:
        case "edited":
            home.job("backup", schedule="5 * * * *")
        case "new":
            home.job("third")
        case "gone":
            (home.jobs / "other.toml").unlink()
        case "settings":
            options["config"] = ConfigLevel({"max_active": 2})
        case _:
            pass
    await home.start(**options)
    assert "backup.toml" in parsed


async def test_a_file_that_was_noted_and_not_published_is_parsed(home: EngineHome, parsed: list[str]) -> None:
    """The engine was killed between the two."""
    home.job("backup")
    await home.stop(await home.start())
    (row,) = home.store.read(lambda reader: reader.scan(FILES_BY_ROOT, str(home.jobs)))
    noted = [*row.jobs, "not-yet-published"]
    home.store.write(lambda tx: tx.replace(JOB_FILES, row, replace(row, jobs=noted)))
    parsed.clear()
    await home.start()
    assert parsed[:1] == ["backup.toml"]
