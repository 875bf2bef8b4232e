"""Words in messages: values as the file writes them, and what somebody who wrote an unknown word may have meant."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice

from jobistemer_tui.settings.near_words import did_you_mean, nearest

MAX_COMPARED = 200
"""How many known words are compared, so that a file of thousands of errors is judged soon."""
BEGINNING = 5
"""So many letters in common tell a word apart from the others."""

_SYNONYMS = {
    "cron": "schedule", "when": "schedule", "every": "schedule", "trigger": "schedule",
    "timeout": "task_timeout", "max_runtime": "execution_timeout", "deadline": "start_deadline",
    "depends_on": "needs", "depends": "needs", "after": "needs", "requires": "needs", "dependencies": "needs",
    "environment": "env", "environ": "env", "vars": "env",
    "working_directory": "cwd", "workdir": "cwd", "working_dir": "cwd", "directory": "cwd", "dir": "cwd",
    "tz": "timezone", "time_zone": "timezone", "zone": "timezone",
    "cmd": "command", "argv": "command", "exec": "command", "script": "run", "sh": "run",
    "retry": "retry_policy", "retries": "retry_policy", "interval": "retry_interval", "delay": "retry_interval",
    "steps": "tasks", "stages": "tasks", "labels": "tags",
    "overlap": "overlap_policy", "concurrency": "max_active", "job": "jobs",
    "default": "defaults", "disabled": "enabled",
}  # fmt: skip


def hint_about(word: str, known: Collection[str]) -> str:
    """A hint that names the known word that an unknown one probably means; "" where none is near."""
    folded = {name.lower().replace("-", "_"): name for name in islice(known, MAX_COMPARED)}
    wanted = word.strip().lower().replace("-", "_").replace(" ", "_")
    synonym = _SYNONYMS.get(wanted, "")
    near = synonym if synonym in folded else _near(wanted, folded)
    return did_you_mean(folded[near]) if near else ""


def _near(wanted: str, known: Collection[str]) -> str:
    """A word with the same beginning, which is what people remember, if there is but one; else the most similar."""
    begun = [word for word in known if len(wanted) > BEGINNING and word.startswith(wanted[:BEGINNING])]
    return begun[0] if len(begun) == 1 else nearest(wanted, known)


def shown(value: object) -> str:
    """A value as the file would write it, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"
