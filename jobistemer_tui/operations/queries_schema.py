"""What a job file may hold, for editors."""

from __future__ import annotations

from jobistemer_tui.jobfiles.json_schema import job_file_schema

__all__ = ["job_file_schema"]
