"""The names that a shell completes: of jobs, and the ids of recent runs. Imports next to nothing, see `glance`."""

from __future__ import annotations

from collections.abc import Mapping

_ID_LENGTH = 8
_DIGITS = frozenset("0123456789abcdef")


def completion_names(kind: str, prefix: str, url: str) -> Mapping[str, str]:
    """What begins with `prefix`, each with a word about it (may be empty); `kind` is `jobs`, `runs` or `names` (both).

    Of an id the first eight characters. Names that a terminal, or a list of lines, could take for something else are
    left out. Raises whatever the store's backend does.
    """
    from jobistemer_tui.storage.glance import glance_at_jobs, glance_at_runs

    found: dict[str, str] = {}
    if kind in ("jobs", "names"):
        found.update({name: "" for (name,) in glance_at_jobs(url, prefix)})
    if kind in ("runs", "names") and len(prefix) <= _ID_LENGTH and _DIGITS.issuperset(prefix):
        found.update({key.lower()[:_ID_LENGTH]: f"{job} {state}" for key, job, state in glance_at_runs(url, prefix)})
    return {name: about if about.isprintable() else "" for name, about in found.items() if name.isprintable()}
