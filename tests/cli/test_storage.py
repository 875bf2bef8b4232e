"""`storage prune`: what is not kept goes at once, and only when told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import Attempt
from jobistemer_tui.domain.sizes import size_text
from jobistemer_tui.domain.states import AttemptState
from jobistemer_tui.storage.contract import Store
from tests.cli.home import Home
from tests.support.factories import NOW, add, add_job, make_attempt, make_definition, make_occurrence, make_task_run


def fill(home: Home) -> list[Attempt]:
    """A job that keeps one run and has three, the oldest first; each has written 3 KiB."""

    def work(store: Store) -> tuple[UUID, list[Attempt]]:
        definition = make_definition("backup", settings={"keep.runs": 1, "keep.age": None})
        job = add_job(store, definition, cursor_at=NOW + timedelta(hours=2))
        attempts = []
        for hour in range(3):
            row = make_occurrence(job, NOW + timedelta(hours=hour))
            run = make_task_run(row, "dump")
            attempts.append(make_attempt(run, 1, AttemptState.SUCCESS, detail={"output_bytes": 3072}))
            add(store, row, run, attempts[-1])
        return store.id, attempts

    store_id, attempts = home.fill(work)
    for attempt in attempts:
        folder_of(home, store_id, attempt.id).mkdir(parents=True)
    folder_of(home, store_id, UUID(int=404)).mkdir()
    return list(attempts)


def folder_of(home: Home, store_id: UUID, attempt: UUID) -> Path:
    return home.folder / "attempts" / str(store_id) / str(attempt)


def folders(home: Home) -> set[str]:
    (store,) = (home.folder / "attempts").iterdir()
    return {entry.name for entry in store.iterdir()}


def test_a_dry_run_only_says_what_would_go(home: Home) -> None:
    fill(home)
    before = folders(home)
    done = home.run("storage", "prune", "--dry-run")
    assert done.out.splitlines()[1].split() == ["backup", "2", "6.0", "KiB"]
    assert "2 runs and 1 folders without a run would be cleared away" in done.err
    assert len(home.run("runs", "--json").json) == 3
    assert folders(home) == before


def test_what_is_not_kept_goes_with_its_folder(home: Home) -> None:
    attempts = fill(home)
    home.run("pin", "backup@2026-11-24T14:30:00Z")
    done = home.run("storage", "prune", "--json").json
    assert done == {"dry_run": False, "jobs": [{"job": "backup", "runs": 1, "bytes": 3072}], "folders": 1}
    assert len(home.run("runs", "--json").json) == 2
    assert folders(home) == {str(attempts[0].id), str(attempts[2].id)}
    assert "0 runs and 0 folders" in home.run("storage", "prune").err


def test_a_home_without_anything(home: Home) -> None:
    done = home.run("storage", "prune")
    assert (done.code, done.out) == (0, "")


@pytest.mark.parametrize("words", [["storage", "prnue"], ["storage", "prune", "--fast"]])
def test_unknown_words(home: Home, words: list[str]) -> None:
    assert home.run(*words).code == 64


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (10 * 1024, "10 KiB"), (2**30, "1.0 GiB"), (2**50, "1024 TiB")],
)
def test_sizes(size: int, text: str) -> None:
    assert size_text(size) == text
