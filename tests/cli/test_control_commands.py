"""The commands that act on schedules: what they change, say and refuse, and that twice is as once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.domain.records import GapState, Job, JobGap
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import JOB_GAPS
from tests.cli.home import Home
from tests.support.factories import add_job, make_definition

YEARLY = "0 5 1 1 *"
NEXT = datetime(SystemClock().now().year + 1, 1, 1, 4, tzinfo=UTC)
"""The next first of January, 05:00 in Berlin."""
AT = f"{NEXT:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def job(home: Home) -> Job:
    def work(store: Store) -> Job:
        return add_job(store, make_definition("backup", schedule=YEARLY, timezone="Europe/Berlin"))

    made: Job = home.fill(work)
    return made


def test_stop_and_start(home: Home, job: Job) -> None:
    assert home.run("stop", "backup", "--reason", "moved").err == "backup: stopped until it is started\n"
    assert home.run("stop", "backup", "--json").json["enabled"] is False
    assert home.run("jobs").out.splitlines()[1].split()[1] == "stopped"
    assert "state:        stopped" in home.run("show", "backup").out
    assert home.run("next", "backup", "--json").json == []
    told = home.run("next", "backup")
    assert "the job is stopped" in told.err
    assert "there is no further instant" in told.err
    assert f"backup: started, next {NEXT:%Y-%m-%d} 04:00:00 UTC" in home.run("start", "backup").err
    assert home.run("start", "backup", "--json").json["next"] == AT


def test_a_job_that_is_gone_can_be_started_but_it_says_so(home: Home) -> None:
    home.fill(lambda store: add_job(store, make_definition("gone"), retired_at=NEXT, stopped=True))
    assert "not loaded" in home.run("start", "gone").err


def test_skip_and_undo(home: Home, job: Job) -> None:
    skipped = home.run("skip", "backup", "--reason", "no disk", "--json").json
    assert (skipped["scheduled_at"], skipped["status"], skipped["reason"]) == (AT, "planned", "skipped_by_user")
    assert skipped["reason_detail"]["why"] == "no disk"
    again = home.run("skip", "backup")
    assert (again.code, again.err) == (0, f"backup: the run of {NEXT:%Y-%m-%d} 04:00:00 UTC will be skipped\n")
    assert "(skipped)" in home.run("jobs").out
    assert "will be skipped (no disk)" in home.run("next", "backup").out.splitlines()[0]
    assert "will be skipped (no disk)" in home.run("show", "backup").out
    assert "will run" in home.run("skip", "backup", "--undo").err
    done = home.run("skip", "backup", "--undo")
    assert (done.code, "marked to be skipped" in done.err) == (1, True)


def test_an_instant_within_a_pause_says_so(home: Home, job: Job) -> None:
    home.run("skip", "backup")
    home.run("skip", "backup", "--undo")
    home.run("pause", "backup")
    assert "04:00:00 UTC (paused)" in home.run("jobs").out
    home.run("resume", "backup")
    home.run("pause", "backup", "--for", "1m")
    assert "(paused)" not in home.run("jobs").out, "the pause is over by then"


def test_a_named_run_is_skipped_on_the_clock_of_the_job(home: Home, job: Job) -> None:
    at = f"{NEXT.year + 1}-01-01T05:00"
    assert home.run("skip", "backup", at, "--json").json["scheduled_at"] == f"{NEXT.year + 1}-01-01T04:00:00Z"
    assert home.run("next", "backup", "-n", "2").out.splitlines()[1].endswith("will be skipped")
    assert home.run("skip", "backup", at, "--undo").code == 0
    assert home.run("skip", "backup", f"{NEXT.year + 1}-01-01T06:00").code == 1
    assert home.run("skip", "backup", "soon").code == 64
    assert home.run("skip", "backup", "--undo", "--reason", "x").code == 64


def test_snooze_and_undo(home: Home, job: Job) -> None:
    later = f"{NEXT:%Y-%m-%d}T08:00:00Z"
    put_off = home.run("snooze", "backup", "--until", later, "--reason", "load", "--json").json
    assert (put_off["scheduled_at"], put_off["reason"], put_off["reason_detail"]["until"]) == (AT, "snoozed", later)
    assert f"starts at {NEXT:%Y-%m-%d} 08:00:00 UTC" in home.run("snooze", "backup", "--until", later).err
    assert f"put off until {NEXT:%Y-%m-%d} 08:00:00 UTC" in home.run("jobs").out
    assert f"put off until {NEXT:%Y-%m-%d} 09:00:00 CET" in home.run("next", "backup").out
    assert home.run("snooze", "backup", "--for", "1h").code == 1, "it starts later than that anyway"
    assert "not put off" in home.run("snooze", "backup", "--undo").err
    assert home.run("snooze", "backup", "--undo").code == 1


@pytest.mark.parametrize(
    "words",
    [
        ["snooze", "backup"], ["snooze", "backup", "--undo", "--for", "1h"],
        ["snooze", "backup", "--for", "1h", "--until", "2999-01-01"], ["snooze", "backup", "--for", "9999999w"],
        ["pause"], ["resume"], ["pause", "backup", "--all"], ["resume", "backup", "--all"], ["stop"], ["start"],
    ],
)  # fmt: skip
def test_words_that_are_off(home: Home, job: Job, words: list[str]) -> None:
    done = home.run(*words)
    assert (done.code, done.out) == (64, "")


@pytest.mark.parametrize("verb", ["start", "stop", "skip", "undo", "pause", "resume"])
def test_nobody_is_not_found(home: Home, job: Job, verb: str) -> None:
    done = home.run(verb, "backups", "--json")
    assert (done.code, done.error["code"]) == (66, "not_found")
    assert "backup" in done.error["hint"]


def test_undo_says_what_it_takes_back(home: Home, job: Job) -> None:
    home.run("skip", "backup")
    home.run("pause", "backup")
    home.run("stop", "backup")
    (undone,) = home.run("undo", "backup", "--json").json
    assert (undone["undone"], undone["job"], undone["run"]) == ("job_stopped", "backup", None)
    assert undone["by"].startswith("cli ")
    assert "taken back: pause of backup, by cli " in home.run("undo").err
    assert f"taken back: skip of backup at {NEXT:%Y-%m-%d} 04:00:00 UTC" in home.run("undo").err
    done = home.run("undo")
    assert (done.code, "nothing to undo" in done.err) == (1, True)


def test_all_jobs_at_once(home: Home, job: Job) -> None:
    home.fill(lambda store: [add_job(store, make_definition(name, schedule=YEARLY)) for name in ("mail", "alone")])
    home.run("pause", "alone")
    paused = home.run("pause", "--all", "--for", "8h", "--reason", "night")
    assert [line.partition(": paused until ")[0] for line in paused.err.splitlines()] == ["backup", "mail"]
    assert home.run("pause", "--all").err == "every job is paused already\n"
    assert home.run("pause", "--all", "--json").json == []
    resumed = home.run("resume", "--all")
    assert "still paused by themselves: alone" in resumed.err
    assert home.run("resume", "--all").err.startswith("no pause of all jobs is to be ended\n")
    undone = home.run("undo")
    assert "taken back: resume of all jobs" in undone.err
    assert undone.err.splitlines()[1:] == ["backup", "mail"]
    assert [row["name"] for row in home.run("resume", "--all", "--json").json] == ["backup", "mail"]


def test_undo_of_a_stop_gives_the_mark_back(home: Home, job: Job) -> None:
    home.run("skip", "backup")

    def forget(store: Store) -> None:
        now = SystemClock().now()
        passed = store.read(lambda reader: control.unhandled(reader, job.id, now))
        store.write(lambda tx: control.stop(tx, job.id, passed=passed, now=now, actor="other"))
        store.write(lambda tx: control.start(tx, job.id, now=now + timedelta(seconds=1), actor="other"))

    home.fill(forget)
    for kind in ("start", "stop"):
        assert f"taken back: {kind} of backup" in home.run("undo").err
    assert "(skipped)" in home.run("jobs").out
    assert "taken back: skip" in home.run("undo").err


def test_gaps_that_are_resolved_while_all_are_decided_are_said_and_hold_up_no_other(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: the first of them ended the command, and the others waited on."""
    now = SystemClock().now()

    def work(store: Store) -> list[JobGap]:
        jobs = [add_job(store, make_definition(name)) for name in "abc"]
        held = [JobGap(job.id, now, GapState.HELD, Reason.DOWNTIME, now, now, count=1) for job in jobs]
        store.write(lambda tx: [tx.insert(JOB_GAPS, gap) for gap in held])
        return held

    held = home.fill(work)
    read = LocalOperations.gaps

    def and_then(self: LocalOperations, **more: Any) -> object:
        rows = read(self, **more)
        gone = held[:2] if len(rows) == 3 else held[2:]
        home.fill(
            lambda s: s.write(lambda tx: [tx.replace(JOB_GAPS, g, replace(g, state=GapState.RESOLVED)) for g in gone])
        )
        return rows

    monkeypatch.setattr(LocalOperations, "gaps", and_then)
    done = home.run("recovery", "change", "--all", "--strategy", "execute-all", "--json")
    assert (done.code, [row["job"] for row in done.json]) == (0, ["c"])
    assert done.err == "a: its gap was resolved meanwhile\nb: its gap was resolved meanwhile\n"
    done = home.run("recovery", "release", "--all")
    assert done.code == 1
    assert done.err.startswith("c: its gap was resolved meanwhile\njobistemer: nothing waits for a decision")


@pytest.mark.parametrize("words", [["pause", "backup", "--for", "1h"], ["snooze", "backup", "--for", "1h"]])
def test_a_length_counts_from_the_time_by_which_the_act_is_dated(
    home: Home, job: Job, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: on a machine whose clock is far from the store's it counted from the machine's."""
    monkeypatch.setattr(LocalOperations, "acting_time", lambda _: datetime(2999, 1, 1, tzinfo=UTC), raising=False)
    assert "2999-01-01 01:00:00 UTC" in home.run(*words).err
