"""One file is marker, record of the process and result; nothing that breaks off in between loses the result."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from jobistemer_tui.engine.supervisor.attempt_files import RESULT_BYTES, AttemptFiles
from jobistemer_tui.engine.supervisor.results import nothing_ran
from tests.engine.supervisor.harness import Place

ID = "6f1f3c1e-0000-4000-8000-000000000001"


@pytest.fixture
def files(tmp_path: Path) -> AttemptFiles:
    return AttemptFiles(tmp_path / "attempts", "boot")


def ended(attempt: str = ID) -> dict[str, Any]:
    return nothing_ran(attempt, "spawn", "because")


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_the_room_of_a_result_is_taken_before_anything_runs(files: AttemptFiles) -> None:
    files.mark_live(ID)
    marker = files.root / "live" / ID
    assert marker.stat().st_size == RESULT_BYTES
    assert read(marker) == {"boot_id": "boot"}
    files.record_process(ID, {"pid": 7})
    assert marker.stat().st_size == RESULT_BYTES
    assert files.read_process(ID) == {"boot_id": "boot", "pid": 7}


def test_a_result_is_a_second_name_of_the_marker_and_outlives_it(files: AttemptFiles) -> None:
    files.mark_live(ID)
    files.make_folder(ID)
    files.write_result(ID, ended())
    result = files.folder(ID) / "result.json"
    assert result.stat().st_ino == (files.root / "live" / ID).stat().st_ino
    files.unmark_live(ID)
    assert files.live() == []
    assert read(result) == {**ended(), "finished_at": read(result)["finished_at"], "durable": True}
    assert result.stat().st_size < RESULT_BYTES


def test_a_long_error_still_fits(files: AttemptFiles) -> None:
    files.mark_live(ID)
    files.make_folder(ID)
    files.write_result(ID, {**ended(), "error": "\N{SNOWMAN}" * 10_000})
    found = files.read_result(ID)
    assert found is not None
    assert (files.folder(ID) / "result.json").stat().st_size <= RESULT_BYTES


def test_where_a_file_has_one_name_only_the_result_is_copied(
    files: AttemptFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    files.mark_live(ID)
    files.make_folder(ID)
    files.write_result(ID, ended())
    found = files.read_result(ID)
    assert found is not None
    assert found["error"] == "because"
    assert [path.name for path in files.folder(ID).iterdir()] == ["result.json"]


def test_a_torn_result_is_replaced(files: AttemptFiles) -> None:
    files.mark_live(ID)
    files.make_folder(ID)
    (files.folder(ID) / "result.json").write_text('{"outc')
    assert files.read_result(ID) is None
    files.write_result(ID, ended())
    assert (files.read_result(ID) or {})["outcome"] == "spawn"


def test_a_result_makes_the_folder_that_its_start_could_not_make(files: AttemptFiles) -> None:
    files.write_result(ID, ended())
    assert (files.read_result(ID) or {})["outcome"] == "spawn"


def test_the_folder_of_the_markers_is_made_anew(files: AttemptFiles) -> None:
    (files.root / "live").rmdir()
    files.mark_live(ID)
    assert files.live() == [ID]


async def test_a_result_that_was_written_and_not_named_is_found(place: Place) -> None:
    """The supervisor died between the two steps."""
    order = place.order("exit 3")
    id_ = str(order.attempt_id)
    files = AttemptFiles(place.attempts, "boot")
    files.mark_live(id_)
    files.make_folder(id_)
    (place.live_marker(order)).write_text(json.dumps({**ended(id_), "durable": True}).ljust(RESULT_BYTES))
    client = await place.connect()
    (result,) = (await client.list()).finished
    assert (result.attempt_id, result.outcome, result.error) == (order.attempt_id, "spawn", "because")
    assert read(place.attempt(order) / "result.json")["outcome"] == "spawn"
    client.taken(order.attempt_id)
    assert (await client.list()).finished == ()
    assert not place.live_marker(order).exists()


async def test_a_limit_holds_that_is_nearer_than_what_was_waited_for(place: Place) -> None:
    """Many that run long are asked for their due times only now and then; a newcomer is not forgotten for that."""
    client = await place.connect()
    for _ in range(5):
        await place.start(client, place.order("exec sleep 300", timeout_s=300.0, kill_grace_s=0.1))
    short = place.order("exec sleep 300", timeout_s=0.3, kill_grace_s=0.1)
    await place.start(client, short)
    assert (await place.result(short)).outcome == "timeout"
    for running in (await client.list()).running:
        await client.cancel(running.attempt_id)


async def test_each_of_many_orders_sent_at_once_is_answered_and_told(place: Place) -> None:
    client = await place.connect()
    orders = [place.order("exit 4", attempt_id=uuid4()) for _ in range(40)]
    answers = [client.start(order) for order in orders]
    for answer in answers:
        await answer
    for order in orders:
        assert (await place.result(order)).exit_code == 4
    assert len(place.finished) == len(orders)
