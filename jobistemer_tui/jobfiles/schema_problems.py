"""What the schema has to say about a document, as problems with their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from jobistemer_tui.domain.policies import DEFAULTS
from jobistemer_tui.jobfiles import notify_schema, schema
from jobistemer_tui.jobfiles.source import Document, Path, Problem
from jobistemer_tui.jobfiles.words import hint_about, shown

_MODELS: Mapping[object, type[BaseModel]] = {
    "retry_policy": schema.RetryPolicy,
    "recovery_window": schema.RecoveryWindow,
    "keep": schema.Keep,
    "concurrency_group": schema.ConcurrencyGroup,
    **notify_schema.MODELS,
}
_RETRY_WORDS = frozenset(schema.RetryPolicy.model_fields)
_TASK_WORDS = frozenset(schema.Task.model_fields)
_JOB_WORDS = frozenset(schema.Job.model_fields)


def schema_problems(document: Document, error: ValidationError, top: type[BaseModel]) -> Iterator[Problem]:
    """All errors of a validation against the model `top`."""
    for found in error.errors(include_url=False):
        yield _problem(document, found, top)


def _problem(document: Document, found: Mapping[str, Any], top: type[BaseModel]) -> Problem:
    path: Path = found["loc"]
    if "secrets" in path and found["type"] in _WRITTEN_OUT:
        return replace(_problem_at(document, {**found, "input": _SECRET}, top, path), private=True)
    return _problem_at(document, found, top, path)


def _problem_at(document: Document, found: Mapping[str, Any], top: type[BaseModel], path: Path) -> Problem:
    kind, value, context = found["type"], found["input"], found.get("ctx", {})
    spot = document.spot(path)
    name = _named(path)
    if kind == "extra_forbidden":
        known = _model_at(top, path[:-1]).model_fields
        return Problem(
            spot.key, f"unknown key {shown(path[-1])}", _meant(str(path[-1]), path, known), code="unknown_key"
        )
    if kind == "missing":
        return Problem(spot.key, f"{name} is missing", _EXAMPLES.get(name, ""), code="missing")
    if kind == "list_type":
        hint = _LISTS.get(name) or (f"write [{shown(value)}]" if isinstance(value, str) else "")
        return Problem(spot.at, f"{name}: must be a list, not {shown(value)}", hint, code="value")
    if kind in ("dict_type", "model_type"):
        hint = _TABLES["secrets"] if "secrets" in path else _TABLES.get(name, "")
        if len(path) == 2 and path[0] == "jobs":
            hint = _TABLES["jobs"]
        return Problem(spot.at, f"{name}: must be a table, not {shown(value)}", hint, code="value")
    message, hint = context.get("message", found["msg"]), context.get("hint", "")
    return Problem(spot.at, f"{name}: {message}", hint, code="value", private=context.get("private", False))


_SECRET = "****"
_WRITTEN_OUT = ("model_type", "dict_type", "extra_forbidden")
"""What is said about somebody who wrote a secret where its source belongs."""
_EXAMPLES = {
    "name": 'write name = "dump"',
    "concurrency_group.name": 'write { name = "database", limit = 2 }',
}
_TABLES = {
    "retry_policy": 'write { max_retries = 3, retry_interval = "30s" }',
    "env": 'write { NAME = "text" }',
    "params": 'write params.NAME = { default = "text" }',
    "secrets": 'write secrets.NAME = { file = "path" } or { command = ["program"] }, never the secret itself',
    "jobs": "a job is a table of its own: [jobs.NAME]",
    "notify": 'write notify = [{ on = "failure", mail = "me@example.org" }]',
}


_LISTS = {
    "tasks": "each task is a table of a list: [[jobs.NAME.tasks]]",
    "notify": _TABLES["notify"],
}


def _named(path: Path) -> str:
    """The last key of a path, with the index in its list."""
    if len(path) > 1 and isinstance(path[-1], int):
        return f"{path[-2]}[{path[-1]}]"
    if path[-2:] == ("concurrency_group", "name"):  # what it is called may stand for the whole table
        return "concurrency_group.name"
    return shown(path[-1]).strip('"')


def _model_at(top: type[BaseModel], path: Path) -> type[BaseModel]:
    """The model of the table at `path`."""
    if len(path) == 4 and path[2] == "params":
        return schema.Param
    if path[-2:-1] == ("secrets",):
        return schema.Secret
    tables = [part for part in path if isinstance(part, str)]
    if tables and tables[-1] in _MODELS:
        return _MODELS[tables[-1]]
    if path == ("defaults",):
        return schema.Defaults if top is schema.JobFile else schema.JobSettings
    if path and path[0] == "jobs":
        return schema.Task if "tasks" in path[2:] else schema.Job
    return top


def _meant(word: str, path: Path, known: Mapping[str, object]) -> str:
    """A hint about an unknown key: where it belongs, the nearest known word, or all of them."""
    if word in _RETRY_WORDS:
        return f"it belongs into retry_policy = {{ {word} = … }}"
    if len(path) == 3 and path[0] == "jobs" and word in _TASK_WORDS:
        return "it belongs to a task: [[jobs.NAME.tasks]]"
    if "tasks" in path[2:] and word in _JOB_WORDS:
        return "it belongs to the job, not to a task"
    if path[0] == "defaults" and word in _JOB_WORDS:
        return "it belongs to a job, not to the defaults"
    if len(path) == 1 and (word in _JOB_WORDS or word in DEFAULTS):
        return f"it belongs to a job or to the defaults: [jobs.NAME] or [defaults] {word} = …"
    if path == ("jobs",):
        return "jobs stand in files of their own, in the folder jobs beside this one"
    if len(path) == 1 and "jobs" in known:
        return hint_about(word, known) or "a job is a table [jobs.NAME]; the top of a file has only defaults and jobs"
    return hint_about(word, known) or "known are " + ", ".join(sorted(known))
