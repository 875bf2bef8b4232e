"""What `show` prints of a job's settings and of what its runs add up to."""

from __future__ import annotations

from collections.abc import Iterator

from jobistemer_tui.cli import output
from jobistemer_tui.domain.durations import took_text
from jobistemer_tui.operations.configuration import ORIGINS, Configuration, Setting
from jobistemer_tui.operations.job_shapes import configuration_json, statistics_json
from jobistemer_tui.operations.statistics import BAD, GOOD, Spread, Statistics


def show_settings(found: Configuration, as_json: bool) -> None:
    """Every setting, its value, the level that says so, and what it overrides."""
    if as_json:
        output.as_json(configuration_json(found))
        return
    for number, section in enumerate(found.sections):
        if number:
            output.line("")
        output.line(f"{section.title}:")
        output.table(("SETTING", "VALUE", "SET BY", "INSTEAD OF"), [_setting_cells(one) for one in section.settings])


def _setting_cells(one: Setting) -> tuple[str, ...]:
    overridden = ", ".join(f"{value} ({ORIGINS[origin]})" for origin, value in one.overridden)
    return (one.name, one.value, ORIGINS[one.origin], overridden or "-")


def show_stats(found: Statistics, as_json: bool) -> None:
    """Figures, then the days."""
    if as_json:
        output.as_json(statistics_json(found))
        return
    for name, value in _figures(found):
        output.line(f"{name + ':':<14}{value}")
    days = [
        (
            f"{day.day.astimezone():%Y-%m-%d}", sum(day.counts.values()),
            sum(day.counts.get(state, 0) for state in GOOD), sum(day.counts.get(state, 0) for state in BAD),
            "-" if day.seconds is None else took_text(day.seconds),
        )
        for day in found.days
    ]  # fmt: skip
    if days:
        output.line("")
        output.table(("DAY", "RUNS", "GOOD", "BAD", "MEDIAN"), [[str(cell) for cell in day] for day in days])


def _figures(found: Statistics) -> Iterator[tuple[str, str]]:
    yield "job", found.job
    yield "of", f"the newest {len(found.runs)} of {found.total} stored runs"
    rate = "-" if found.rate is None else f"{found.rate:.1%} ({found.good} good, {found.bad} bad)"
    yield "success", rate
    yield "took", _spread(found.seconds)
    yield "late", _spread(found.late)
    yield "retries", f"{found.retries} tries beyond the first, in {found.retried} runs"
    yield "runs", ", ".join(f"{count} {state.value}" for state, count in found.counts.items()) or "-"
    yield "ever", ", ".join(f"{count} {state}" for state, count in sorted(found.ever.items())) or "-"


def _spread(found: Spread | None) -> str:
    if found is None:
        return "-"
    figures = (("median", found.median), ("p95", found.p95), ("most", found.most), ("least", found.least))
    return ", ".join(f"{name} {took_text(value)}" for name, value in figures)
