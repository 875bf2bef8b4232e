"""A comparison as JSON."""

from __future__ import annotations

from typing import Any

from jobistemer_tui.operations.compare.model import Comparison, LogDifference, Side
from jobistemer_tui.operations.json_shapes import attempt_json


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Everything that a comparison holds; numbers of lines count from 1."""
    return {
        "why": found.why or None,
        "before": _side_json(found.before),
        "after": _side_json(found.after),
        "facts": [
            {"name": fact.name, "before": fact.before, "after": fact.after, "differs": fact.differs}
            for fact in found.facts
        ],
        "environment": [
            {"name": one.name, "before": one.there, "after": one.here, "secret": one.secret, "kind": _KINDS[one.kind]}
            for one in found.environment
        ],
        "definition": [difference.to_json() for difference in found.definition],
        "log": _log_json(found.log),
        "notes": list(found.notes),
    }


_KINDS = {"same": "same", "different": "different", "only_there": "only_before", "only_here": "only_after"}


def _side_json(side: Side) -> dict[str, Any]:
    row = side.occurrence
    return {"job": row.job, "occurrence": str(row.id), "task": side.task, "attempt": attempt_json(side.attempt)}


def _log_json(log: LogDifference) -> dict[str, Any]:
    return {
        "before": {"state": log.before_state.value, "lines": log.before_lines, "left_out": log.before_left_out},
        "after": {"state": log.after_state.value, "lines": log.after_lines, "left_out": log.after_left_out},
        "removed": log.removed,
        "added": log.added,
        "same": log.same,
        "hunks": [
            [
                {"kind": line.kind.value, "before": _number(line.before), "after": _number(line.after),
                 "text": line.text}
                for line in hunk
            ]
            for hunk in log.hunks
        ],
    }  # fmt: skip


def _number(index: int | None) -> int | None:
    return None if index is None else index + 1
