"""Pure: whether a run takes longer than the job's own history leads one to expect."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

LOOKED_AT = 30
"""The newest successful runs that are the history."""
NEEDED = 5
"""With fewer successful runs nothing is called slow."""
LEAST_MORE_S = 10.0
DEVIATIONS = 4.0
_NORMAL = 1.4826
"""A normal distribution's standard deviation is this times its median absolute deviation."""


def slow_after(durations_s: Sequence[float]) -> float | None:
    """The seconds after which a run is slow, from those of the newest successful runs; None with too few of them.

    The median, and the most of: half of it, 10 s, and four deviations (the median absolute deviation, scaled to the
    standard deviation), so that neither a short nor a scattered job tells of nothing.
    """
    if len(durations_s) < NEEDED:
        return None
    middle = median(durations_s)
    deviation = _NORMAL * median(abs(value - middle) for value in durations_s)
    return middle + max(middle / 2, LEAST_MORE_S, DEVIATIONS * deviation)
