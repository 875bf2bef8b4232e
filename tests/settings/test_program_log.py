"""The program's own log: private, in UTC, limited, and harmless on a terminal."""

from __future__ import annotations

import logging
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobistemer_tui.settings.program_log import KEPT_FILES, MAX_BYTES, log_to_file, log_to_stderr

LOGGER = logging.getLogger("jobistemer_tui")


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    before = list(LOGGER.handlers)
    LOGGER.handlers = []
    yield
    for handler in LOGGER.handlers:
        handler.close()
    LOGGER.handlers = before


def test_a_line_has_its_time_in_utc_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "program.log"
    log_to_file(path)
    log_to_file(path)
    logging.getLogger("jobistemer_tui.engine").info("hello")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z INFO jobistemer_tui\.engine: hello\n", path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_never_grows_beyond_its_limit(tmp_path: Path) -> None:
    log_to_file(tmp_path / "program.log")
    for _ in range(7 * KEPT_FILES):
        LOGGER.info("x" * (MAX_BYTES // 4))
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["program.log", *(f"program.log.{number}" for number in range(1, KEPT_FILES + 1))]
    assert all(path.stat().st_size <= MAX_BYTES for path in tmp_path.iterdir())


def test_standard_error_gets_clean_warnings_only(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr(lambda text: text.replace("\x1b", "?"))
    LOGGER.info("not shown")
    LOGGER.warning("a \x1b[31m file")
    assert capsys.readouterr().err == "WARNING: a ?[31m file\n"
