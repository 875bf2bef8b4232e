"""The program's own log: private, in UTC, limited, and harmless on a terminal."""

from __future__ import annotations

import json
import logging
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.settings.program_log import KEPT_FILES, MAX_BYTES, log_to_file, log_to_stderr

LOGGER = logging.getLogger("jobistemer_tui")


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    before = LOGGER.handlers, LOGGER.level
    LOGGER.handlers = []
    yield
    for handler in LOGGER.handlers:
        handler.close()
    LOGGER.handlers = before[0]
    LOGGER.setLevel(before[1])


def test_a_line_has_its_time_in_utc_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "program.log"
    log_to_file(path)
    log_to_file(path)
    logging.getLogger("jobistemer_tui.engine").info("hello")
    (line,) = lines_of(path)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z", line.pop("time"))
    assert line == {"level": "info", "logger": "engine", "message": "hello"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def lines_of(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_a_line_is_about_has_fields_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "program.log"
    log_to_file(path)
    ids = {"job": "backup", "occurrence_id": UUID(int=1), "attempt_id": UUID(int=2)}
    LOGGER.warning("try %d", 3, extra={**ids, "unknown": "left out"})
    (line,) = lines_of(path)
    assert line["message"] == "try 3"
    assert {name: line[name] for name in ids} == {name: str(value) for name, value in ids.items()}
    assert "unknown" not in line


def handle(message: str, exc_info: Any = None) -> None:
    """Give a line to the program's handlers alone: half a surrogate pair does not go into the test runner's report."""
    (handler,) = LOGGER.handlers
    handler.handle(LOGGER.makeRecord(LOGGER.name, logging.INFO, __file__, 1, message, (), exc_info))


def test_every_line_is_one_line_whatever_it_quotes(tmp_path: Path) -> None:
    path = tmp_path / "program.log"
    log_to_file(path)
    hostile = "a\nb\x1b]0;x\x07\u2028\udc80"
    handle(hostile)
    try:
        raise ValueError(hostile)
    except ValueError:
        handle("failed", exc_info=sys.exc_info())
    first, second = lines_of(path)
    assert first["message"] == hostile
    assert "ValueError" in second["traceback"]
    assert path.read_bytes().isascii()
    assert b"\x1b" not in path.read_bytes()


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
