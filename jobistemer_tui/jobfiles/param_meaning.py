"""What is wrong among the parameters of a job: names, choices and defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jobistemer_tui.domain.params import is_valid_name
from jobistemer_tui.jobfiles.source import Document, Path, Problem
from jobistemer_tui.jobfiles.words import hint_about, shown

Table = Mapping[str, Any]
_NAME_HINT = "1 to 64 letters, digits or _, not beginning with a digit"


def param_problems(document: Document, job: Table, path: Path) -> Iterator[Problem]:
    """All problems among the parameters of the job at `path`, of whatever types its values are."""
    params = job.get("params")
    if not isinstance(params, dict):
        return
    seen: dict[str, str] = {}
    for name, param in params.items():
        at = (*path, "params", name)
        if not is_valid_name(name):
            message = f"{shown(name)} cannot name a parameter"
            yield Problem(document.spot(at).key, message, _NAME_HINT, code="params")
        folded = name.upper()
        if folded in seen:
            message = f"the parameters {shown(seen[folded])} and {shown(name)} would be the same variable"
            yield Problem(document.spot(at).key, message, "rename one of them", code="params")
        seen.setdefault(folded, name)
        if isinstance(param, dict):
            yield from _value_problems(document, job, param, at)


def _value_problems(document: Document, job: Table, param: Table, path: Path) -> Iterator[Problem]:
    default, choices = param.get("default"), param.get("choices")
    if choices == []:
        spot = document.spot((*path, "choices"))
        yield Problem(spot.at, "choices: must not be empty", "leave it out where any text will do", code="params")
    elif isinstance(choices, list) and isinstance(default, str) and default not in choices:
        known = [choice for choice in choices if isinstance(choice, str)]
        message = f"the default {shown(default)} is none of the choices"
        yield Problem(document.spot((*path, "default")).at, message, hint_about(default, known), code="params")
    if "default" not in param and job.get("schedule") is not None:
        message = f"the parameter {shown(path[-1])} of a job with a schedule needs a default"
        yield Problem(
            document.spot(path).key, message, 'write default = "…": nobody is asked at its times', code="params"
        )
