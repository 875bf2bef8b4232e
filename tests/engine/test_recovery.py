"""Which instants of a gap run after all, and how a very long one is kept small."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.domain.policies import RecoveryStrategy
from jobistemer_tui.engine import recovery
from jobistemer_tui.engine.recovery import collect_gap, to_execute
from tests.support.engine_world import START


def instants(count: int) -> list[datetime]:
    return [START + timedelta(seconds=number) for number in range(count)]


@given(st.integers(0, 30), st.integers(1, 10))
def test_the_newest_get_rows_and_the_rest_is_one_span(count: int, most: int) -> None:
    given_instants = instants(count)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recovery, "MAX_ROWS", most)
        gap = collect_gap(iter(given_instants))
    assert list(gap.instants) == given_instants[-most:]
    assert gap.older_count == max(0, count - most)
    older = given_instants[: gap.older_count]
    assert (gap.older_from, gap.older_to) == ((older[0], older[-1]) if older else (None, None))


def test_strategies() -> None:
    some = instants(3)
    assert to_execute(RecoveryStrategy.EXECUTE_LAST, some) == {some[-1]}
    assert to_execute(RecoveryStrategy.EXECUTE_LAST, []) == frozenset()
    assert to_execute(RecoveryStrategy.MARK_AS_MISSED, some) == frozenset()
