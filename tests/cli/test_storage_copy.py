"""`storage copy`, `check` and `backup`: a history that was made on one store, in others."""

from __future__ import annotations

import os
import random
import signal
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from jobistemer_tui.domain.states import AttemptState, OccurrenceState
from jobistemer_tui.engine.log_pieces import PIECE
from jobistemer_tui.engine.supervisor.log_format import INDEX, OUTPUT
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import ATTEMPTS_BY_ID, CHUNKS_BY_ATTEMPT
from tests.cli.home import Home, run_process
from tests.support.factories import NOW, add, add_job, make_attempt, make_definition, make_occurrence, make_task_run
from tests.support.postgres_server import schema_url

RUNS = 120


def fill(home: Home, runs: int = RUNS) -> UUID:
    """A job with many runs, the first with output; gives the store's id."""

    def work(store: Store) -> UUID:
        job = add_job(store, make_definition("backup"))
        for hour in range(runs):
            row = make_occurrence(job, NOW + timedelta(hours=hour))
            run = make_task_run(row, "dump")
            attempt = make_attempt(run, 1, AttemptState.SUCCESS)
            add(store, row, run, attempt)
            if hour == 0:
                folder = home.folder / "attempts" / str(store.id) / str(attempt.id)
                folder.mkdir(parents=True)
                (folder / "log").write_text("hello\n")
        return store.id

    return UUID(str(home.fill(work)))


def urls(home: Home) -> tuple[str, str]:
    return f"sqlite:{home.folder}/jobistemer.db", f"lmdb:{home.folder}/copy.lmdb"


def test_a_copy_that_is_killed_is_completed_by_repeating_it(home: Home) -> None:
    fill(home)
    source, target = urls(home)
    words = ("--home", str(home.folder), "storage", "copy", source, target)
    killed = run_process(*words, environ={"JOBISTEMER_KILL_AT": "store.committed:3"})
    assert killed.code == -signal.SIGKILL
    store = open_store(target)
    there = store.read(lambda r: r.count(ATTEMPTS_BY_ID))
    store.close()
    assert 0 < there < RUNS
    done = home.run("storage", "copy", source, target)
    assert (done.code, "120" in done.out) == (0, True)
    assert f"{3 * (RUNS - there) + RUNS:,} rows and the output of 1 attempts" in done.err, "runs, tasks, tries, events"
    assert "equal" in home.run("storage", "check", "--against", target).err
    again = home.run("--json", "storage", "copy", source, target).json
    assert (again["whole"], again["outputs"], again["there"]["attempt"]) == (True, 0, RUNS)
    assert set(again["made"]) <= {"event"}


def test_the_output_comes_along_and_the_copy_says_so_in_its_audit(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    first = fill(home)
    (folder,) = (home.folder / "attempts" / str(first)).iterdir()
    (folder / OUTPUT).symlink_to(home.folder / "jobistemer.db")
    (folder / "all").symlink_to(home.folder)
    os.mkfifo(folder / INDEX)
    source, target = urls(home)
    monkeypatch.setattr("jobistemer_tui.cli.commands.storage_group._ROWS_A_LINE", 100)
    done = home.run("storage", "copy", source, target)
    assert done.code == 0
    assert done.err.splitlines()[0] == "152 rows"
    store = open_store(target)
    folders = [home.folder / "attempts" / str(id) for id in (first, store.id)]
    store.close()
    ((log,), (copied,)) = ([*folder.glob("*/log")] for folder in folders)
    assert (copied.read_text(), copied.parent.name) == ("hello\n", log.parent.name)
    assert [*copied.parent.iterdir()] == [copied], "what a task had left there as a trap stays behind"
    assert not [entry for entry in folders[1].iterdir() if entry.name.endswith(".copy")]
    compared = home.run("--json", "--store", target, "storage", "check", "--against", source)
    assert (compared.code, compared.json["equal"], compared.json["only_here"]["event"]) == (0, True, 0)
    home.run("--store", target, "pin", f"backup@{NOW:%Y-%m-%dT%H:%M:%SZ}")
    other_way = home.run("storage", "check", "--against", target)
    assert (other_way.code, "1 have other contents there" in other_way.err) == (1, True)


def test_differences_are_named_and_left(home: Home, tmp_path: Path) -> None:
    fill(home)
    source, target = urls(home)
    home.run("storage", "copy", source, target)
    home.run("pause", "backup")
    differing = home.run("storage", "copy", source, target)
    assert differing.code == 1
    assert f"job {make_definition('backup').id}: it is there with other contents" in differing.out
    assert "1 rows differ and were left as they are there" in differing.err
    assert home.run("storage", "check", "--against", target).code == 1
    updated = home.run("storage", "copy", source, target, "--update")
    assert (updated.code, "1 rows differ" in updated.err) == (0, False)
    assert home.run("storage", "check", "--against", target).code == 0


def test_what_runs_stays_behind(home: Home) -> None:
    def work(store: Store) -> None:
        job = add_job(store, make_definition("long"))
        add(store, make_occurrence(job, NOW, OccurrenceState.RUNNING, owner=UUID(int=1)))

    home.fill(work)
    source, target = urls(home)
    done = home.run("storage", "copy", source, target)
    assert (done.code, "1 runs or messages are under way" in done.err) == (1, True)
    assert "1 rows are only here" in home.run("storage", "check", "--against", target).err


def test_a_sound_store_and_a_backup(home: Home) -> None:
    fill(home)
    assert "no damage was found" in home.run("storage", "check").err
    assert home.run("--json", "storage", "check").json == {"sound": True}
    file = home.folder / "saved.db"
    assert str(file) in home.run("storage", "backup", str(file)).err
    assert home.run("storage", "check", "--against", f"sqlite:{file}").code == 0
    refused = home.run("--json", "storage", "backup", str(file))
    assert (refused.code, refused.error["code"]) == (1, "refused")
    other = home.run("--json", "storage", "backup", str(home.folder / "second.db")).json
    assert other["bytes"] == Path(other["file"]).stat().st_size


@pytest.mark.parametrize("words", [("copy", "sqlite:{}/nowhere.db", "memory:"), ("check", "--against", "lmdb:{}/no")])
def test_a_store_that_is_not_there_is_not_made(home: Home, words: tuple[str, ...]) -> None:
    fill(home)
    done = home.run("--json", "storage", *(word.format(home.folder) for word in words))
    assert (done.code, done.error["code"]) == (66, "not_found")
    assert {entry.suffix for entry in home.folder.iterdir()} & {"", ".lmdb"} <= {""}
    assert not (home.folder / "nowhere.db").exists()
    assert not (home.folder / "no").exists()


@pytest.mark.parametrize("words", [("check",), ("backup", "saved.db")])
def test_nothing_good_is_said_of_a_store_that_is_not_there(home: Home, words: tuple[str, ...]) -> None:
    """Regression: with a wrong --home no damage was found."""
    done = home.run("--json", "storage", *words)
    assert (done.code, done.error["code"]) == (66, "not_found")
    assert str(home.folder / "jobistemer.db") in done.error["message"]


def test_output_goes_to_a_server_in_pieces_and_back_into_folders(home: Home, tmp_path: Path) -> None:
    first = fill(home, runs=2)
    (log,) = (home.folder / "attempts" / str(first)).glob("*/log")
    log = log.rename(log.with_name(OUTPUT))
    log.write_bytes(b"hello\n" + random.Random(1).randbytes(PIECE // 2).hex().encode())
    (log.parent / INDEX).write_bytes(b"index")
    source, server = f"sqlite:{home.folder}/jobistemer.db", schema_url(tmp_path)
    copied = home.run("--json", "storage", "copy", source, server).json
    assert (copied["whole"], copied["outputs"]) == (True, 1)
    store = open_store(server)
    pieces = store.read(lambda r: r.scan(CHUNKS_BY_ATTEMPT, UUID(log.parent.name)))
    id = store.id
    store.close()
    assert [(piece.file, piece.size) for piece in pieces] == [
        (INDEX, 5), (OUTPUT, PIECE), (OUTPUT, 6), ("whole", 0)
    ]  # fmt: skip
    assert not (home.folder / "attempts" / str(id)).exists(), "every node reads them from the store"
    assert home.run("--json", "storage", "copy", source, server).json["outputs"] == 0
    assert b"hello" in home.run("--store", server, "logs", log.parent.name).out.encode()

    back = f"lmdb:{home.folder}/back.lmdb"
    again = home.run("--json", "storage", "copy", server, back).json
    assert (again["whole"], again["outputs"]) == (True, 1)
    folders = [folder for folder in (home.folder / "attempts").glob(f"*/{log.parent.name}") if folder != log.parent]
    assert [{file.name: file.read_bytes() for file in folder.iterdir()} for folder in folders] == [
        {OUTPUT: log.read_bytes(), INDEX: b"index"}
    ]
