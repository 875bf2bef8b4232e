"""`why` on the command line: text for people, JSON for programs, and errors that help."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobistemer_tui.domain.records import Job
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.storage.contract import Store
from tests.cli.home import Home
from tests.support.factories import NOW, add, add_job, make_definition, make_occurrence


@pytest.fixture
def job(home: Home) -> Job:
    """Skipped at NOW for overlap, planned for the day after; a hostile word in the detail."""

    def work(store: Store) -> Job:
        made = add_job(store, make_definition("backup", schedule="30 14 * * *", timezone="Europe/Paris"))
        detail = {"blocked_by": "0123456789", "why": "\x1b]0;owned\x07"}
        add(store, make_occurrence(made, NOW, OccurrenceState.SKIPPED, reason=Reason.OVERLAP, detail=detail))
        add(store, make_occurrence(made, NOW + timedelta(days=1), OccurrenceState.PLANNED))
        return made

    made: Job = home.fill(work)
    return made


def test_text(home: Home, job: Job) -> None:
    done = home.run("why", "backup")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == "backup, its latest run, and the next:"
    assert lines[1].startswith("It did not run: it was skipped because an earlier run of the job had not ended")
    assert "(run 01234567 was in the way" in lines[1]
    assert "\x1b" not in done.out
    assert any(line.startswith("2026-11-24 15:30:00 CET (run ") for line in lines)
    assert lines[-1].startswith("next: ")


def test_json(home: Home, job: Job) -> None:
    answer = home.run("why", "backup", "2026-11-24T15:30", "--json").json
    (slot,) = answer["slots"]
    assert (answer["job"], answer["timezone"], answer["left_out"]) == ("backup", "Europe/Paris", 0)
    assert (slot["status"], slot["reason"], slot["at"]) == ("skipped", "overlap", "2026-11-24T14:30:00Z")
    assert {"text", "at", "evidence"} == set(slot["facts"][0])


def test_many_instants_of_the_same_fate_share_a_line(home: Home) -> None:
    home.fill(lambda store: add_job(store, make_definition("often", schedule="*/5 * * * *")))
    lines = home.run("why", "often", "2026-11-22").out.splitlines()
    assert lines[1] == "288 instants: 288 without a row."
    assert "2026-11-22 00:00:00 UTC to 2026-11-22 23:55:00 UTC (288 instants): It lies before" in lines[2]


def test_errors(home: Home, job: Job) -> None:
    unknown = home.run("why", "bakcup", "--json")
    assert (unknown.code, unknown.error["hint"]) == (66, 'did you mean "backup"?')
    assert home.run("why", "bakcup", "yesterday").code == 66
    wrong = home.run("why", "backup", "soon")
    assert wrong.code == 64
    assert "'soon' is not a time" in wrong.err
