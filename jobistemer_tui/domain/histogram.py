"""Counts of observations by size, as JSON: `{"le": [count of each bucket …], "count": n, "sum": x}`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

DURATION_BOUNDS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)
"""Seconds that a run or a task may take."""

DELAY_BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 300.0, 3600.0)
"""Seconds that a start is late, or a transaction takes."""


def observed(histogram: Mapping[str, Any], value: float, bounds: Sequence[float]) -> dict[str, Any]:
    """The histogram with one more observation; an empty one is `{}`. Negative values (a clock set back) count as 0.

    The counts are of each bucket alone; those beyond the last bound are in `count` only.
    """
    value = max(0.0, value)
    buckets = list(histogram.get("le") or [0] * len(bounds))
    place = bisect_left(bounds, value)
    if place < len(buckets):
        buckets[place] += 1
    return {"le": buckets, "count": histogram.get("count", 0) + 1, "sum": histogram.get("sum", 0.0) + value}
