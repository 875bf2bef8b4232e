"""The names of all moments at which a process can be made to die, as the program's text has them."""

from __future__ import annotations

import re
from pathlib import Path

import jobistemer_tui

_CALL = re.compile(r'\bsync_point\("([a-z_.]+)"\)')


def names() -> list[str]:
    """Every name, as often as it is used."""
    root = Path(jobistemer_tui.__file__).parent
    return [name for path in sorted(root.rglob("*.py")) for name in _CALL.findall(path.read_text(encoding="utf-8"))]
