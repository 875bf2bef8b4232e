"""What a person does, with its event and its word to the engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from jobistemer_tui.domain.identity import manual_occurrence_id, new_request_id
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.domain.states import Reason, Trigger
from jobistemer_tui.engine import poke
from jobistemer_tui.errors import NotFound, Refused
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE, OCCURRENCES
from tests.operations.local_operations import FixedClock, operations_on
from tests.support.factories import NOW, add, add_job, make_definition, make_occurrence


def events(store: Store) -> list[tuple[str, str]]:
    return [(event.kind, event.actor) for event in store.read(lambda reader: reader.scan(EVENTS_BY_SEQUENCE))]


def test_a_trigger_makes_one_occurrence_for_one_request(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition())
    request = new_request_id()
    made = operations.trigger("backup", request=request)
    assert made == operations.trigger("backup", request=request)
    assert made.occurrence_id == manual_occurrence_id(job.id, request)
    assert (made.status, made.reason, made.engine_alive) == (S.PENDING, Reason.NO_NODE, False)
    stored = store.read(lambda reader: reader.get(OCCURRENCES, made.occurrence_id))
    assert stored is not None
    assert (stored.trigger, stored.valid_until) == (Trigger.MANUAL, NOW + timedelta(hours=1))
    assert events(store) == [("occurrence_triggered", "test")]


def test_a_second_trigger_obeys_the_overlap_policy(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition())
    operations.trigger("backup", request=new_request_id())
    second = operations.trigger("backup", request=new_request_id())
    assert (second.status, second.reason) == (S.SKIPPED, Reason.OVERLAP)
    assert sorted(operations.jobs()[0].recent) == [S.PENDING, S.SKIPPED]


def test_a_job_whose_file_is_gone_is_not_run(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition(), retired_at=NOW)
    with pytest.raises(Refused, match=r"no watched file holds it .*backup\.toml"):
        operations.trigger("backup", request=new_request_id())
    assert operations.runs() == []


def test_pause_and_resume(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition())
    row = operations.pause("backup", reason="disk swap", until=NOW + timedelta(hours=2))
    assert (row.paused, row.pause_reason, row.paused_until) == (True, "disk swap", NOW + timedelta(hours=2))
    assert operations.jobs() == [row]
    again = operations.pause("backup")
    assert (again.paused, again.pause_reason, again.paused_until) == (True, None, None)
    assert not operations.resume("backup").paused
    assert not operations.jobs()[0].paused
    assert events(store) == [("job_paused", "test"), ("job_paused", "test"), ("job_resumed", "test")]
    assert not operations.resume("backup").paused
    assert len(events(store)) == 3, "a second resume has nothing to tell"


def test_a_pause_that_is_over_is_refused(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition())
    with pytest.raises(Refused):
        operations.pause("backup", until=NOW)
    assert not operations.jobs()[0].paused


def test_what_waits_is_cancelled_and_what_runs_is_asked_to_stop(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition())
    waiting = make_occurrence(job, NOW, S.PENDING)
    running = make_occurrence(job, NOW - timedelta(hours=1), S.RUNNING, owner=UUID(int=1), epoch=1)
    add(store, waiting, running)
    assert operations.cancel(waiting.id, reason="not today").status is S.CANCELED
    assert operations.cancel(running.id).status is S.CANCELING
    assert operations.occurrence(waiting.id).row.reason is Reason.USER
    assert "not today" in operations.occurrence(waiting.id).row.reason_detail.values()


def test_what_has_ended_is_not_cancelled(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition())
    done = make_occurrence(job, NOW)
    add(store, done)
    with pytest.raises(Refused):
        operations.cancel(done.id)
    with pytest.raises(NotFound):
        operations.cancel(UUID(int=1))


@pytest.mark.parametrize(
    "change",
    [
        lambda operations: operations.trigger("nobody", request=new_request_id()),
        lambda operations: operations.pause("nobody"),
        lambda operations: operations.resume("nobody"),
    ],
)
def test_nobody_is_not_found(
    store: Store, operations: LocalOperations, change: Callable[[LocalOperations], object]
) -> None:
    with pytest.raises(NotFound):
        change(operations)
    assert events(store) == []


def test_every_change_wakes_the_engine_after_its_commit(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = operations_on(store, tmp_path, FixedClock())
    add_job(store, make_definition())
    seen: list[tuple[Path, int]] = []
    monkeypatch.setattr(poke, "poke", lambda folder: seen.append((folder, len(events(store)))))
    made = operations.trigger("backup", request=new_request_id())
    operations.pause("backup")
    operations.resume("backup")
    operations.cancel(made.occurrence_id)
    assert seen == [(tmp_path / "nodes", number) for number in (1, 2, 3, 4)]


def test_listeners_and_token_hear_of_commits(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition())
    heard: list[bool] = []
    stop = operations.on_change(lambda: heard.append(True))
    token = operations.change_token()
    operations.pause("backup")
    assert heard
    assert operations.change_token() != token
    stop()
    heard.clear()
    operations.resume("backup")
    assert not heard


def test_check_reads_files_without_applying_them(store: Store, operations: LocalOperations, tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text('[jobs.a]\n[[jobs.a.tasks]]\nname = "t"\nrun = "true"\n')
    (tmp_path / "bad.toml").write_text('[jobs.b]\nscheduel = "@daily"\n[[jobs.b.tasks]]\nname = "t"\nrun = "true"\n')
    checked = operations.check([tmp_path])
    assert not checked.ok
    assert (checked.files, checked.jobs) == (2, ("a",))
    (problem,) = [one for one in checked.problems if one.severity == "error"]
    assert (problem.file, problem.line, problem.column) == (str(tmp_path / "bad.toml"), 2, 1)
    assert "schedule" in problem.hint
    assert problem.source_line == 'scheduel = "@daily"'
    assert operations.check([tmp_path / "good.toml"]).ok
    assert operations.jobs() == []
    (missing,) = operations.check([tmp_path / "none"]).problems
    assert (missing.file, missing.severity, missing.message) == (str(tmp_path / "none"), "error", "does not exist")
