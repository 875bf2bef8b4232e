"""What is known of an attempt, as a narrow list beside its log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from rich.text import Text

from jobistemer_tui.domain.sizes import size_text
from jobistemer_tui.operations.read_models import LogPlace
from jobistemer_tui.tui.presentation.durations import short_duration, took
from jobistemer_tui.tui.presentation.fitting import shown
from jobistemer_tui.tui.presentation.job_rows import Viewpoint
from jobistemer_tui.tui.presentation.moments import moment_text
from jobistemer_tui.tui.presentation.reasons import REASON_WORDS, TRIGGER_WORDS
from jobistemer_tui.tui.presentation.status_marks import mark_of

_NAME_CELLS = 10


def facts_text(place: LogPlace, view: Viewpoint, zone: tzinfo | None, width: int) -> Text:
    """One fact a row: `Exit      23`; times in `zone` (None: of this machine)."""
    mark = mark_of(place.attempt.status)
    text = Text(no_wrap=True, end="")
    text.append_text(mark.text(dark=view.dark, label=True))
    text.append(f"  try {place.attempt.number}")
    for name, value in _facts(place, view.now, zone):
        text.append(f"\n{name:<{_NAME_CELLS}}", "dim")
        text.append(shown(value, max(width - _NAME_CELLS, 4)))
    return text


def _facts(place: LogPlace, now: datetime, zone: tzinfo | None) -> Iterator[tuple[str, str]]:
    attempt = place.attempt
    if attempt.exit_code is not None:
        yield "Exit", str(attempt.exit_code)
    if attempt.signal is not None:
        yield "Signal", str(attempt.signal)
    if attempt.reason is not None:
        yield "Reason", REASON_WORDS[attempt.reason]
    if attempt.started_at is not None:
        yield "Started", moment_text(attempt.started_at, now, zone)
    if attempt.finished_at is not None:
        yield "Ended", moment_text(attempt.finished_at, now, zone)
    yield "Took", took(attempt.started_at, attempt.finished_at, now)
    yield "Scheduled", moment_text(place.occurrence.scheduled_at, now, zone)
    yield "Trigger", TRIGGER_WORDS[place.occurrence.trigger]
    yield "Version", str(place.occurrence.version)
    if place.occurrence.node:
        yield "Node", place.occurrence.node
    yield from _resources(attempt.detail)


def _resources(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if pid := detail.get("pid"):
        yield "Process", str(pid)
    cpu = [detail[name] for name in ("user_s", "system_s") if isinstance(detail.get(name), int | float)]
    if cpu:
        yield "CPU", short_duration(sum(cpu))
    for name, key in (("Memory", "max_rss_bytes"), ("Written", "output_bytes")):
        if isinstance(value := detail.get(key), int):
            yield name, size_text(value)
