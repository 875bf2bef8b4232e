"""A campaign runs for hours: each failure is printed when it happens, not only at the end."""

from __future__ import annotations

import pytest


class FailuresAtOnce:
    """The hook; register it for a run of a campaign. Where a process runs for another, it is that one which prints."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal is not None:
            terminal.ensure_newline()
            terminal.write_line(f"FAILED {report.nodeid} ({report.when})", red=True)
            terminal.write_line(report.longreprtext)
            terminal.flush()
