"""Where a screen can be drawn."""

from __future__ import annotations

from io import StringIO

import pytest

from jobistemer_tui.cli.screen import need_terminal
from jobistemer_tui.errors import UsageError


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_that_can_draw_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
    monkeypatch.setattr("sys.stdin", Terminal())
    for output, term, fault in (
        (StringIO(), "xterm", "the screen needs a terminal"),
        (Terminal(), "dumb", "TERM is dumb"),
    ):
        monkeypatch.setattr("sys.stdout", output)
        monkeypatch.setenv("TERM", term)
        with pytest.raises(UsageError, match=fault) as caught:
            need_terminal("jobistemer run")
        assert "jobistemer run" in (caught.value.hint or "")
    monkeypatch.setenv("TERM", "xterm")
    need_terminal("jobistemer run")
