"""What a try is given: the outputs of what it needs, the state, and the variables that tell of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.domain.records import Attempt, Occurrence
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Trigger
from jobistemer_tui.engine.given import ALL_VARIABLES, Given, all_needs, given_files, given_variables
from jobistemer_tui.engine.transactions.common import Launch
from tests.support.engine_world import START, job, task


def launch(definition: JobDefinition, **changes: object) -> Launch:
    row = Occurrence(
        uuid4(), definition.id, START, START, Trigger.RECOVERY, OccurrenceState.RUNNING, 1, START, epoch=3,
    )  # fmt: skip
    attempt = Attempt(uuid4(), uuid4(), row.id, 2, AttemptState.RUNNING, START, started_at=START)
    return Launch(replace(row, **changes), definition, definition.tasks[-1], attempt)  # type: ignore[arg-type]  # any field


def test_needs_are_followed_through() -> None:
    definition = job(task("a"), task("b"), task("c", "a"), task("d", "c", "b"))
    assert all_needs(definition, "d") == {"a", "b", "c"}
    assert all_needs(definition, "c") == {"a"}
    assert all_needs(definition, "a") == set()


def test_the_context_holds_everything() -> None:
    call = TaskDefinition("call", python="m:f", args=(1,), kwargs={"x": "y"})
    window = {"start": "s", "end": "e", "count": 2, "instants": ["s", "e"]}
    given = Given({"a": {"rows": "1"}}, {"n": 1}, 7)
    found = launch(job(call), params={"p": "q"}, window=window, last_run_at=START - timedelta(hours=1))
    files = given_files(found, given)
    assert json.loads(files["state.json"]) == {"n": 1}
    context = json.loads(files["context.json"])
    assert context == {
        "job": "backup", "task": "call", "trigger": "recovery", "is_recovery_run": True,
        "occurrence_id": str(found.occurrence.id), "attempt_id": str(found.attempt.id), "attempt": 2, "fence": 3,
        "scheduled_time": "2026-03-02T05:00:30Z", "actual_time": "2026-03-02T05:00:30Z",
        "last_run_time": "2026-03-02T04:00:30Z", "window": window, "params": {"p": "q"}, "follows": [],
        "outputs": {"a": {"rows": "1"}}, "state": {"n": 1}, "state_rev": 7, "args": [1], "kwargs": {"x": "y"},
    }  # fmt: skip


def test_files_are_made_only_where_they_say_more_than_the_variables() -> None:
    plain = launch(job(task("a")))
    assert given_files(plain, Given({"b": {}})) == {}
    assert given_variables(plain, Given(), "/f", ())["JOBISTEMER_CONTEXT"] == ""
    assert given_files(plain, Given(state_rev=2)).keys() == {"context.json", "state.json"}
    python = launch(job(TaskDefinition("call", python="m:f")))
    window = launch(job(task("a")), window={"count": 1})
    for found, given in (
        (plain, Given({"b": {"x": "1"}})), (launch(job(task("a")), params={"p": "q"}), Given()), (window, Given()),
        (python, Given()),
    ):  # fmt: skip
        assert given_files(found, given).keys() == {"context.json"}


def variables(given: Given, **changes: object) -> dict[str, str]:
    found = given_variables(launch(job(task("a")), **changes), given, "/f", {"context.json"})
    assert (found.pop("JOBISTEMER_OUTPUT"), found.pop("JOBISTEMER_STATE")) == ("/f/outputs.txt", "/f/state.json")
    assert found.pop("JOBISTEMER_CONTEXT") == "/f/context.json"
    return {name.removeprefix("JOBISTEMER_"): value for name, value in found.items()}


def test_parameters_and_outputs_are_variables() -> None:
    given = Given({"dump-all": {"rows.in": "12", "ok": True, "list": [1, "é"]}})
    assert variables(given, params={"table name": "x; rm -rf /", "É": "1"}) == {
        "PARAM_TABLE_NAME": "x; rm -rf /", "PARAM__": "1",
        "OUTPUT_DUMP_ALL_ROWS_IN": "12", "OUTPUT_DUMP_ALL_OK": "true", "OUTPUT_DUMP_ALL_LIST": '[1, "\\u00e9"]',
    }  # fmt: skip


@pytest.mark.parametrize("value", ["x" * 4097, "a\0b"])
def test_what_no_variable_can_hold_is_left_to_the_file(value: str) -> None:
    assert variables(Given({"a": {"x": value, "y": "1"}})) == {"OUTPUT_A_Y": "1"}


def test_of_two_with_one_name_there_is_none() -> None:
    assert variables(Given({"a-b": {"c": "1", "d": "2"}, "a": {"b_c": "3"}, "A_B": {"c": "4"}})) == {
        "OUTPUT_A_B_D": "2"
    }


def test_all_together_stay_small() -> None:
    found = variables(Given({f"t{number}": {"x": "y" * 4096} for number in range(100)}))
    assert sum(map(len, found.values())) == ALL_VARIABLES
