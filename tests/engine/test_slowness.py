"""When a run takes longer than its job's history leads one to expect."""

from __future__ import annotations

import pytest

from jobistemer_tui.engine.slowness import slow_after


@pytest.mark.parametrize(
    ("durations", "limit"),
    [
        ([], None),
        ([60.0] * 4, None),
        ([60.0] * 5, 90.0),
        ([1.0] * 30, 11.0),
        ([100.0] * 9 + [9000.0], 150.0),
        ([50.0, 75.0, 100.0, 125.0, 150.0], 100.0 + 4 * 1.4826 * 25.0),
        ([0.0] * 5, 10.0),
    ],
)
def test_the_limit(durations: list[float], limit: float | None) -> None:
    assert slow_after(durations) == (None if limit is None else pytest.approx(limit))
