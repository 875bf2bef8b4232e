"""A stored version of a job as text that a person can read: its definition as JSON, the code of a Python file as is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jobistemer_tui.operations.environment import MASK, looks_secret


def definition_text(definition: Mapping[str, Any]) -> str:
    """The whole definition, in lines; values of variables that look like a secret are masked."""
    shown = {**definition, "env": _masked(definition.get("env", {}))}
    shown["tasks"] = [{**task, "env": _masked(task.get("env", {}))} for task in definition.get("tasks", [])]
    code = shown.pop("code", None)
    text = json.dumps(shown, indent=2, ensure_ascii=False)
    return text if code is None else f"{text}\n\n# {code['path']}, as it was published:\n\n{code['text']}"


def _masked(env: Mapping[str, str]) -> dict[str, str]:
    return {name: MASK if looks_secret(name, value) else value for name, value in env.items()}
