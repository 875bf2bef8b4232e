"""The edges that a file draws, or that its mode draws for it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from jobistemer_tui.domain.job import RunWhen, TasksMode
from jobistemer_tui.jobfiles.graph import TaskShape, circle, complete_needs
from tests.jobfiles.reading_files import read_job

A, B, C, D = (TaskShape(name) for name in "abcd")
CLEAN = TaskShape("z", run_when=RunWhen.ALWAYS)
SWEEP = TaskShape("y", run_when=RunWhen.ALWAYS)


@pytest.mark.parametrize(
    ("tasks", "mode", "edges"),
    [
        ([A], TasksMode.SEQUENTIAL, {"a": ()}),
        ([A, B, C], TasksMode.SEQUENTIAL, {"a": (), "b": ("a",), "c": ("b",)}),
        ([A, B, CLEAN], TasksMode.SEQUENTIAL, {"a": (), "b": ("a",), "z": ("b",)}),
        ([A, CLEAN, B], TasksMode.SEQUENTIAL, {"a": (), "z": ("a",), "b": ("a", "z")}),
        ([A, CLEAN, SWEEP, B], TasksMode.SEQUENTIAL, {"a": (), "z": ("a",), "y": ("z",), "b": ("a", "y")}),
        ([CLEAN, A], TasksMode.SEQUENTIAL, {"z": (), "a": ("z",)}),
        ([A, B], TasksMode.PARALLEL, {"a": (), "b": ()}),
        ([CLEAN, A, B], TasksMode.PARALLEL, {"z": ("a", "b"), "a": (), "b": ()}),
        ([A, CLEAN, SWEEP], TasksMode.PARALLEL, {"a": (), "z": ("a",), "y": ("a",)}),
        ([A, B, TaskShape("c", ("a", "a"))], TasksMode.SEQUENTIAL, {"a": (), "b": (), "c": ("a",)}),
        ([A, TaskShape("b", ()), C], TasksMode.SEQUENTIAL, {"a": (), "b": (), "c": ()}),
        ([A, CLEAN, TaskShape("c", ("a",))], TasksMode.PARALLEL, {"a": (), "z": (), "c": ("a",)}),
    ],
)
def test_edges(tasks: list[TaskShape], mode: TasksMode, edges: dict[str, tuple[str, ...]]) -> None:
    assert complete_needs(tasks, mode) == edges


def test_a_circle_is_named_in_the_direction_of_need() -> None:
    needs = {"a": ("b",), "b": ("c",), "c": ("a",), "d": ("a",)}
    found = circle(needs)
    assert found[0] == found[-1]
    assert len(found) == 4
    for task, needed in pairwise(found):
        assert needed in needs[task]


def test_no_circle() -> None:
    assert circle({"a": ("b",), "b": ()}) == []


def test_a_definition_has_the_edges_of_its_mode(tmp_path: Path) -> None:
    text = "[jobs.a]\n{}\ntasks = [{{name='a', run='x'}}, {{name='b', run='x'}}]\n"
    assert [task.needs for task in read_job(tmp_path, text.format("")).tasks] == [(), ("a",)]
    assert [task.needs for task in read_job(tmp_path, text.format("tasks_mode='parallel'")).tasks] == [(), ()]
