"""A job's settings and figures as JSON."""

from __future__ import annotations

from typing import Any

from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.operations.configuration import Configuration
from jobistemer_tui.operations.statistics import Spread, Statistics


def configuration_json(found: Configuration) -> dict[str, Any]:
    """Every setting with what each level says, the weakest first; the last is in force. `task` is null for the job."""
    return {
        "job": found.job,
        "version": found.version,
        "file": found.file,
        "line": found.line,
        "settings": [
            {
                "task": section.task,
                "name": one.name,
                "value": one.value,
                "origin": one.origin,
                "levels": [{"origin": origin, "value": value} for origin, value in one.layers],
            }
            for section in found.sections
            for one in section.settings
        ],
    }


def statistics_json(found: Statistics) -> dict[str, Any]:
    """The figures, lengths in seconds; `runs` the oldest first."""
    return {
        "job": found.job,
        "considered": len(found.runs),
        "total": found.total,
        "good": found.good,
        "bad": found.bad,
        "success_rate": found.rate,
        "streak": found.streak,
        "retries": found.retries,
        "retried_runs": found.retried,
        "seconds": _spread_json(found.seconds),
        "lateness": _spread_json(found.late),
        "counts": {state.value: count for state, count in found.counts.items()},
        "ever": dict(found.ever),
        "runs": [
            {"id": str(run.id), "scheduled_at": instant_text(run.at), "status": run.status.value,
             "seconds": run.seconds, "lateness": run.late, "retries": run.retries}
            for run in found.runs
        ],
    }  # fmt: skip


def _spread_json(found: Spread | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {
        "count": found.count, "min": found.least, "median": found.median, "p95": found.p95, "max": found.most,
        "mean": found.mean,
    }  # fmt: skip
