"""Counts of observations by size."""

from __future__ import annotations

from typing import Any

import pytest

from jobistemer_tui.domain.histogram import DELAY_BOUNDS, DURATION_BOUNDS, observed


@pytest.mark.parametrize(
    ("values", "counts"),
    [([0.5], [1, 0]), ([1.0], [1, 0]), ([1.5, 2.0], [0, 2]), ([2.5], [0, 0]), ([-3.0], [1, 0])],
)
def test_a_bound_belongs_to_its_bucket_and_what_is_larger_to_none(values: list[float], counts: list[int]) -> None:
    histogram: dict[str, Any] = {}
    for value in values:
        histogram = observed(histogram, value, (1.0, 2.0))
    assert histogram == {"le": counts, "count": len(values), "sum": sum(max(0.0, value) for value in values)}


def test_an_observation_changes_no_earlier_histogram() -> None:
    first = observed({}, 1.0, DURATION_BOUNDS)
    kept = {**first, "le": list(first["le"])}
    observed(first, 2.0, DURATION_BOUNDS)
    assert first == kept


@pytest.mark.parametrize("bounds", [DURATION_BOUNDS, DELAY_BOUNDS])
def test_bounds_grow(bounds: tuple[float, ...]) -> None:
    assert list(bounds) == sorted(set(bounds))
