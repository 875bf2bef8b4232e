"""More than two hundred hostile files: each loads, or has problems whose places are inside of it; none hangs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.jobfiles.corpus import PYTHON, TEXTS
from tests.jobfiles.corpus_python import ENDLESS
from tests.jobfiles.reading_files import processes_with
from tests.support.wait_until import wait_until

READER = Path(__file__).parent / "read_corpus.py"
MARK = "JOBISTEMER_TEST_CORPUS"
PARTS = 4
"""So many tests share the files, so that none takes long."""


def read_all(folder: Path, contents: dict[str, tuple[str, bytes]], seconds: float) -> dict[str, dict[str, Any]]:
    """What reading gives, by the names of the cases."""
    folder.mkdir()
    for number, (suffix, content) in enumerate(contents.values()):
        (folder / f"{number:03}.{suffix}").write_bytes(content)
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), MARK: str(folder)}
    done = subprocess.run(
        [sys.executable, str(READER), str(folder), str(seconds)],
        env=environment,
        capture_output=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    wait_until(lambda: not processes_with(f"{MARK}={folder}"), what="the end of all that was started")
    return dict(zip(contents, json.loads(done.stdout).values(), strict=True))


def misplaced(content: bytes, problems: list[dict[str, Any]]) -> list[str]:
    """Problems whose place is not in the file."""
    text = content.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")
    lines = text.split("\n")
    return [
        f"{one['line']}:{one['column']} {one['message'][:80]}"
        for one in problems
        if one["code"] not in ("more", "untrusted")
        and not (1 <= one["line"] <= len(lines) and 1 <= one["column"] <= len(lines[one["line"] - 1]) + 1)
    ]


def judge(contents: dict[str, tuple[str, bytes]], found: dict[str, dict[str, Any]], loads: dict[str, bool]) -> None:
    for name, (_, content) in contents.items():
        one = found[name]
        errors = [problem for problem in one["problems"] if problem["severity"] == "error"]
        assert one["ok"] is loads[name], (name, errors[:3])
        assert one["ok"] is not bool(errors), name
        assert not (errors and one["jobs"]), name
        assert misplaced(content, one["problems"]) == [], name
        for problem in one["problems"]:
            shown = problem["message"] + problem["hint"] + problem["source_line"]
            assert shown.isprintable(), (name, shown[:200])
            assert len(problem["message"]) <= 1200, name


def test_there_are_enough() -> None:
    assert len(TEXTS) + len(PYTHON) + len(ENDLESS) >= 200
    assert len(TEXTS) >= 200


@pytest.mark.parametrize("part", range(PARTS))
def test_texts(part: int, tmp_path: Path) -> None:
    cases = dict(islice(TEXTS.items(), part, None, PARTS))
    contents = {name: (suffix, content) for name, (suffix, content, _) in cases.items()}
    found = read_all(tmp_path / "files", contents, 60)
    judge(contents, found, {name: loads for name, (_, _, loads) in cases.items()})


@pytest.mark.parametrize("part", range(PARTS))
def test_python_files(part: int, tmp_path: Path) -> None:
    cases = dict(islice(PYTHON.items(), part, None, PARTS))
    contents = {name: ("py", text.encode()) for name, (text, _) in cases.items()}
    judge(contents, read_all(tmp_path / "files", contents, 60), {name: loads for name, (_, loads) in cases.items()})


def test_endless_python_files(tmp_path: Path) -> None:
    contents = {name: ("py", text.encode()) for name, text in ENDLESS.items()}
    found = read_all(tmp_path / "files", contents, 0.5)
    judge(contents, found, dict.fromkeys(contents, False))
    for name in ("loops", "sleeps"):
        assert "takes longer than 0.5 s" in found[name]["problems"][0]["message"]
    assert found["sleeps"]["problems"][0]["line"] == 2
