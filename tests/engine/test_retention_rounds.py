"""Retention that runs by itself, with a real engine, real folders and a crash in between."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import Notification, NotificationState
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import clearing
from jobistemer_tui.engine.clearing import Clearing
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.retention_rounds import LOOKED_AT, RetentionRounds
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.errors import StoreFull
from jobistemer_tui.storage.tables import JOBS, NOTIFICATIONS, OCCURRENCES_BY_JOB
from tests.engine.test_node import trigger
from tests.support.engine_home import EngineHome
from tests.support.engine_world import ME
from tests.support.factories import add, add_job, make_definition, make_occurrence

KEEP = 'keep = { runs = 1, age = "none" }'


async def run_twice(home: EngineHome) -> None:
    node = await home.start()
    for number in (1, 2):
        trigger(home, "backup")
        node.wake()
        await home.until(lambda number=number: len(home.rows("backup", O.COMPLETED)) == number)  # type: ignore[misc]
        home.clock.advance(1)


AN_HOUR_S = 3601.0
"""Nothing goes sooner."""


async def test_what_is_not_kept_goes_by_itself_with_its_folder(home: EngineHome) -> None:
    home.job("backup", "echo out", schedule=None, more=KEEP)
    await run_twice(home)
    old, new = home.rows("backup")
    folders = [home.attempts_dir / str(home.attempts(row)[0].id) for row in (old, new)]
    assert all(folder.is_dir() for folder in folders)
    home.clock.advance(AN_HOUR_S)
    await home.until(lambda: len(home.rows("backup")) == 1, step=60.0)
    await home.until(lambda: not folders[0].exists())
    assert (home.rows("backup")[0].id, folders[1].is_dir()) == (new.id, True)
    assert "runs_cleared" in home.kinds()


async def test_a_crash_between_rows_and_folders_leaves_nothing_for_ever(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.job("backup", "echo out", schedule=None, more=KEEP)
    await run_twice(home)
    old, new = home.rows("backup")
    gone, kept = (home.attempts_dir / str(home.attempts(row)[0].id) for row in (old, new))
    for folder in (gone, kept):
        folder.rename(folder.with_name(f"{folder.name}.expired"))
    calls = StoreCalls(home.store, home.clock)
    job, now = home.the_job("backup"), home.clock.now() + timedelta(seconds=AN_HOUR_S)
    assert job is not None
    surplus = home.store.read(lambda reader: clearing.read_surplus(reader, Definitions(), job, now))
    monkeypatch.setattr(clearing, "settle", lambda *args: 0)
    assert await Clearing(calls, home.attempts_dir).clear(surplus, now=now, actor="me") == 1
    monkeypatch.undo()
    assert await Clearing(calls, home.attempts_dir).clear_left_over() == 1
    assert (gone.exists(), kept.is_dir()) == (False, True), "a row that is there has its folder back"


class Rounds:
    """Rounds over a store, and which jobs they read."""

    def __init__(self, home: EngineHome, monkeypatch: pytest.MonkeyPatch, audit_age: float | None = None) -> None:
        calls = StoreCalls(home.store, home.clock)
        self.read: list[str] = []
        definitions = Definitions()
        self.rounds = RetentionRounds(
            calls,
            lambda: Owner(ME, definitions, 8),
            Clearing(calls, home.attempts_dir),
            audit_age,
            home.nodes / "reports",
        )
        original = clearing.read_surplus

        def noted(reader: object, definitions: object, job: object, now: object) -> object:
            self.read.append(job.name)  # type: ignore[attr-defined]  # a job
            return original(reader, definitions, job, now)  # type: ignore[arg-type]  # as it is called

        monkeypatch.setattr("jobistemer_tui.engine.retention_rounds.read_surplus", noted)


async def test_a_job_is_read_again_only_when_there_is_something_new(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = home.clock.now()
    job = add_job(home.store, make_definition("old", settings={"keep.age": 86400.0}))
    add(home.store._store, make_occurrence(job, now))
    rounds = Rounds(home, monkeypatch)
    await rounds.rounds.round(now)
    await rounds.rounds.round(now + timedelta(hours=2))
    assert rounds.read == ["old"]
    add(home.store._store, make_occurrence(job, now + timedelta(hours=1)))
    await rounds.rounds.round(now + timedelta(hours=2))
    assert rounds.read == ["old", "old"]
    assert await rounds.rounds.round(now + timedelta(hours=24, minutes=5)) == 1
    left = home.store.read(lambda reader: reader.scan(OCCURRENCES_BY_JOB, job.id))
    assert [row.scheduled_at for row in left] == [now + timedelta(hours=1)]


async def test_many_jobs_are_looked_at_in_turn(home: EngineHome, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [make_definition(f"job-{number:04}") for number in range(LOOKED_AT + 30)]
    for definition in jobs:
        add_job(home.store, definition)
    rounds = Rounds(home, monkeypatch)
    for _ in range(2 * len(jobs) // 50):
        await rounds.rounds.round(home.clock.now())
    assert sorted(rounds.read) == [definition.name for definition in jobs], "each once, and none for ever"
    assert home.store.read(lambda reader: reader.get(JOBS, jobs[0].id)) is not None


async def test_events_have_an_age_of_their_own(home: EngineHome, monkeypatch: pytest.MonkeyPatch) -> None:
    home.job("backup", schedule=None)
    await home.stop(await home.start())
    assert home.kinds()
    later = home.clock.now() + timedelta(days=2)
    await Rounds(home, monkeypatch, None).rounds.round(later)
    assert home.kinds()
    await Rounds(home, monkeypatch, 86400.0).rounds.round(later)
    assert home.kinds() == []


async def test_a_store_that_takes_no_writes_costs_no_folder(home: EngineHome) -> None:
    home.job("backup", "echo out", schedule=None, more=KEEP)
    await run_twice(home)
    (node,) = home.running
    await home.stop(node)
    old, _ = home.rows("backup")
    folder = home.attempts_dir / str(home.attempts(old)[0].id)

    def full() -> None:
        raise StoreFull("no space is left")

    home.store.fail = full
    job, now = home.the_job("backup"), home.clock.now() + timedelta(seconds=AN_HOUR_S)
    assert job is not None
    surplus = home.store.read(lambda reader: clearing.read_surplus(reader, Definitions(), job, now))
    with pytest.raises(StoreFull):
        await Clearing(StoreCalls(home.store, home.clock), home.attempts_dir).clear(surplus, now=now, actor="me")
    home.store.fail = lambda: None
    assert folder.is_dir()
    assert len(home.rows("backup")) == 2


async def test_the_report_of_a_program_that_was_killed_with_its_engine_goes(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: it stayed in the nodes folder for ever where the line was not tried again."""
    definition, now = make_definition(name="backup"), home.clock.now()
    add_job(home.store, definition)
    states = (NotificationState.WAITING, NotificationState.SENT)
    waits, sent = (
        Notification(UUID(int=number), definition.id, None, "hook", state, now, now)
        for number, state in enumerate(states)
    )
    home.store.write(lambda tx: [tx.insert(NOTIFICATIONS, row) for row in (waits, sent)])
    reports = home.nodes / "reports"
    reports.mkdir()
    names = [f"{row.id}{end}" for row in (waits, sent) for end in (".json", ".context.json")]
    for name in (*names, "notes.json"):
        (reports / name).touch()
    await Rounds(home, monkeypatch).rounds.round(home.clock.now())
    assert {path.name for path in reports.iterdir()} == {*names[:2], "notes.json"}
