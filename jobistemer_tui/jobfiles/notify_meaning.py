"""Warnings about rules that cannot tell anybody as things are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jobistemer_tui.jobfiles.source import Document, Path, Problem


def mail_problems(document: Document) -> Iterator[Problem]:
    """A warning for each rule that sends mail, for a `config.toml` that names no server."""
    tables = [("defaults",), *(("jobs", name) for name in document.data.get("jobs", {}))]
    for table in tables:
        for path, rule in _rules(document.data, (*table, "notify")):
            if isinstance(rule, dict) and "mail" in rule:
                at = document.spot((*path, "mail")).key
                hint = "write host and sender under [mail] in config.toml, see: jobistemer docs notifications"
                yield Problem(at, "mail: no server is set, so nobody is told", hint, "warning", "no_mail_server")


def _rules(data: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """The rules at a path, one or a list of them."""
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    if isinstance(data, list):
        yield from (((*path, number), rule) for number, rule in enumerate(data))
    else:
        yield path, data
