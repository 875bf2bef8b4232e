"""A job's definition: stored as JSON, compared by hash."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from jobistemer_tui.domain.identity import job_id
from jobistemer_tui.domain.job import JobDefinition, RunWhen, TaskDefinition, TasksMode
from jobistemer_tui.domain.params import Param
from jobistemer_tui.domain.policies import FailureStrategy, OverlapPolicy
from jobistemer_tui.domain.secret import SecretSource

DUMP = TaskDefinition(name="dump", run="pg_dump shop", line=12)
UPLOAD = TaskDefinition(
    name="upload",
    command=("rsync", "-a", "/backup/"),
    needs=("dump",),
    run_when=RunWhen.ALWAYS,
    description="off site",
    cwd="/backup",
    shell=("/bin/sh", "-c"),
    env={"SSH_AUTH_SOCK": "/x"},
    settings={"task_timeout": 600.0, "failure_strategy": "continue"},
    line=20,
    env_files=("/etc/upload.env",),
    secrets={"KEY": SecretSource(file="/etc/key")},
)
LOAD = TaskDefinition(
    name="load", python="m:f", args=(1, {"x": None}), kwargs={"y": [2]}, python_executable="/usr/bin/python3", line=30
)
JOB = JobDefinition(
    key="nightly-backup",
    name="backup",
    tasks=(DUMP, UPLOAD, LOAD),
    cwd="/etc/jobs",
    description="Dump the database",
    tags=("db", "nightly"),
    schedule={"cron": "0 5 * * *", "seconds": False},
    timezone="Europe/Berlin",
    tasks_mode=TasksMode.PARALLEL,
    shell=("bash", "-c"),
    path="/usr/bin",
    env={"LANG": "de_DE.UTF-8", "ÄÖ": "ü"},
    settings={"overlap_policy": "queue", "execution_timeout": None},
    file_settings={"kill_grace": 0.0},
    config_settings={"overlap_policy": "allow", "task_timeout": 60.0},
    python_executable="python3",
    env_files=("/etc/all.env",),
    secrets={"TOKEN": SecretSource(command=("pass", "x"))},
    params={"day": Param(), "target": Param("staging", ("staging", "production"), "where to")},
)
MINIMAL = JobDefinition(key="m", name="m", tasks=(TaskDefinition(name="m", run="true"),), cwd="/")


@pytest.mark.parametrize("definition", [JOB, MINIMAL], ids=lambda definition: str(definition.key))
def test_json_round_trip(definition: JobDefinition) -> None:
    stored = json.loads(json.dumps(definition.to_json()))
    back = JobDefinition.from_json(stored)
    assert back == definition
    assert back.content_hash == definition.content_hash
    assert back.to_json() == definition.to_json()


@pytest.mark.parametrize(
    "schedule", [None, "0 5 * * *", {"interval": "PT5S"}, ["@daily", {"once": "2030-01-01T00:00"}]]
)
def test_every_form_of_schedule_survives(schedule: Any) -> None:
    definition = replace(MINIMAL, schedule=schedule)
    assert JobDefinition.from_json(json.loads(json.dumps(definition.to_json()))).schedule == schedule


def test_the_hash_is_stable_across_versions_of_the_program() -> None:
    assert MINIMAL.content_hash == "9834889394510dc93f0e11647f4c8e290beeec3c4ddde2c4cc7d9d076eea2cf4"


def test_lines_do_not_count() -> None:
    moved = replace(JOB, tasks=(replace(DUMP, line=99), UPLOAD, LOAD))
    assert moved.content_hash == JOB.content_hash
    assert moved.to_json()["tasks"][0]["line"] == 99


def test_the_order_of_keys_does_not_count() -> None:
    turned = replace(JOB, env=dict(reversed(list(JOB.env.items()))))
    assert list(turned.env) != list(JOB.env)
    assert turned.content_hash == JOB.content_hash


@pytest.mark.parametrize(
    "change",
    [
        {"key": "other"}, {"name": "other"}, {"cwd": "/"}, {"description": ""}, {"tags": ()}, {"enabled": False},
        {"schedule": None}, {"timezone": "UTC"}, {"tasks_mode": TasksMode.SEQUENTIAL}, {"shell": None}, {"path": None},
        {"env": {}}, {"settings": {}}, {"file_settings": {}}, {"config_settings": {}}, {"tasks": (DUMP,)},
        {"tasks": (UPLOAD, DUMP)}, {"tasks": (replace(DUMP, run="pg_dump all"), UPLOAD)},
        {"tasks": (replace(DUMP, settings={"kill_grace": 1.0}), UPLOAD)},
    ],
    ids=str,
)  # fmt: skip
def test_everything_else_counts(change: dict[str, Any]) -> None:
    assert replace(JOB, **change).content_hash != JOB.content_hash


def test_the_schedule_hash_knows_schedule_and_zone_alone() -> None:
    assert replace(JOB, cwd="/", env={}, tasks=(DUMP,)).schedule_hash == JOB.schedule_hash
    assert replace(JOB, schedule="0 6 * * *").schedule_hash != JOB.schedule_hash
    assert replace(JOB, timezone="UTC").schedule_hash != JOB.schedule_hash


def test_the_id_comes_from_the_key_so_that_a_rename_keeps_the_history() -> None:
    assert JOB.id == job_id("nightly-backup")
    assert replace(JOB, name="renamed").id == JOB.id


def test_levels_from_the_weakest_to_the_strongest() -> None:
    assert [level.origin for level in JOB.levels] == ["config", "file", "job"]
    assert [level.origin for level in JOB.task_levels(UPLOAD)] == ["config", "file", "job", "task"]


def test_effective_policies() -> None:
    assert JOB.policies.overlap is OverlapPolicy.QUEUE
    assert JOB.policies.execution_timeout is None
    assert JOB.task_policies("dump").task_timeout == 60.0
    assert JOB.task_policies("dump").failure_strategy is FailureStrategy.FAIL_FAST
    assert JOB.task_policies("upload").task_timeout == 600.0
    assert JOB.task_policies("upload").failure_strategy is FailureStrategy.CONTINUE
    assert JOB.task_policies("upload").kill_grace == 0.0
    assert JOB.task_policies("upload") is JOB.task_policies("upload")


def test_tasks_by_name() -> None:
    assert JOB.task("dump") is DUMP
    with pytest.raises(KeyError):
        JOB.task("missing")


def test_a_job_without_parameters_is_stored_as_before_there_were_any() -> None:
    """A stored hash must not change by itself: each job would get a new version at the next start."""
    assert "params" not in MINIMAL.to_json()
    assert "params" in JOB.to_json()
