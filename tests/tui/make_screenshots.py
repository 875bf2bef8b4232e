"""Writes the pictures of the README: `python -m tests.tui.make_screenshots` from the root of the repository."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from tests.support.sample_jobs import GOOD_FILE, REFUSED_FILE, Sample
from tests.support.sample_logs import write_sample_logs
from tests.support.screen import running

FOLDER = Path(__file__).parent.parent.parent / "screenshots"
PICTURES = {
    "jobs": ("j", "j"),
    "job": ("j", "j", "enter"),
    "occurrence": ("j", "j", "enter", "enter"),
    "attempt_log": ("j", "j", "enter", "enter", "enter"),
    "runs": ("2",),
    "activity": ("4", "j", "j"),
    "files": ("5",),
}


async def write_pictures(folder: Path) -> None:
    """One SVG for each main screen, from the tests' fixed data at 120x36."""
    with tempfile.TemporaryDirectory() as logs:
        write_sample_logs(Path(logs))
        for name, keys in PICTURES.items():
            sample = Sample(files=[GOOD_FILE, REFUSED_FILE])
            async with running(sample, logs=Path(logs), size=(120, 36)) as run:
                await run.press(*keys)
                if name == "attempt_log":
                    await run.until_shown("giving up")
                picture = run.app.export_screenshot(title="Jobistemer")
            (folder / f"{name}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    os.environ["TZ"] = "Europe/Berlin"
    time.tzset()
    FOLDER.mkdir(exist_ok=True)
    asyncio.run(write_pictures(FOLDER))
