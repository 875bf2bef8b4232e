"""The steps of a backfill, for people and as JSON."""

from __future__ import annotations

from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.engine.backfill import Act, Step
from jobistemer_tui.operations.json_shapes import Json


def step_words(step: Step) -> str:
    """What is done about a slot, in words."""
    match step.act:
        case Act.RUN:
            return "runs"
        case Act.REPLAY:
            return f"runs again; it was {_fate(step)}"
        case Act.OPEN:
            return f"is left alone; it is {_fate(step)}"
        case Act.LEFT_OUT:
            return f"is left out by its schedule{f': {step.why}' if step.why else ''}"


def step_json(step: Step) -> Json:
    """A slot, what is done about it, and the fate that it has."""
    reason = step.missed.reason if step.missed is not None else step.row.reason if step.row is not None else None
    return {
        "at": instant_text(step.instant),
        "act": step.act.value,
        "status": _status(step),
        "reason": None if reason is None else reason.value,
        "occurrence": None if step.row is None else str(step.row.id),
    }


def _status(step: Step) -> str | None:
    if step.missed is not None:
        return "missed"
    return None if step.row is None else step.row.state.value


def _fate(step: Step) -> str:
    reason = step_json(step)["reason"]
    return f"{_status(step)}{f' ({reason})' if reason else ''}"
