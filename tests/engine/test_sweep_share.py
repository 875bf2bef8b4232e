"""How many jobs a sweep looks at: all of them, unless there are so many that it would take long."""

from __future__ import annotations

import pytest

from jobistemer_tui.engine import sweep
from jobistemer_tui.storage.tables import OCCURRENCES
from tests.support.engine_home import EngineHome


async def test_each_sweep_looks_at_the_next_jobs_and_none_is_left_out(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: ten thousand jobs were read three times every five seconds, and nothing was started meanwhile."""
    looks: list[list[str]] = []
    real = sweep._next_jobs

    def next_jobs(*arguments: object, **named: object) -> object:
        found = real(*arguments, **named)  # type: ignore[arg-type]  # whatever it is given
        looks.append([job.key for job in found])
        return found

    monkeypatch.setattr(sweep, "JOBS_A_SWEEP", 2)
    monkeypatch.setattr(sweep, "_next_jobs", next_jobs)
    names = ["a", "b", "c", "d", "e"]
    for name in names:
        home.job(name, schedule="0 0 1 1 *")
    await home.start()
    for name in names:
        (row,) = home.rows(name)
        home.store.write(lambda tx, row=row: tx.delete(OCCURRENCES, row.id))  # type: ignore[misc]  # bound per row
    looks.clear()
    await home.until(lambda: all(home.rows(name) for name in names), step=5.0)
    assert max(map(len, looks)) == 2
