"""A failure of a campaign is printed when it happens."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Literal

import pytest

from tests.support.failures_at_once import FailuresAtOnce


def report(outcome: Literal["passed", "failed"]) -> pytest.TestReport:
    return pytest.TestReport("tests/a.py::test_b[3]", ("a.py", 1, "b"), {}, outcome, "seed 17: two fates", "call")


@pytest.mark.parametrize(("outcome", "printed"), [("passed", False), ("failed", True)])
def test_it_is_printed_at_once_with_all_that_is_known(outcome: Literal["passed", "failed"], printed: bool) -> None:
    lines: list[str] = []
    terminal = SimpleNamespace(
        ensure_newline=lambda: None, flush=lambda: None, write_line=lambda line, **_: lines.append(line)
    )
    config: Any = SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin={"terminalreporter": terminal}.get))
    FailuresAtOnce(config).pytest_runtest_logreport(report(outcome))
    assert lines == (["FAILED tests/a.py::test_b[3] (call)", "seed 17: two fates"] if printed else [])


def test_a_process_that_runs_for_another_prints_nothing() -> None:
    config: Any = SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin=lambda _: None))
    FailuresAtOnce(config).pytest_runtest_logreport(report("failed"))
