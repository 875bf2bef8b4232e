"""The audit in pages, and what of it can be taken back."""

from __future__ import annotations

from jobistemer_tui.domain.records import Event
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.storage.contract import Store
from tests.support.factories import NOW, add_job, make_definition


def test_lines_come_newest_first_and_in_pages(store: Store, operations: LocalOperations) -> None:
    for number in range(7):
        store.write(lambda tx, number=number: tx.append(Event(NOW, f"kind_{number}", "test")))  # type: ignore[misc]  # number is bound now
    newest = operations.activity(limit=3)
    assert [row.kind for row in newest] == ["kind_6", "kind_5", "kind_4"]
    older = operations.activity(before=newest[-1].sequence, limit=500)
    assert [row.kind for row in older] == ["kind_3", "kind_2", "kind_1", "kind_0"]
    assert [row.kind for row in operations.activity(after=newest[1].sequence)] == ["kind_6"]
    assert operations.activity(before=older[-1].sequence) == []


def test_what_a_person_did_is_named_and_can_be_taken_back(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition())
    operations.pause("backup", reason="disk swap")
    (row,) = operations.activity(limit=1)
    assert (row.kind, row.job, row.detail["after"]["reason"]) == ("job_paused", "backup", "disk swap")
    assert row.act is not None
    assert operations.undo(row.act) == [row.act]
    assert not operations.job("backup").row.paused
    assert operations.activity(limit=1)[0].act is None
