"""The commands that change something."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from jobistemer_tui.domain.params import Param
from jobistemer_tui.domain.records import Job
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import EVENTS_BY_OCCURRENCE, OCCURRENCES
from tests.cli.home import Home
from tests.support.factories import NOW, add, add_job, make_definition, make_occurrence


@pytest.fixture
def job(home: Home) -> Job:
    def work(store: Store) -> Job:
        return add_job(store, make_definition("backup"))

    made: Job = home.fill(work)
    return made


def test_a_trigger_without_an_engine_is_stored(home: Home, job: Job) -> None:
    done = home.run("trigger", "backup")
    assert done.code == 0
    assert "no engine" in done.err
    (run,) = home.run("runs", "--json").json
    assert done.out.strip() == run["id"]
    assert (run["job"], run["status"], run["trigger"]) == ("backup", "pending", "manual")


def test_each_call_is_a_request_of_its_own(home: Home, job: Job) -> None:
    first, second = home.run("trigger", "backup", "--json").json, home.run("trigger", "backup", "--json").json
    assert first["status"] == "pending"
    assert (second["status"], second["reason"]) == ("skipped", "overlap")
    assert first["id"] != second["id"]


def test_waiting_for_a_run_that_nobody_runs_ends_at_once(home: Home, job: Job) -> None:
    assert home.run("trigger", "backup", "--wait").code == 1
    assert home.run("trigger", "backup", "--wait").code == 1  # skipped: there is nothing to wait for


def test_pause_and_resume(home: Home, job: Job) -> None:
    assert home.run("pause", "backup", "--reason", "disk swap", "--json").json["paused"] is True
    assert "paused until it is resumed" in home.run("pause", "backup").err
    assert "paused until 2999-01-01 00:00:00 UTC" in home.run("pause", "backup", "--until", "2999-01-01").err
    shown = home.run("show", "backup").out
    assert "paused until: 2999-01-01 00:00:00 UTC" in shown
    assert home.run("pause", "backup", "--for", "1h30m").code == 0
    assert home.run("jobs").out.splitlines()[1].split()[1] == "paused"
    assert home.run("resume", "backup", "--json").json["paused"] is False
    again = home.run("resume", "backup")
    assert (again.code, again.out) == (0, "")
    assert "backup: not paused" in again.err


@pytest.mark.parametrize(
    "words", [["--until", "2020-01-01"], ["--for", "90"], ["--until", "soon"], ["--for", "9999999w"]]
)
def test_a_pause_without_a_sound_end_is_refused(home: Home, job: Job, words: list[str]) -> None:
    assert home.run("pause", "backup", *words).code in (1, 64)
    assert home.run("jobs", "--json").json[0]["paused"] is False


def test_the_end_of_a_pause_is_said_once(home: Home, job: Job) -> None:
    done = home.run("pause", "backup", "--until", "2999-01-01", "--for", "1h")
    assert (done.code, done.out) == (64, "")


def test_cancel_a_run_or_the_only_run_of_a_job(home: Home, job: Job) -> None:
    waiting = make_occurrence(job, NOW, S.PENDING)
    home.fill(lambda store: add(store, waiting))
    done = home.run("cancel", str(waiting.id)[:8], "--reason", "not today", "--json")
    assert (done.json["status"], done.json["reason"]) == ("canceled", "user")
    assert "not today" in done.json["reason_detail"].values()
    again = home.run("cancel", str(waiting.id), "--reason", "again", "--json").json
    assert again["reason_detail"] == done.json["reason_detail"], "a second press changes nothing"
    assert home.run("cancel", "backup").code == 66
    later = [make_occurrence(job, NOW + timedelta(hours=number), S.QUEUED) for number in (1, 2)]
    home.fill(lambda store: add(store, *later))
    both = home.run("cancel", "backup")
    assert (both.code, "2 open runs" in both.err) == (1, True)
    assert home.run("cancel", str(later[0].id)).code == 0
    assert home.run("cancel", "backup").code == 0


def test_parameters_of_a_trigger(home: Home) -> None:
    declared = {"day": Param(), "target": Param("staging", ("staging", "production"))}
    home.fill(lambda store: add_job(store, make_definition("restore", schedule=None, params=declared)))
    made = home.run("trigger", "restore", "--param", "day=2026-03-01=x", "--reason", "drill", "--json")
    stored = home.fill(lambda store: store.read(lambda reader: reader.get(OCCURRENCES, UUID(made.json["id"]))))
    assert stored.params == {"day": "2026-03-01=x", "target": "staging"}
    (event,) = home.fill(lambda store: store.read(lambda reader: reader.scan(EVENTS_BY_OCCURRENCE, stored.id)))
    assert (event.detail["why"], event.detail["params"]) == ("drill", stored.params)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "needs a value for day"),
        (["--param", "dya=1"], 'did you mean "day"?'),
        (["--param", "day=1", "--param", "target=prodution"], 'did you mean "production"?'),
        (["--param", "day"], "--param NAME=VALUE"),
        (["--param", "day=1", "--param", "day=2"], "given twice"),
    ],
)
def test_a_wrong_parameter_makes_no_run(home: Home, words: list[str], said: str) -> None:
    declared = {"day": Param(), "target": Param("staging", ("staging", "production"))}
    home.fill(lambda store: add_job(store, make_definition("restore", schedule=None, params=declared)))
    done = home.run("trigger", "restore", *words)
    assert (done.code, done.out) == (64, "")
    assert said in done.err
    assert home.run("runs", "--json").json == []


def test_a_forced_trigger_does_not_ask_for_overlap(home: Home, job: Job) -> None:
    home.run("trigger", "backup")
    assert home.run("trigger", "backup", "--json").json["status"] == "skipped"
    assert home.run("trigger", "backup", "--force", "--json").json["status"] == "pending"


def test_how_long_a_request_waits_for_an_engine(home: Home, job: Job) -> None:
    made = home.run("trigger", "backup", "--valid-for", "2d", "--json").json
    row = home.fill(lambda store: store.read(lambda reader: reader.get(OCCURRENCES, UUID(made["id"]))))
    assert row.valid_until - row.created_at == timedelta(days=2)
    assert home.run("trigger", "backup", "--force", "--valid-for", "99999999999d").code in (0, 64)


def test_cancel_many(home: Home, job: Job) -> None:
    other = home.fill(lambda store: add_job(store, make_definition("other")))
    rows = [make_occurrence(job, NOW + timedelta(hours=number), S.QUEUED) for number in (1, 2)]
    home.fill(lambda store: add(store, *rows, make_occurrence(other, NOW, S.PENDING)))
    assert home.run("cancel", "--job", "backup", "backup").code == 64
    assert home.run("cancel").code == 64
    canceled = home.run("cancel", "--job", "backup", "--reason", "drill", "--json").json
    assert {(run["job"], run["status"]) for run in canceled} == {("backup", "canceled")}
    assert len(canceled) == 2
    assert len(home.run("cancel", "--all", "--json").json) == 1
    assert "nothing runs or waits" in home.run("cancel", "--all").err
    assert home.run("cancel", "--job", "nobody").code == 66
