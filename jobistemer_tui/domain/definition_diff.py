"""Pure: what changed between two versions of a job, for people and as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from jobistemer_tui.domain.cascade import Effective, Settings, effective_settings
from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.domain.policies import SettingValue
from jobistemer_tui.settings.quick_dataclass import dataclass

_NOT_COMPARED = frozenset({"key", "settings", "file_settings", "config_settings", "tasks", "line"})
_TABLES = frozenset({"env", "params"})


class Kind(StrEnum):
    """What became of a part of the definition."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that is new, gone or other: `what` names it, for example `task dump: run` or `retry_policy.max_retries`.

    `before` and `after` are JSON values, None where there is none.
    """

    kind: Kind
    what: str
    before: Any = None
    after: Any = None

    @property
    def text(self) -> str:
        """In words, in one line."""
        if self.kind is Kind.ADDED:
            return f"{self.what} added: {_shown(self.after)}"
        if self.kind is Kind.REMOVED:
            return f"{self.what} removed"
        return f"{self.what}: {_shown(self.before)} → {_shown(self.after)}"

    def to_json(self) -> dict[str, Any]:
        """The fields by their names."""
        return {"kind": self.kind.value, "what": self.what, "before": self.before, "after": self.after}


def differences(old: JobDefinition, new: JobDefinition) -> list[Difference]:
    """All that differs, in the order: the job's own words, its settings, its tasks.

    A setting of the job is compared by its effective value, and by the level that sets it.
    """
    before, after = _compared(old), _compared(new)
    return [
        *_fields("", before, after),
        *_settings(effective_settings(old.levels), effective_settings(new.levels)),
        *_tasks(old, new, before["tasks"], after["tasks"]),
    ]


def _compared(definition: JobDefinition) -> dict[str, Any]:
    """The definition as JSON; of code its hash is enough to see that it differs."""
    value = definition.to_json()
    if definition.code is not None:
        value["code"] = hashlib.sha256(definition.code.text.encode()).hexdigest()[:12]
    return value


def _settings(old: Mapping[str, Effective], new: Mapping[str, Effective]) -> Iterator[Difference]:
    for name, after in new.items():
        before = old[name]
        if before.value != after.value:
            yield Difference(Kind.CHANGED, name, _value(before.value), _value(after.value))
        elif before.origin != after.origin:
            yield Difference(Kind.CHANGED, f"{name}, set by", before.origin, after.origin)


def _tasks(
    old: JobDefinition, new: JobDefinition, old_json: Sequence[Any], new_json: Sequence[Any]
) -> Iterator[Difference]:
    before = {task.name: (task, value) for task, value in zip(old.tasks, old_json, strict=True)}
    after = {task.name: (task, value) for task, value in zip(new.tasks, new_json, strict=True)}
    for name in before:
        if name not in after:
            yield Difference(Kind.REMOVED, f"task {name}", _what(before[name][0]), None)
    for name, (task, value) in after.items():
        prefix = f"task {name}: "
        if name not in before:
            yield Difference(Kind.ADDED, f"task {name}", None, _what(task))
            continue
        yield from _fields(prefix, before[name][1], value)
        yield from _entries(prefix, _values(before[name][0].settings), _values(task.settings))
    kept_before, kept_after = [name for name in before if name in after], [name for name in after if name in before]
    if kept_before != kept_after:
        yield Difference(Kind.CHANGED, "order of tasks", kept_before, kept_after)


def _values(settings: Settings) -> dict[str, Any]:
    return {name: _value(value) for name, value in settings.items()}


def _value(value: SettingValue) -> Any:
    """A setting as JSON; one that was switched off differs from one that is not set."""
    return "none" if value is None else value


def _what(task: TaskDefinition) -> Any:
    return task.run if task.run is not None else task.python or list(task.command)


def _fields(prefix: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if name in _NOT_COMPARED or before == after:
            continue
        if name in _TABLES:
            yield from _entries(f"{prefix}{name}.", before or {}, after or {})
        else:
            yield _difference(prefix + name, before, after)


def _entries(prefix: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield _difference(prefix + name, old.get(name), new.get(name))


def _difference(what: str, before: Any, after: Any) -> Difference:
    if before in (None, "", [], {}):
        return Difference(Kind.ADDED, what, before, after)
    if after in (None, "", [], {}):
        return Difference(Kind.REMOVED, what, before, after)
    return Difference(Kind.CHANGED, what, before, after)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
