"""What changed between two versions of a job."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jobistemer_tui.domain.definition_diff import Difference, Kind, differences
from jobistemer_tui.domain.job import Code, JobDefinition, RunWhen, TaskDefinition
from jobistemer_tui.domain.params import Param

DUMP = TaskDefinition("dump", run="pg_dump", line=3)
UPLOAD = TaskDefinition("upload", command=("rsync", "-a"), needs=("dump",), line=9)
JOB = JobDefinition("backup", "backup", (DUMP, UPLOAD), "/jobs", schedule="0 5 * * *", env={"A": "1", "B": "2"})


def texts(new: JobDefinition, old: JobDefinition = JOB) -> list[str]:
    return [difference.text for difference in differences(old, new)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"schedule": "0 6 * * *"}, ["schedule: 0 5 * * * → 0 6 * * *"]),
        ({"schedule": None}, ["schedule removed"]),
        ({"schedule": {"cron": "0 5 * * *"}}, ['schedule: 0 5 * * * → {"cron": "0 5 * * *"}']),
        ({"timezone": "Europe/Paris"}, ["timezone: UTC → Europe/Paris"]),
        ({"description": "nightly"}, ["description added: nightly"]),
        ({"enabled": False}, ["enabled: true → false"]),
        ({"env": {"A": "1", "C": "3"}}, ["env.B removed", "env.C added: 3"]),
        ({"env": {"A": "0", "B": "2"}}, ["env.A: 1 → 0"]),
        ({"tags": ("db",)}, ['tags added: ["db"]']),
        (
            {"params": {"day": Param("1")}},
            ['params.day added: {"default": "1", "choices": [], "description": ""}'],
        ),
        ({"settings": {"max_active": 3}}, ["max_active: 1 → 3"]),
        ({"settings": {"task_timeout": 60.0}}, ["task_timeout: none → 60.0"]),
        ({"settings": {"execution_timeout": None}}, ["execution_timeout: 86400.0 → none"]),
        ({"file_settings": {"max_active": 1}}, ["max_active, set by: default → file"]),
        ({"tasks": (DUMP,)}, ["task upload removed"]),
        ({"tasks": (DUMP, UPLOAD, TaskDefinition("ping", run="ping"))}, ["task ping added: ping"]),
        ({"tasks": (UPLOAD, DUMP)}, ['order of tasks: ["dump", "upload"] → ["upload", "dump"]']),
        ({"tasks": (replace(DUMP, run="pg_dump -v"), UPLOAD)}, ["task dump: run: pg_dump → pg_dump -v"]),
        ({"tasks": (replace(DUMP, line=77), UPLOAD)}, []),
        ({"tasks": (DUMP, replace(UPLOAD, needs=()))}, ["task upload: needs removed"]),
        (
            {"tasks": (DUMP, replace(UPLOAD, run_when=RunWhen.ALWAYS))},
            ["task upload: run_when: success → always"],
        ),
        ({"tasks": (replace(DUMP, env={"X": "1"}), UPLOAD)}, ["task dump: env.X added: 1"]),
        (
            {"tasks": (replace(DUMP, settings={"task_timeout": None}), UPLOAD)},
            ["task dump: task_timeout added: none"],
        ),
    ],
)
def test_differences_in_words(changes: dict[str, Any], said: list[str]) -> None:
    assert texts(replace(JOB, **changes)) == said


def test_the_other_way_round_it_is_the_other_way_round() -> None:
    assert texts(JOB, replace(JOB, tasks=(DUMP,))) == ['task upload added: ["rsync", "-a"]']


def test_json() -> None:
    (difference,) = differences(JOB, replace(JOB, tasks=(DUMP,)))
    assert difference == Difference(Kind.REMOVED, "task upload", ["rsync", "-a"], None)
    assert difference.to_json() == {
        "kind": "removed", "what": "task upload", "before": ["rsync", "-a"], "after": None,
    }  # fmt: skip


def test_of_code_the_hash_tells_that_it_differs() -> None:
    one, other = (replace(JOB, code=Code("/jobs/backup.py", text)) for text in ("a = 1\n", "a = 2\n"))
    (difference,) = differences(one, other)
    assert (difference.kind, difference.what) == (Kind.CHANGED, "code")
    assert len(difference.before) == len(difference.after) == 12
    assert differences(one, one) == []
