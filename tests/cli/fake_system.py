"""systemctl, loginctl and crontab that remember what they were asked and answer as the real ones do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_SYSTEMCTL = """
case "$*" in
  "--user show --property=Version") [ -e "$STATE/manager" ] && echo Version=252 || { echo "no bus" >&2; exit 1; } ;;
  "--user enable --now "*) [ ! -e "$STATE/refuses" ] || { echo "cannot" >&2; exit 1; }; touch "$STATE/enabled" ;;
  "--user disable --now "*) rm -f "$STATE/enabled" ;;
  "--user is-enabled "*|"--user is-active "*) [ -e "$STATE/enabled" ] ;;
esac"""
_LOGINCTL = 'cat "$STATE/linger"'
_CRONTAB = """
case "$1" in
  -l) [ ! -e "$STATE/broken" ] || { echo "cannot read" >&2; exit 1; }
      cat "$STATE/crontab" 2>/dev/null || { echo "no crontab for ann" >&2; exit 1; } ;;
  -) cat > "$STATE/crontab" ;;
esac"""


class FakeSystem:
    """Programs in front of PATH, and what they remember."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state = folder / "state"
        self.programs = folder / "bin"
        for made in (self.state, self.programs):
            made.mkdir(parents=True)
        for name, text in (("systemctl", _SYSTEMCTL), ("loginctl", _LOGINCTL), ("crontab", _CRONTAB)):
            path = self.programs / name
            path.write_text(f'#!/bin/sh\nSTATE={self.state}\necho "{name} $*" >> "$STATE/asked"\n{text}\n')
            path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{self.programs}:{os.environ['PATH']}")

    def has(self, name: str, text: str = "") -> None:
        """Put something into the state."""
        (self.state / name).write_text(text)

    @property
    def asked(self) -> list[str]:
        """Everything the programs were asked, in order."""
        path = self.state / "asked"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def crontab(self) -> str:
        """The crontab."""
        return (self.state / "crontab").read_text()
