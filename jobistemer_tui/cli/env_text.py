"""A comparison of environments as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from jobistemer_tui.cli.tables import aligned
from jobistemer_tui.operations.clean_text import clean_text
from jobistemer_tui.operations.environment import Environment, Variable

_WIDEST = 300
_INTO = {
    "toml": "These lines, in {file}, give the job what this shell has; where it has an env already, add to that:",
    "yaml": "These lines, in {file}, give the job what this shell has; where it has an env already, add to that:",
    "py": "These arguments of its decorator, in {file}, give the job what this shell has:",
}


def environment_json(found: Environment) -> dict[str, Any]:
    """Everything, with the kind of each variable."""
    variables = [{**asdict(one), "kind": one.kind} for one in found.variables]
    for one in variables:
        del one["same"]
    return {**asdict(found), "variables": variables, "assumed": found.engine is None}


def environment_lines(found: Environment, *, everything: bool) -> Iterator[str]:
    """The report for people: `job` is the scheduled task, `shell` where the command is run."""
    yield from _head(found)
    yield from _path(found)
    shown = [one for one in found.variables if everything or not one.session]
    yield from _pairs("different", [one for one in shown if one.kind == "different"])
    yield from _singles("only in the job", [one for one in shown if one.kind == "only_there"], "there")
    yield from _singles("only in this shell", [one for one in shown if one.kind == "only_here"], "here")
    if everything:
        yield from _singles("the same", [one for one in shown if one.kind == "same"], "here")
    yield from _facts(found)
    left_out = [one.name for one in found.variables if one.session and one.kind != "same"]
    if left_out and not everything:
        yield ""
        yield f"left out as the terminal's own: {_clean(', '.join(left_out))}"
    yield from _offer(found)


def _head(found: Environment) -> Iterator[str]:
    more = [task for task in found.tasks if task != found.task]
    yield f"{found.job}, task {found.task}: as it is scheduled (job) and here (shell)"
    if more:
        yield f"  other tasks, for --task: {', '.join(more)}"
    if found.engine is None:
        yield "  no engine serves this home: the job's side is that of an engine which is started from this shell"
    else:
        yield f"  the job's side is that of the engine that serves, process {found.engine}"
    yield "  beside these a task finds the JOBISTEMER_ variables of its run"


def _path(found: Environment) -> Iterator[str]:
    yield ""
    if all(entry.there and entry.here for entry in found.path) and not found.path_order_differs:
        yield "PATH: the same"
        return
    yield "PATH"
    for entry in found.path:
        where = "both " if entry.there and entry.here else "job  " if entry.there else "shell"
        yield f"  {where}  {_clean(entry.folder) or '(empty: the folder itself)'}"
    if found.path_order_differs:
        yield "  the folders that both have are looked through in another order"


def _pairs(title: str, variables: list[Variable]) -> Iterator[str]:
    if variables:
        yield from ("", title)
    for one in variables:
        yield f"  {_clean(one.name)}"
        yield f"    job    {_clean(one.there or '')}"
        yield f"    shell  {_clean(one.here or '')}"


def _singles(title: str, variables: list[Variable], side: str) -> Iterator[str]:
    if variables:
        yield from ("", title)
    rows = [(f"  {_clean(one.name)}", _clean(getattr(one, side) or "")) for one in variables]
    yield from aligned(rows)


def _facts(found: Environment) -> Iterator[str]:
    yield from ("", "beside variables")
    rows = [("", "JOB", "SHELL")]
    rows += [(f"  {fact.name}", _clean(fact.there), _clean(fact.here)) for fact in found.facts]
    yield from aligned(rows)


def _offer(found: Environment) -> Iterator[str]:
    yield ""
    if not found.lines:
        yield "The job file needs no more lines: what the shell has beside, it has too."
        return
    yield _INTO[found.format].format(file=_clean(found.file))
    yield ""
    yield from (_clean(line, limit=None) for line in _indented(found.lines.splitlines()))


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" if line else "" for line in lines)


def _clean(text: str, limit: int | None = _WIDEST) -> str:
    return clean_text(text, limit=limit)
