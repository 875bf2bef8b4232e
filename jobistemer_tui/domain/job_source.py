"""Where the definition of a job comes from, if not from a job file."""

from __future__ import annotations

from typing import Final

EXTERNAL_SOURCE: Final = "jobistemer exec"
"""In place of the file of a job that something else runs: `exec` records it."""
