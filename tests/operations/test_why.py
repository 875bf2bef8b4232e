"""`why`: what became of each slot, told from the store through the real transactions; never a guess."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import Event, FileState, JobFile, MissedRange, Node
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.claim import claim
from jobistemer_tui.engine.transactions.publish import quarantine, retire
from jobistemer_tui.errors import NotFound
from jobistemer_tui.operations.why_answer import Answer, Slot, answer_json
from jobistemer_tui.operations.why_clauses import CLAUSES, because
from jobistemer_tui.operations.why_events import _SENTENCES
from jobistemer_tui.operations.why_verdict import verdict
from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.tables import (
    ATTEMPTS,
    ATTEMPTS_BY_OCCURRENCE,
    EVENTS,
    EVENTS_BY_OCCURRENCE,
    JOB_FILES,
    MISSED_RANGES,
    NODES,
    OCCURRENCES,
    TASK_RUNS,
    TASK_RUNS_BY_OCCURRENCE,
)
from tests.architecture.tree import PACKAGE, python_files, read
from tests.operations.local_operations import FixedClock, operations_on
from tests.support.engine_world import World, job, task
from tests.support.factories import make_node, make_occurrence
from tests.support.world_ticker import ticker_of

REQUEST = UUID(int=77)
EVERY_TEN = job(schedule="*/10 * * * *", timezone="Europe/Paris")


@pytest.fixture
def world(store: Store) -> World:
    made = World(store)
    made.run(lambda tx: tx.insert(NODES, make_node(started_at=made.now, swept_at=made.now + timedelta(hours=2))))
    return made


def ask(world: World, folder: Path, what: str, time: str | None = None) -> Answer:
    return operations_on(world.raw, folder, FixedClock(world.now)).why(what, time)


def the_slot(world: World, folder: Path, what: str, time: str | None = None) -> Slot:
    (slot,) = ask(world, folder, what, time).slots
    return slot


def texts(slot: Slot) -> str:
    return "\n".join(fact.text for fact in slot.facts)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_sentence(reason: Reason) -> None:
    assert CLAUSES.keys() == set(Reason)
    text = because(reason, {}, FixedClock().now().tzinfo or pytest.fail("a zone"))
    assert text == f" because {CLAUSES[reason]}"
    assert "_" not in reason.value or reason.value not in CLAUSES[reason]
    assert len({clause.casefold() for clause in CLAUSES.values()}) == len(CLAUSES)


@pytest.mark.parametrize("state", OccurrenceState)
def test_every_state_has_its_verdict(state: OccurrenceState) -> None:
    from jobistemer_tui.domain.records import Job
    from tests.support.factories import NOW, make_definition, make_job

    owner: Job = make_job(make_definition())
    for reason in (None, Reason.USER):
        row = make_occurrence(owner, NOW, state, reason=reason)
        text = verdict(row, FixedClock().now().tzinfo or pytest.fail("a zone"), NOW - timedelta(minutes=1))
        assert text.startswith("It ")
        assert text.endswith(".")


def test_every_event_of_a_run_has_its_sentence() -> None:
    code = "".join(read(path) for path in python_files(PACKAGE / "engine"))
    told = re.findall(r'\btell\(\s*\w+, "(\w+)"', code) + re.findall(r'kind="(\w+)"', code)
    told += re.findall(r'"((?:run|occurrence)_(?:un)?[a-z]+(?:ed|ing))"', code)
    told += [f"occurrence_{state}" for state in ("pending", "queued", "skipped", "missed", "canceled")]
    assert len(set(told)) > 15
    of_no_run = {"space_low", "node_drained", "node_undrained", "node_lost", "clock_skewed"}
    assert set(told) - _SENTENCES.keys() - of_no_run == set()


def test_a_run_that_retention_has_removed_is_told_from_the_audit(world: World, tmp_path: Path) -> None:
    row = world.begin(EVERY_TEN)
    world.end(row, AttemptState.SUCCESS)

    at = "2026-03-02T05:10:00Z"

    def remove(tx: Transaction) -> None:
        for attempt in tx.scan(ATTEMPTS_BY_OCCURRENCE, row.id):
            tx.delete(ATTEMPTS, attempt.id)
        for run in tx.scan(TASK_RUNS_BY_OCCURRENCE, row.id):
            tx.delete(TASK_RUNS, run.id)
        tx.delete(OCCURRENCES, row.id)

    world.run(remove)
    tell = Event(world.now, "runs_cleared", "engine", EVERY_TEN.id, detail={"runs": 1, "from": at, "to": at})
    world.run(lambda tx: tx.append(tell))
    slot = the_slot(world, tmp_path, "backup", "06:10")
    assert slot.summary == "Its run is not stored any more, but the audit tells of it: it ended: completed."
    assert slot.facts[0].text == "engine 00000000 started it"

    def forget(tx: Transaction) -> None:
        for event in tx.scan(EVENTS_BY_OCCURRENCE, row.id):
            tx.delete(EVENTS, event.sequence)

    world.run(forget)
    summary = the_slot(world, tmp_path, "backup", "06:10").summary
    assert summary.startswith(
        "The store has no row for this instant; retention cleared away 1 runs from 2026-03-02 06:10:00 CET"
    )
    assert summary.endswith("and it may be one.")


def test_a_run_in_the_way_is_named(world: World, tmp_path: Path) -> None:
    first = world.begin(EVERY_TEN)
    second = world.handle_next(EVERY_TEN)
    slot = the_slot(world, tmp_path, str(second.id))
    assert slot.summary == (
        "It did not run: it was skipped because an earlier run of the job had not ended "
        f"(run {str(first.id)[:8]} was in the way)."
    )
    assert (slot.status, slot.reason, slot.occurrence_id) == (OccurrenceState.SKIPPED, Reason.OVERLAP, second.id)
    events = [fact.evidence for fact in slot.facts if fact.evidence and fact.evidence.kind == "event"]
    assert [one.id for one in events] == [str(event.sequence) for event in world.events("occurrence_skipped")]


def test_the_life_of_a_run_is_told_in_order(world: World, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"retry_policy.max_retries": 1}
    flaky = job(task("dump"), task("copy", "dump"), schedule="*/10 * * * *", **settings)
    row = world.begin(flaky)
    world.later(seconds=5)
    world.end(row, AttemptState.FAILED, reason=Reason.TASK_FAILED)
    slot = the_slot(world, tmp_path, "backup@" + "2026-03-02T05:10")
    assert slot.summary == "It runs since 2026-03-02 05:10:00 UTC."
    assert [fact.text.split(" because")[0] for fact in slot.facts] == [
        "the schedule of version 1 names this instant",
        "engine 00000000 started it",
        "try 1 of task dump ended as failed",
        "try 2 of task dump waits until 2026-03-02 05:10:35 UTC",
    ]
    times = [fact.at for fact in slot.facts if fact.at is not None]
    assert times == sorted(times)


def test_what_waited_says_for_what_and_how_long(world: World, tmp_path: Path) -> None:
    queueing = job(schedule="*/10 * * * *", overlap_policy="queue")
    first = world.begin(queueing)
    second = world.handle_next(queueing)
    assert (
        "It waits in the queue of its job because an earlier run" in the_slot(world, tmp_path, str(second.id)).summary
    )
    world.later(minutes=5)
    world.end(first, AttemptState.SUCCESS)
    world.claim(world.occurrence(second))
    told = texts(the_slot(world, tmp_path, str(second.id)))
    assert "it started 5m late; it had waited 5m because an earlier run of the job had not ended" in told
    assert "its turn in the queue came" in told


def test_what_waits_for_its_group_is_said_to_wait_there(world: World, tmp_path: Path) -> None:
    group: dict[str, Any] = {"concurrency_group": "disk", "concurrency_group.limit": 1}
    world.begin(job(name="holder", **group))
    world.publish(job(name="member", **group))
    in_line = world.handle_next(job(name="member", **group))
    assert the_slot(world, tmp_path, str(in_line.id)).summary.startswith(
        "It waits in the line of its concurrency group because its concurrency group was full ("
    )


@pytest.mark.parametrize(
    ("late_s", "text"),
    [
        (5, "it started 5s late; the store does not say why"),
        (40, "it started 40s late because the engine was awake but too busy to come to it"),
    ],
)
def test_a_late_start_has_the_reason_that_the_store_has(world: World, tmp_path: Path, late_s: int, text: str) -> None:
    world.publish(EVERY_TEN)
    row = world.planned(EVERY_TEN)
    world.now = row.due_at + timedelta(seconds=late_s)
    world.handle(row)
    assert text in texts(the_slot(world, tmp_path, str(row.id)))


def test_a_replay_is_late_from_when_it_was_asked_for(world: World, tmp_path: Path) -> None:
    row = world.begin(EVERY_TEN)
    world.end(row, AttemptState.SUCCESS)
    world.later(hours=1)
    again = world.run(control.replay, row.id, world.request(1))
    world.later(seconds=7)
    world.claim(again)
    told = texts(the_slot(world, tmp_path, str(again.id)))
    assert "me asked for it again" in told
    assert "it started 7s late; it had waited 7s because no engine was there to start it" in told
    assert f"it was repeated as run {str(again.id)[:8]}: running" in texts(the_slot(world, tmp_path, str(row.id)))


def test_the_version_that_named_an_instant_may_not_be_the_one_that_ran(world: World, tmp_path: Path) -> None:
    world.slots = 0
    world.publish(EVERY_TEN)
    row = world.handle_next(EVERY_TEN)
    world.later(seconds=1)
    world.publish(replace(EVERY_TEN, schedule="7 * * * *"))
    world.slots = 8
    world.claim(row)
    told = texts(the_slot(world, tmp_path, str(row.id)))
    assert "the schedule of version 1 names this instant; it ran as version 2" in told


def test_what_was_missed_names_the_engines_around_it(world: World, tmp_path: Path) -> None:
    world.publish(EVERY_TEN)
    world.later(hours=6)
    late: Node = make_node(2, started_at=world.now, swept_at=world.now, pid=5)
    world.run(lambda tx: tx.insert(NODES, late))
    world.resolve(EVERY_TEN)
    told = the_slot(world, tmp_path, "backup", "2026-03-02T09:00")
    assert told.summary == "It did not run: it was missed because no engine was running at its time."
    assert "(alder, process 4242) was last seen at 2026-03-02 08:00:30 CET, and never said that it stopped" in texts(
        told
    )
    assert "the next engine started at 2026-03-02 12:00:30 CET (alder, process 5)" in texts(told)
    assert "the gap was resolved: the recovery_strategy decided about 36 instants" in texts(told)
    run = world.rows(EVERY_TEN, OccurrenceState.PENDING)[0]
    assert "it was taken up after a gap" in texts(the_slot(world, tmp_path, str(run.id)))


def test_a_pause_is_told_with_its_reason(world: World, tmp_path: Path) -> None:
    world.publish(EVERY_TEN)
    world.run(control.pause, EVERY_TEN.id, now=world.now, until=None, reason="lunch", actor="ann")
    row = world.handle_next(EVERY_TEN)
    slot = the_slot(world, tmp_path, str(row.id))
    assert slot.summary == 'It did not run: it was skipped because the job was paused ("lunch").'
    assert 'the job was paused from 2026-03-02 06:00:30 CET until it is resumed ("lunch")' in texts(slot)
    answer = ask(world, tmp_path, "backup", "2026-03-02T06:50")
    assert answer.summary == "It lies ahead, and will be skipped because the job is paused."
    assert any('until it is resumed ("lunch")' in fact.text for fact in answer.facts)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason.PAUSED, "share one row: skipped because the job was paused."),
        (Reason.DOWNTIME, "share one row: missed because no engine was running at its time."),
    ],
)
def test_what_a_range_was_skipped_for_was_not_missed(world: World, tmp_path: Path, reason: Reason, said: str) -> None:
    """Regression: of a job that was paused it said that they were missed."""
    world.publish(EVERY_TEN)
    ranged = MissedRange(EVERY_TEN.id, world.now, world.now + timedelta(minutes=30), 3, reason)
    world.run(lambda tx: tx.insert(MISSED_RANGES, ranged))
    world.later(minutes=90)
    told = {slot.at.strftime("%H:%M"): slot.summary for slot in ask(world, tmp_path, "backup", "2026-03-02").slots}
    assert told["05:20"].endswith(said)


def test_instants_without_a_row(world: World, tmp_path: Path) -> None:
    """Before the first publication, while stopped, while retired, in a range, not come to, and ahead."""
    world.publish(EVERY_TEN)
    row = world.planned(EVERY_TEN)
    world.now = row.due_at
    ticker_of(world, EVERY_TEN, actor="bob").stop("tired")
    world.handle(row)
    world.later(minutes=60)
    ticker_of(world, EVERY_TEN, actor="bob").start()
    world.later(minutes=5)
    world.run(retire, world.me, EVERY_TEN.id, world.now)
    world.later(minutes=30)
    world.publish(EVERY_TEN)
    ranged = MissedRange(EVERY_TEN.id, world.now, world.now + timedelta(minutes=30), 3, Reason.DOWNTIME)
    world.run(lambda tx: tx.insert(MISSED_RANGES, ranged))
    world.later(minutes=90)
    told = {slot.at.strftime("%H:%M"): slot.summary for slot in ask(world, tmp_path, "backup", "2026-03-02").slots}
    assert told["05:00"].startswith("It lies before the job was first published, at 2026-03-02 06:00:30 CET")
    assert told["05:20"] == told["06:10"]
    assert told["05:20"] == 'The schedule was stopped then: bob stopped it at 2026-03-02 06:10:00 CET ("tired").'
    assert told["06:30"].startswith("No watched job file held the job then: it was retired at 2026-03-02 07:15:00 CET")
    assert told["07:00"].startswith("It is one of 3 instants from 2026-03-02 07:45:00 CET to")
    assert told["07:00"].endswith("share one row: missed because no engine was running at its time.")
    assert told["08:00"].startswith("It has no fate yet: everything up to 2026-03-02 07:45:00 CET has one")
    assert told["09:30"] == "It lies ahead; it is planned when the instant before it has come."


def test_an_undone_stop_counts_as_a_start(world: World, tmp_path: Path) -> None:
    world.publish(EVERY_TEN)
    ticker_of(world, EVERY_TEN, actor="bob").stop()
    world.later(minutes=20)
    ticker_of(world, EVERY_TEN, actor="ann").undo()
    slots = ask(world, tmp_path, "backup", "2026-03-02").slots
    stopped = [slot.at.strftime("%H:%M") for slot in slots if "stopped" in slot.summary]
    assert stopped == ["05:10", "05:20"]


def test_an_edit_never_works_backwards(world: World, tmp_path: Path) -> None:
    world.publish(EVERY_TEN)
    world.later(minutes=5)
    world.publish(replace(EVERY_TEN, schedule="*/3 * * * *"))
    (slot,) = ask(world, tmp_path, "backup", "2026-03-02T06:03").slots
    assert slot.summary.startswith(
        "Version 1 was in force then, and its schedule does not name this instant; version 2"
    )
    assert slot.occurrence_id is None
    told = texts(slot)
    assert "version 1 of the job was in force, published at 2026-03-02 06:00:30 CET" in told
    assert "an engine was up: alder, process 4242" in told


def test_an_end_that_was_not_followed_says_why(world: World, tmp_path: Path) -> None:
    """Regression: it said "which is followed" of an end that the stopped, edited or later published job did not."""
    first, second = job(name="first", schedule=None), job(name="second", schedule={"after": "first", "on": ["failed"]})

    def told(follower: str = "second") -> str:
        return next(fact.text for fact in ask(world, tmp_path, follower).facts if "first" in fact.text)

    def run_first(request: int) -> None:
        world.later(minutes=1)
        row = world.trigger(first, UUID(int=request))
        world.claim(row)
        world.end(row, AttemptState.SUCCESS)
        world.later(minutes=1)

    world.publish(first)
    world.publish(second)
    run_first(1)
    assert told().endswith("and only failed is followed")
    world.publish(replace(second, schedule={"after": "first"}))
    assert told().endswith("which version 1, in force then, did not follow")
    world.publish(job(name="third", schedule={"after": "first"}))
    assert "but this job was first published later, at 2026-03-02 05:02:30" in told("third")
    world.publish(job(name="fourth", schedule=[{"after": "first"}, {"after": "first", "on": ["failed"]}]))
    run_first(2)
    assert told().endswith("which is followed")
    assert told("fourth").endswith("which is followed"), "by one of its two schedules"
    ticker_of(world, second).stop()
    stopped = world.now
    run_first(3)
    ticker_of(world, second).start()
    assert f"but the schedule was stopped then, at {stopped:%Y-%m-%d %H:%M:%S}" in told()


def test_a_refused_save_is_told(world: World, tmp_path: Path) -> None:
    world.publish(EVERY_TEN)
    world.later(seconds=1)
    problem = {"message": "unknown key 'scedule'", "severity": "error"}
    file = JobFile("/jobs/a.toml", "/jobs", FileState.REFUSED, "x", world.now, ["backup"], [problem])
    event = Event(at=world.now, kind="file_refused", actor="engine", detail={"path": file.path, "errors": [problem]})
    world.run(lambda tx: (tx.insert(JOB_FILES, file), tx.append(event)))
    world.later(minutes=3)
    answer = ask(world, tmp_path, "backup")
    assert any("refused, and version 1 goes on: unknown key 'scedule'" in fact.text for fact in answer.facts)
    world.publish(replace(EVERY_TEN, schedule="*/2 * * * *"))
    (slot,) = ask(world, tmp_path, "backup", "2026-03-02T06:02").slots
    assert "a save of /jobs/a.toml was refused at 2026-03-02 06:00:31 CET: unknown key 'scedule'" in texts(slot)
    with pytest.raises(NotFound) as caught:
        ask(world, tmp_path, "bakcup")
    assert caught.value.hint.startswith('did you mean "backup"?; or it may stand in /jobs/a.toml, which is refused')


def test_of_very_many_instants_those_with_a_run_are_told(world: World, tmp_path: Path) -> None:
    often = job(schedule={"cron": "*/20 * * * * *", "seconds": True}, timezone="UTC")
    row = world.begin(often)
    answer = ask(world, tmp_path, "backup", "today")
    assert [slot.status for slot in answer.slots] == [OccurrenceState.RUNNING, OccurrenceState.PLANNED]
    assert answer.slots[0].occurrence_id == row.id
    assert answer.left_out == 24 * 180 - 2
    assert ask(world, tmp_path, "backup", "tomorrow").left_out == 24 * 180 - 1500


def test_no_instant_at_that_time(world: World, tmp_path: Path) -> None:
    world.publish(EVERY_TEN)
    world.later(minutes=10)
    answer = ask(world, tmp_path, "backup", "06:03")
    assert answer.summary.startswith("The schedule of the job has no instant at that time (2026-03-02 06:03:00 CET)")
    assert [fact.text for fact in answer.facts[:2]] == [
        "its schedule then: every 10 minutes, Europe/Paris time",
        "the first instant after that time is 2026-03-02 06:10:00 CET",
    ]


def test_a_change_of_the_clock(world: World, tmp_path: Path) -> None:
    night = job(schedule="30 2 * * *", timezone="Europe/Paris")
    world.publish(night)
    for _ in range(27):
        world.end(world.handle_next(night), AttemptState.SUCCESS)
    answer = ask(world, tmp_path, "backup", "2026-03-29T02:30")
    assert any("02:30:00 does not exist on that day" in fact.text for fact in answer.facts)
    (slot,) = answer.slots
    assert slot.at.strftime("%H:%M") == "01:00"
    assert "02:30:00 on the wall clock does not exist on that day: the run moved to this instant" in texts(slot)


def test_without_a_time_the_latest_fate_and_what_stands_in_the_way(world: World, tmp_path: Path) -> None:
    world.publish(EVERY_TEN)
    assert ask(world, tmp_path, "backup").summary == "It has not come to a run yet."
    row = world.handle_next(EVERY_TEN)
    world.end(row, AttemptState.SUCCESS)
    answer = ask(world, tmp_path, "backup")
    assert answer.slots[0].occurrence_id == row.id
    assert answer.next == row.scheduled_at + timedelta(minutes=10)
    assert [fact.text.partition(":")[0] for fact in answer.facts] == ["no engine runs"]
    world.run(quarantine, world.me, EVERY_TEN.id, "the zone is unknown", world.now)
    ticker_of(world, EVERY_TEN, actor="bob").stop()
    answer = ask(world, tmp_path, "backup")
    told = [fact.text for fact in answer.facts]
    assert told[0] == "it cannot be planned: the zone is unknown"
    assert told[1].startswith("its schedule was stopped by bob at 2026-03-02 06:10:00 CET")
    assert answer.next is None


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"schedule": None}, "it has no schedule and runs only when triggered"),
        ({"enabled": False}, "its file says enabled = false"),
        ({"schedule": {"once": "2026-03-02T05:00:10"}}, "its schedule has no further instant"),
    ],
)
def test_what_a_definition_leaves_out(world: World, tmp_path: Path, values: dict[str, Any], text: str) -> None:
    world.publish(job(**values))
    assert text in [fact.text for fact in ask(world, tmp_path, "backup").facts]


def test_a_run_asked_for_by_hand(world: World, tmp_path: Path) -> None:
    world.publish(EVERY_TEN)
    row = world.trigger(EVERY_TEN, REQUEST)
    slot = the_slot(world, tmp_path, str(row.id)[:9])
    assert slot.summary == "It waits to be started because no engine was there to start it."
    assert "me asked for it" in texts(slot)
    world.run(control.cancel, row.id, now=world.now, actor="ann", reason="wrong button")
    slot = the_slot(world, tmp_path, str(row.id))
    assert slot.summary == 'It did not run: it was cancelled because someone cancelled it (by ann, "wrong button").'


def test_a_whole_day_is_counted_and_its_json_is_complete(world: World, tmp_path: Path) -> None:
    world.publish(EVERY_TEN)
    world.begin(replace(EVERY_TEN, key="other", name="other"))
    world.handle_next(EVERY_TEN)
    answer = ask(world, tmp_path, "backup", "today")
    assert answer.summary == "144 instants: 142 without a row, 1 running, 1 planned."
    shown = answer_json(answer)
    assert len(shown["slots"]) == 144
    assert shown["asked"] == "2026-03-02 in Europe/Paris"
    running = next(slot for slot in shown["slots"] if slot["status"] == "running")
    assert running["at"] == "2026-03-02T05:10:00Z"
    assert running["facts"][1]["evidence"]["kind"] == "event"


def test_a_run_that_no_node_begins_tells_what_each_node_lacks(world: World, tmp_path: Path) -> None:
    wanted = job(nodes="gpu, ssd")
    world.publish(wanted)
    row = world.trigger(wanted, REQUEST)
    world.labels = frozenset({"gpu"})
    world.run(claim, replace(world.me, labels=world.labels), row.id, world.now)
    given: list[dict[str, Any]] = [
        {"name": "attic", "labels": ["gpu"]},
        {"name": "box", "labels": ["gpu", "ssd"]},
        {"name": "cellar", "labels": ["gpu", "ssd"], "trouble": Reason.NO_SPACE},
        {"name": "den", "labels": [], "lost_at": world.now},
        {"name": "eaves", "labels": ["gpu", "ssd"], "stopped_at": world.now},
        {"name": "foyer", "labels": ["gpu", "ssd"]},
    ]
    rows = [make_node(number, started_at=world.now, **each) for number, each in enumerate(given, 100)]
    world.run(lambda tx: [tx.insert(NODES, node) for node in rows])
    world.run(lambda tx: control.drain(tx, "box", reason=None, now=world.now, actor="me"))
    slot = the_slot(world, tmp_path, str(row.id))
    assert "no node with label gpu, ssd" in slot.summary
    told = [fact.text for fact in ask(world, tmp_path, str(row.id)).facts if fact.text.startswith("node ")]
    assert [" ".join(text.split()[:6]) for text in told if text.split()[1] in "attic box cellar den eaves foyer"] == [
        "node attic lacks the label ssd",
        "node box was drained by me",
        "node cellar has too little free",
        "node den was declared lost at",
        "node eaves was stopped at 2026-03-02",
        "node foyer may run it if",
    ]
    assert ask(world, tmp_path, wanted.name).facts[: len(told)] == ask(world, tmp_path, str(row.id)).facts[: len(told)]
    world.run(claim, replace(world.me, labels=frozenset({"gpu", "ssd"})), row.id, world.now)
    assert not [fact for fact in ask(world, tmp_path, str(row.id)).facts if fact.text.startswith("node ")]
