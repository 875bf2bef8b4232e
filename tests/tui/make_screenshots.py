"""Writes the pictures of the README: `python -m tests.tui.make_screenshots` from the root of the repository."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from tests.support.fake_gaps import sample_gaps
from tests.support.fake_operations import FakeOperations
from tests.support.sample_jobs import GOOD_FILE, REFUSED_FILE, Sample
from tests.support.sample_logs import write_sample_logs
from tests.support.screen import UTF8, running

FOLDER = Path(__file__).parent.parent.parent / "screenshots"
PICTURES = {
    "jobs": ("j", "j"),
    "job": ("j", "j", "enter"),
    "occurrence": ("j", "j", "enter", "enter"),
    "attempt_log": ("j", "j", "enter", "enter", "enter"),
    "runs": ("2",),
    "agenda": ("3", "j"),
    "activity": ("4", "j", "j"),
    "job_config": ("j", "j", "enter", "v", "v"),
    "job_versions": ("j", "j", "enter", "v", "v", "v"),
    "job_stats": ("j", "j", "enter", "v", "v", "v", "v"),
    "job_source": ("j", "j", "enter", "V"),
    "why": ("j", "j", "W"),
    "compare": ("j", "j", "equals_sign"),
    "files": ("5",),
    "nodes": ("6", "j"),
    "inbox": ("I",),
    "run_now": ("j", "j", "r"),
    "retry": ("j", "j", "R"),
    "pause": ("j", "j", "p"),
    "keys": ("question_mark",),
    "leave": ("q",),
}
LOOKS = {
    "attempt_log_light": ("attempt_log", "jobistemer-light", UTF8),
    "attempt_log_high_contrast": ("attempt_log", "jobistemer-high-contrast", UTF8),
    "jobs_ascii": ("jobs", "jobistemer-dark", {"LANG": "C"}),
}
"""The same screens in other themes, and with ASCII alone."""
_ANSWERS = {
    "attempt_log": "giving up",
    "why": "It did not run",
    "compare": "BWLIMIT",
    "run_now": "Run backup-offsite now",
    "retry": "What failed",
    "pause": "Pause backup-offsite",
    "leave": "Leave Jobistemer?",
}
"""What is shown later than the screen itself."""


async def write_pictures(folder: Path) -> None:
    """One SVG for each main screen and look, from the tests' fixed data at 120x36."""
    pictures = {name: (name, None, UTF8) for name in PICTURES} | LOOKS
    with tempfile.TemporaryDirectory() as logs:
        write_sample_logs(Path(logs))
        for file, (name, theme, environ) in pictures.items():
            sample = Sample(files=[GOOD_FILE, REFUSED_FILE])
            operations = FakeOperations(sample, logs=Path(logs))
            operations.gap_rows = sample_gaps() if name == "inbox" else []
            async with running(operations=operations, size=(120, 36), theme=theme, environ=environ) as run:
                await run.press(*PICTURES[name])
                if name in _ANSWERS:
                    await run.until_shown(_ANSWERS[name])
                    await run.settle()
                picture = run.app.export_screenshot(title="Jobistemer")
            (folder / f"{file}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    os.environ["TZ"] = "Europe/Berlin"
    time.tzset()
    FOLDER.mkdir(exist_ok=True)
    asyncio.run(write_pictures(FOLDER))
