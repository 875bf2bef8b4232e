"""What is wrong among the tasks of a job: names, what they run, and the edges between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jobistemer_tui.domain.job import RunWhen
from jobistemer_tui.jobfiles.graph import TaskShape, circle, draws_by_hand
from jobistemer_tui.jobfiles.source import Document, Path, Problem
from jobistemer_tui.jobfiles.words import hint_about, shown

Table = Mapping[str, Any]
MAX_NAMED = 12
WORK = ("run", "command", "python")


def task_problems(document: Document, job: Table, path: Path) -> Iterator[Problem]:
    """All problems among the tasks of the job at `path`, of whatever types its values are."""
    yield from _body_problems(document, job, path)
    tasks = job.get("tasks")
    named = {}
    if isinstance(tasks, list):
        named = {number: task for number, task in enumerate(tasks) if isinstance(task, dict)}
    for number, task in named.items():
        yield from _work_problems(document, task, (*path, "tasks", number))
        yield from _twice_problems(document, task, (*path, "tasks", number))
    yield from _name_problems(document, named, path)
    yield from _edge_problems(document, named, path)


def _body_problems(document: Document, job: Table, path: Path) -> Iterator[Problem]:
    short = [word for word in WORK if word in job]
    if "tasks" in job and short:
        spot = document.spot((*path, short[0]))
        yield Problem(spot.key, f"a job has tasks or {short[0]}, not both", "make it a task of its own", code="tasks")
    elif not short and ("tasks" not in job or job["tasks"] == []):
        hint = 'write run = "a shell line", or [[jobs.NAME.tasks]]'
        yield Problem(document.spot(path).key, f"the job {shown(path[-1])} has nothing to do", hint, code="tasks")
    elif short:
        yield from _work_problems(document, job, path)
    if job.get("command") == []:
        yield from _empty_command(document, path)
    yield from _twice_problems(document, job, path)


def _work_problems(document: Document, task: Table, path: Path) -> Iterator[Problem]:
    """Exactly one of `run`, `command` and `python`, and arguments only for the last."""
    given = [word for word in WORK if word in task]
    if given[1:]:
        spot = document.spot((*path, given[1]))
        message = f"{given[0]} and {given[1]} exclude each other"
        yield Problem(spot.key, message, "keep one of the two", code="tasks")
    elif not given:
        name = shown(task.get("name", "without a name"))
        hint = 'write run = "a shell line" or command = ["program", "argument"]'
        yield Problem(document.spot(path).key, f"the task {name} has nothing to do", hint, code="tasks")
    elif task.get("command") == [] and "tasks" in path:
        yield from _empty_command(document, path)
    for word in ("args", "kwargs"):
        if word in task and "python" not in task:
            spot = document.spot((*path, word))
            yield Problem(spot.key, f"{word} belongs to python", "put arguments into command", code="tasks")


def _twice_problems(document: Document, table: Table, path: Path) -> Iterator[Problem]:
    """A variable that is said to be a secret and is written out beside it."""
    env, secrets = table.get("env"), table.get("secrets")
    if isinstance(secrets, dict) and isinstance(env, dict):
        for name in secrets.keys() & env.keys():
            spot = document.spot((*path, "secrets", name))
            yield Problem(spot.key, f"{shown(name)} is in env and in secrets", "keep the secret", code="secrets")


def _empty_command(document: Document, path: Path) -> Iterator[Problem]:
    spot = document.spot((*path, "command"))
    yield Problem(spot.at, "command: must not be empty", 'write ["program", "argument"]', code="value")


def _name_problems(document: Document, tasks: Mapping[int, Table], path: Path) -> Iterator[Problem]:
    lines: dict[str, int] = {}
    for number, task in tasks.items():
        name = task.get("name")
        if not isinstance(name, str):
            continue
        offset = document.spot((*path, "tasks", number, "name")).at
        if name in lines:
            message = f"two tasks are named {shown(name)}; the first is at line {lines[name]}"
            yield Problem(offset, message, "rename one of them", code="tasks")
        lines.setdefault(name, document.source.place(offset)[0])


def task_shapes(tasks: Sequence[Table]) -> list[TaskShape]:
    """The tasks that have a name, as far as edges are concerned."""
    return [_shape(task) for task in tasks if isinstance(task.get("name"), str)]


def _shape(task: Table) -> TaskShape:
    needs = task.get("needs")
    listed = tuple(need for need in needs if isinstance(need, str)) if isinstance(needs, list) else None
    return TaskShape(task["name"], listed, str(task.get("run_when", RunWhen.SUCCESS)))


def _edge_problems(document: Document, tasks: Mapping[int, Table], path: Path) -> Iterator[Problem]:
    shapes = task_shapes(list(tasks.values()))
    if not draws_by_hand(shapes):
        return
    names = [shape.name for shape in shapes]
    for number, task in tasks.items():
        yield from _needs_problems(document, task, (*path, "tasks", number), names)
    yield from _circle_problems(document, tasks, path, shapes)


def _needs_problems(document: Document, task: Table, path: Path, names: Sequence[str]) -> Iterator[Problem]:
    needs = task.get("needs")
    for index, need in enumerate(needs if isinstance(needs, list) else ()):
        offset = document.spot((*path, "needs", index)).at
        if need == task.get("name"):
            yield Problem(offset, f"the task {shown(need)} needs itself", "remove it", code="needs")
        elif isinstance(need, str) and need not in names:
            hint = hint_about(need, names) or "the tasks are " + ", ".join([*names[:MAX_NAMED], "…"][: len(names)])
            yield Problem(offset, f"needs: there is no task {shown(need)}", hint, code="needs")
    if needs in (None, []) and task.get("run_when") == RunWhen.ALWAYS:
        offset = document.spot((*path, "run_when")).at
        message = f"the task {shown(task.get('name'))} needs nothing, so it runs at once and cleans up nothing"
        yield Problem(offset, message, "name in needs what it cleans up after", "warning", "needs")


def _circle_problems(
    document: Document, tasks: Mapping[int, Table], path: Path, shapes: Sequence[TaskShape]
) -> Iterator[Problem]:
    names = {shape.name for shape in shapes}
    edges = {shape.name: [need for need in shape.needs or () if need in names - {shape.name}] for shape in shapes}
    found = circle(edges)
    if not found:
        return
    number = next(number for number, task in tasks.items() if task.get("name") == found[0])
    offset = document.spot((*path, "tasks", number, "needs")).at
    message = "the tasks need each other in a circle: " + " → ".join(
        [*found[:MAX_NAMED], "…"] if len(found) > MAX_NAMED else found
    )
    yield Problem(offset, message, "remove one of these needs", code="needs")
