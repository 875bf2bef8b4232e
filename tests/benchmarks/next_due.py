"""The next instants of many schedules beside cronsim, and how soon an impossible date is refused."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from jobistemer_tui.schedules import Cron, ScheduleError

NOW = datetime(2026, 11, 25, 12, 0, 30, tzinfo=UTC)
_ZONES = ("UTC", "Europe/Paris", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo")
_KINDS: tuple[Callable[[random.Random], str], ...] = (
    lambda r: "* * * * *",
    lambda r: f"*/{r.choice((5, 10, 15, 20, 30))} * * * *",
    lambda r: f"{r.randrange(60)} * * * *",
    lambda r: f"{r.randrange(60)} {r.randrange(24)} * * *",
    lambda r: f"{r.randrange(60)} {r.randrange(24)} * * *",
    lambda r: f"{r.randrange(60)} 8-17 * * 1-5",
    lambda r: f"{r.randrange(60)} {r.randrange(24)} * * {r.randrange(7)}",
    lambda r: f"{r.randrange(60)} {r.randrange(24)} {r.randrange(1, 29)} * *",
    lambda r: f"{r.randrange(60)} {r.randrange(24)} {r.randrange(1, 29)} {r.randrange(1, 13)} *",
    lambda r: f"0 {r.randrange(24)} 1,15 * 1",
)


def mixed_jobs(count: int) -> list[tuple[str, str]]:
    """So many expressions with their zones: what crontabs are full of, always the same."""
    chance = random.Random(7)
    return [(chance.choice(_KINDS)(chance), chance.choice(_ZONES)) for _ in range(count)]


def next_due(count: int) -> tuple[float, float]:
    """Seconds to parse so many jobs and find the next instant of each: ours, and cronsim's."""
    jobs = mixed_jobs(count)
    return _seconds(_ours(zone, text) for text, zone in jobs), _seconds(_theirs(zone, text) for text, zone in jobs)


def next_due_again(count: int) -> tuple[float, float]:
    """The same for jobs that are parsed already, as in an engine that runs."""
    jobs = mixed_jobs(count)
    schedules = [Cron(text, timezone=zone) for text, zone in jobs]
    parsed = [CronSim(text, NOW.astimezone(ZoneInfo(zone))) for text, zone in jobs]
    return _seconds(each.next_after(NOW) for each in schedules), _seconds(map(next, parsed))


def refusal(rounds: int) -> tuple[float, float]:
    """Milliseconds until an impossible date is refused, each a new text: ours, and cronsim's."""
    return _refused(lambda text: Cron(text), ScheduleError, rounds), _refused(
        lambda text: next(CronSim(text, NOW)), (CronSimError, StopIteration), rounds
    )


def _ours(zone: str, text: str) -> object:
    return Cron(text, timezone=zone).next_after(NOW)


def _theirs(zone: str, text: str) -> object:
    return next(CronSim(text, NOW.astimezone(ZoneInfo(zone))))


def _seconds(work: Iterable[object]) -> float:
    begun = time.perf_counter()
    for _ in work:
        pass
    return time.perf_counter() - begun


def _refused(
    refuse: Callable[[str], object], error: type[Exception] | tuple[type[Exception], ...], rounds: int
) -> float:
    begun = time.perf_counter()
    for number in range(rounds):
        try:
            refuse(f"{number % 60} {number // 60 % 24} 31 4,6,9,11 *")
        except error:
            continue
        raise RuntimeError("an impossible date was taken")
    return (time.perf_counter() - begun) * 1000 / rounds
