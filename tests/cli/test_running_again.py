"""The commands that run something again, and the one that keeps a run."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from jobistemer_tui.domain.identity import occurrence_id, replay_occurrence_id
from jobistemer_tui.domain.records import Job, Occurrence
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.domain.states import TaskRunState as T
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import EVENTS_BY_OCCURRENCE, OCCURRENCES_BY_ID
from tests.cli.home import Home
from tests.support.factories import NOW, add, add_job, make_definition, make_occurrence, make_task_run


@pytest.fixture
def job(home: Home) -> Job:
    made: Job = home.fill(lambda store: add_job(store, make_definition("backup", tasks=("dump", "upload"))))
    return made


@pytest.fixture
def failed(home: Home, job: Job) -> Occurrence:
    row = make_occurrence(job, NOW, S.FAILED)
    runs = [make_task_run(row, "dump"), make_task_run(row, "upload", position=1, state=T.FAILED)]
    home.fill(lambda store: add(store, row, *runs))
    return row


def test_a_replay_names_what_it_replays(home: Home, failed: Occurrence) -> None:
    done = home.run("replay", str(failed.id)[:8], "--reason", "disk was full", "--failed-only", "--json")
    assert done.json["id"] == str(replay_occurrence_id(failed.id, 1))
    assert (done.json["trigger"], done.json["replay_of"]) == ("replay", str(failed.id))
    assert {task["name"]: task["status"] for task in done.json["tasks"]} == {"dump": "success"}
    (event,) = home.fill(
        lambda store: store.read(lambda reader: reader.scan(EVENTS_BY_OCCURRENCE, UUID(done.json["id"])))
    )
    assert event.detail["why"] == "disk was full"
    assert f"replay of:    {failed.id}" in home.run("show", done.json["id"]).out
    assert home.run("show", "backup@2026-11-24T14:30:00Z", "--json").json["id"] == str(failed.id)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--reason", "x", "--failed-only", "--from", "dump"], 64, "different things"),
        (["--reason", "x", "--from", "dmup"], 66, '"dump"'),
        ([], 64, "--reason"),
    ],
)
def test_a_replay_that_makes_no_sense(home: Home, failed: Occurrence, words: list[str], code: int, said: str) -> None:
    done = home.run("replay", str(failed.id), *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_a_job_is_no_run(home: Home, failed: Occurrence) -> None:
    for words in (["replay", "backup", "--reason", "x"], ["pin", "backup"]):
        done = home.run(*words)
        assert done.code == 64
        assert "runs --job backup" in done.err


def test_pin_and_unpin(home: Home, failed: Occurrence) -> None:
    assert home.run("pin", str(failed.id), "--json").json["pinned"] is True
    assert "pinned:" in home.run("show", str(failed.id)).out
    assert "no longer kept" in home.run("pin", str(failed.id), "--undo").err
    assert home.run("show", str(failed.id), "--json").json["pinned"] is False


def test_a_backfill_shows_its_plan_first_and_does_it_when_told(home: Home, job: Job) -> None:
    done_before = make_occurrence(job, NOW.replace(day=3, hour=5, minute=0))
    home.fill(lambda store: add(store, done_before))
    words = ("backfill", "backup", "2026-11-02", "2026-11-04T05:00")
    shown = home.run(*words)
    assert [line.split("  ")[-1] for line in shown.out.splitlines()[1:]] == [
        "runs", "runs again; it was completed", "runs",
    ]  # fmt: skip
    assert "3 runs; nothing was written" in shown.err
    assert len(home.run("runs", "--json").json) == 1
    plan = home.run(*words, "--json").json
    assert [step["act"] for step in plan] == ["run", "replay", "run"]
    assert (plan[1]["status"], plan[1]["occurrence"]) == ("completed", str(done_before.id))
    done = home.run(*words, "--yes", "--reason", "new column", "--json").json
    assert [run["status"] for run in done] == ["pending", "queued", "queued"]
    assert [run["id"] for run in done] == [
        str(occurrence_id(job.id, NOW.replace(day=2, hour=5, minute=0))), str(replay_occurrence_id(done_before.id, 1)),
        str(occurrence_id(job.id, NOW.replace(day=4, hour=5, minute=0))),
    ]  # fmt: skip
    assert "is left alone; it is pending (no_node)" in home.run(*words).out


def test_a_range_over_a_clock_change_is_on_the_clock_of_the_job_and_its_last_day_counts(home: Home) -> None:
    """Regression: it was read on the clock of the machine, and a date as the end left that day out."""
    schedule = "30 0,2 * * *"
    definition = make_definition("nightly", schedule=schedule, timezone="Europe/Berlin")
    home.fill(lambda store: add_job(store, definition))
    shown = home.run("backfill", "nightly", "2026-10-25", "2026-10-25").out.splitlines()[1:]
    assert [line[:24] for line in shown] == [
        "2026-10-25 00:30:00 CEST", "2026-10-25 02:30:00 CEST", "2026-10-25 02:30:00 CET ",
    ]  # fmt: skip
    assert ["left out" in line for line in shown] == [False, False, True]
    spring = home.run("backfill", "nightly", "2026-03-29T02:00", "2026-03-29T03:00").out.splitlines()[1:]
    assert [line[:24] for line in spring] == ["2026-03-29 03:00:00 CEST"], "moved to the end of the gap"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["nobody", "2026-11-02", "2026-11-03"], 66),
        (["backup", "2026-11-03", "2026-11-02"], 64),
        (["backup", "yesterday", "2026-11-02"], 64),
    ],
)
def test_a_backfill_of_nothing(home: Home, job: Job, words: list[str], code: int) -> None:
    done = home.run("backfill", *words)
    assert (done.code, done.out) == (code, "")


def test_a_backfill_of_an_empty_range_says_so(home: Home, job: Job) -> None:
    done = home.run("backfill", "backup", "2026-11-02T06:00", "2026-11-02T07:00", "--yes")
    assert (done.code, done.out) == (0, "")
    assert "0 runs" in done.err
    assert home.fill(_count) == 0


def _count(store: Store) -> int:
    return store.read(lambda reader: reader.count(OCCURRENCES_BY_ID))


def test_the_plan_knows_what_a_minute_is(home: Home) -> None:
    """A range with more instants than a backfill takes is refused before anything is computed to its end."""
    home.fill(lambda store: add_job(store, make_definition("often", schedule="* * * * *")))
    begin = (NOW - timedelta(days=20)).isoformat()
    done = home.run("backfill", "often", begin, NOW.isoformat(), "--yes")
    assert (done.code, "more than 1000" in done.err) == (1, True)
