"""Pure: what is said of an occasion, as a title, a short text and the document that programs are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jobistemer_tui.domain.durations import duration_text
from jobistemer_tui.domain.records import Detail, JobTally
from jobistemer_tui.jobfiles.reading import printable

MAX_TASKS = 20
MAX_LINE = 500


def document(event: str, report: Detail, tally: JobTally) -> Detail:
    """The report with `event`, `title`, `text`, the number of `failures` in a row and, of missed runs, `missed`.

    Title and text hold nothing that a terminal or a mail header would obey.
    """
    told = {**report, "event": event, "failures": tally.failures}
    title = _clean(f"{report['job']} {_words(event, told)}")
    return {**told, "title": title, "text": "\n".join(_clean(line) for line in (title, "", *_lines(told)))}


def _words(event: str, report: Mapping[str, Any]) -> str:
    match event:
        case "start" | "on_start":
            return "started"
        case "failure":
            failures = report["failures"]
            again = f" ({failures} times in a row)" if failures > 1 else ""
            return f"{_status(report)}{again}"
        case "recovery":
            return "works again"
        case "missed":
            count = report.get("missed", 1)
            return "missed a run" if count == 1 else f"missed {count} runs"
        case "skipped":
            return "skipped a run"
        case "slow":
            return "takes longer than usual"
        case "no_success":
            return f"has had no success for {duration_text(report['silent_s'])}"
        case _:
            return _status(report)


def _status(report: Mapping[str, Any]) -> str:
    return str(report["status"]).replace("_", " ")


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    facts = (
        ("run", report.get("occurrence")),
        ("scheduled", report.get("scheduled_at")),
        ("started", report.get("started_at")),
        ("ended", report.get("finished_at")),
        ("took", _length(report.get("duration_s"))),
        ("usual limit", _length(report.get("slow_after_s"))),
        ("status", report.get("status")),
        ("reason", report.get("reason")),
        ("last success", report.get("since")),
    )
    for name, value in facts:
        if value is not None:
            yield f"{name}: {value}"
    yield from _task_lines(report.get("tasks", ()))
    if report.get("occurrence"):
        yield ""
        yield f"jobistemer logs {report['occurrence']}"


def _length(seconds: float | None) -> str | None:
    return None if seconds is None else duration_text(seconds)


def _task_lines(tasks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    bad = [task for task in tasks if task["status"] not in ("success", "pending", "running")]
    for task in bad[:MAX_TASKS]:
        because = f", because of {', '.join(task['because_of'])}" if task["because_of"] else ""
        errors = [attempt["error"] for attempt in task["attempts"] if attempt["error"]]
        yield f"task {task['name']}: {task['status']}{because}" + (f", {errors[-1]}" if errors else "")
    if len(bad) > MAX_TASKS:
        yield f"and {len(bad) - MAX_TASKS} more tasks"


def _clean(line: str) -> str:
    return printable(line)[:MAX_LINE]
