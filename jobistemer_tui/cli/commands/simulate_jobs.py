"""`jobistemer simulate`"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import Duration, Instant, coming_instant, local_text
from jobistemer_tui.domain.durations import duration_text, parse_duration
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.simulate_forecast import (
    Down,
    Forecast,
    JobForecast,
    Load,
    SimulationQuestion,
    forecast_json,
)

_BAR = 24


@click.command("simulate")
@click.argument("jobs", nargs=-1, metavar="[JOB]...")
@click.option("--for", "length", type=Duration(), default="7d", show_default=True, help="How long a time.")
@click.option("--from", "start", type=Instant(), metavar="T", help="From this time on instead of now.")
@click.option("--down", "downs", nargs=2, multiple=True, metavar="FROM TO", help="No engine is there; may be repeated.")
@click.option("--duration", "given", multiple=True, metavar="JOB=D", help="How long each task takes; also JOB/TASK=D.")
@click.option("--slots", type=click.IntRange(1, 10_000), help="Runs at once; default: max_concurrent_jobs.")
@click.option("--seed", type=int, metavar="N", help="Draw durations and outcomes from history, by this number.")
@global_options
@pass_session
def command(
    session: Session, jobs: tuple[str, ...], length: timedelta, start: datetime | None,
    downs: tuple[tuple[str, str], ...], given: tuple[str, ...], slots: int | None, seed: int | None,
) -> None:  # fmt: skip
    """Forecast what jobs will do: runs, overlaps, queues, waits and load, without running anything.

    FROM and TO of --down are times, or times of day such as 02:00, which mean the next ones.
    """
    from jobistemer_tui.wiring import configured_places

    with session.opened() as opened:
        begin = start or opened.operations.now()
        places, attempts = configured_places(opened)
        question = SimulationQuestion(
            start=begin, end=_end(begin, length), slots=slots or places, attempts=attempts, jobs=jobs,
            downs=_read_downs(downs, begin), given=dict(_read_given(text) for text in given), seed=seed,
        )  # fmt: skip
        forecast = opened.operations.simulate(question)
    if session.as_json:
        output.as_json(forecast_json(forecast))
    else:
        _print(forecast)


def _end(begin: datetime, length: timedelta) -> datetime:
    if not length:
        raise UsageError("--for is a time of some length", hint="write for example --for 7d")
    try:
        return begin + length
    except OverflowError as error:
        raise UsageError("--for is too long", hint="write for example --for 7d") from error


def _read_downs(texts: Sequence[tuple[str, str]], begin: datetime) -> list[Down]:
    """In order, each after the one before."""
    downs: list[Down] = []
    after = begin
    for first, second in texts:
        try:
            down = coming_instant(first, after)
            back = coming_instant(second, down)
        except ValueError as error:
            raise UsageError(f"--down: {error}") from error
        if not after <= down < back:
            raise UsageError(f"--down {first} {second} is out of order", hint="give them in order, none before --from")
        downs.append((down, back))
        after = back
    return downs


def _read_given(text: str) -> tuple[str, float]:
    name, equals, length = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--duration {text!r} is not JOB=D", hint="write for example --duration nightly-backup=30m")
    try:
        return name, parse_duration(length)
    except ValueError as error:
        raise UsageError(f"--duration: {error}") from error


def _print(forecast: Forecast) -> None:
    if not forecast.jobs:
        output.talk("there are no jobs")
        return
    output.line(f"{local_text(forecast.start)} to {local_text(forecast.end)}, {forecast.slots} at once")
    for down, back in forecast.downs:
        output.line(f"down from {local_text(down)} to {local_text(back)}")
    output.line("")
    titles = ("JOB", "RUNS", "NOT RUN", "QUEUED", "LONGEST WAIT", "MADE UP", "BUSY", "AT ONCE", "EACH TAKES FROM")
    output.table(titles, [tuple(_job_cells(job)) for job in forecast.jobs])
    output.line("")
    output.table(("FROM", "MEAN", "MOST", "RUNNING"), [tuple(_load_cells(load, forecast)) for load in forecast.load])
    for warning in forecast.warnings:
        output.line("")
        output.line(f"warning: {warning}")


def _job_cells(job: JobForecast) -> Iterator[str]:
    yield job.job
    failed = {state: count for state, count in job.ended.items() if state != "completed"}
    yield str(job.runs) + (f" ({_counted(failed)})" if failed else "")
    waiting = {"waiting": job.waiting} if job.waiting else {}
    yield _counted({**job.not_run, **waiting}) or "-"
    yield str(job.queued or "-")
    yield duration_text(round(job.longest_wait_s)) + _reasons(job.longest_wait_for) if job.longest_wait_s >= 1 else "-"
    yield str(job.recovered or "-")
    yield duration_text(round(job.busy_s))
    yield str(job.most_at_once)
    yield ", ".join(dict.fromkeys(job.duration_from.values()))


def _reasons(parts: Mapping[str, float]) -> str:
    """For what it waited, in order, and how long for each where there are several."""
    if len(parts) < 2:
        return f" ({', '.join(parts)})" if parts else ""
    return f" ({', '.join(f'{reason} {duration_text(round(seconds))}' for reason, seconds in parts.items())})"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def _load_cells(load: Load, forecast: Forecast) -> Iterator[str]:
    yield local_text(load.at)
    yield f"{load.mean:.2f}"
    yield str(load.most)
    scale = _BAR / max(forecast.slots, *(each.most for each in forecast.load))
    mean = round(load.mean * scale)
    yield ("#" * mean + "-" * (round(load.most * scale) - mean)).ljust(round(forecast.slots * scale)) + "|"
