"""Every screen test sees the same zone, no animations, and a terminal that can show our glyphs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

# Textual reads these when it is imported.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ.pop("NO_COLOR", None)
os.environ.pop("TEXTUAL_THEME", None)

import pytest

from tests.support.parsed_styles import parsed_once
from tests.support.sample_logs import write_sample_logs

# With syrupy 5 and later the plugin's own hook is ignored and files would be called `.raw`.
import_module("pytest_textual_snapshot").SVGImageExtension.file_extension = "svg"


@pytest.fixture(autouse=True)
def fixed_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time is that of Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(scope="session", autouse=True)
def styles() -> Iterator[None]:
    """What makes an app cheap to start."""
    with parsed_once():
        yield


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """The folder of the sample's logs."""
    write_sample_logs(tmp_path)
    return tmp_path
