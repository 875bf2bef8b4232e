"""Each check judges facts; the command then gathers real ones."""

from __future__ import annotations

import os
import stat
import threading
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobistemer_tui.operations.doctor import home, machine, serving, software
from jobistemer_tui.operations.doctor.examine import EXTRAS
from jobistemer_tui.operations.doctor.finding import Finding, Level, examined, ok
from jobistemer_tui.operations.doctor.serving import Served
from jobistemer_tui.operations.read_models import FileProblem, FileRow
from jobistemer_tui.settings.system_clock import is_clock_synchronised
from jobistemer_tui.storage.examine import Standing
from tests.architecture.tree import ROOT, read

NOW = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
UTF8 = {"TERM": "xterm-256color"}
UP = Served(pid=7, host="alder", version="1", supervisor=8, live=2, seen=NOW)
DOWN = Served(pid=None, host="", version="1", supervisor=None, live=0, seen=None)
REFUSED = FileRow(
    path="/j/a.toml", root="/j", loaded=False, read_at=NOW, jobs=(),
    problems=(FileProblem("/j/a.toml", 3, 1, "error", "unknown key", "", ""),),
)  # fmt: skip


def status(mode: int = 0o700, user: int = 1000, kind: int = stat.S_IFDIR) -> os.stat_result:
    return os.stat_result((kind | mode, 1, 1, 1, user, user, 0, 0, 0, 0))


HERE = Path("/h")
JUDGED: list[tuple[Finding | None, Level | None, str]] = [
    (software.python((3, 11, 0), "1"), Level.OK, "3.11.0"),
    (software.python((3, 10, 9), "1"), Level.PROBLEM, "install"),
    (software.sqlite((3, 51, 3)), Level.OK, "3.51.3"),
    (software.sqlite((3, 51, 2)), Level.WARNING, "3.51.2"),
    (software.extras({"notify": False}), Level.OK, "jobistemer-tui[notify]"),
    (software.extras({"notify": True}), Level.OK, "installed: notify"),
    (software.editor("vi", None), Level.WARNING, "vi is not found"),
    (software.editor("vi", "/bin/vi"), Level.OK, "/bin/vi"),
    (software.terminal(UTF8, "utf-8"), Level.OK, "256 colours"),
    (software.terminal({**UTF8, "COLORTERM": "truecolor"}, "UTF8"), Level.OK, "16 million"),
    (software.terminal({**UTF8, "NO_COLOR": "1"}, "UTF8"), Level.OK, "no colours"),
    (software.terminal({"TERM": "dumb"}, "utf-8"), Level.WARNING, "TERM is dumb"),
    (software.terminal(UTF8, "ascii"), Level.WARNING, "C.UTF-8"),
    (home.permissions([(HERE, status()), (HERE, None)], 1000), Level.OK, "/h"),
    (home.permissions([(HERE, None)], 1000), Level.OK, "not made yet"),
    (home.permissions([(HERE, status(0o755))], 1000), Level.WARNING, "chmod 700 /h"),
    (home.permissions([(HERE, status(0o777))], 1000), Level.PROBLEM, "mode 0777"),
    (home.permissions([(HERE, status(user=5))], 1000), Level.PROBLEM, "by others"),
    (home.permissions([(HERE, status(0o500))], 1000), Level.PROBLEM, "written"),
    (home.permissions([(HERE, status(kind=stat.S_IFREG))], 1000), Level.PROBLEM, "no folder"),
    (home.room(100, 200, has_reserve=True, has_store=True), Level.PROBLEM, "nothing new"),
    (home.room(500, 200, has_reserve=True, has_store=True), Level.WARNING, "nothing new"),
    (home.room(2**40, 200, has_reserve=True, has_store=True), Level.OK, "with a reserve"),
    (home.room(2**40, 200, has_reserve=False, has_store=True), Level.OK, "without a reserve"),
    (home.file_system(HERE, None), Level.OK, "local"),
    (home.file_system(HERE, "NFS"), Level.PROBLEM, "NFS"),
    (home.locks([(HERE, status(kind=stat.S_IFREG))], 1000), Level.OK, "1 lock"),
    (home.locks([], 1000), Level.OK, "none yet"),
    (home.locks([(HERE, status(kind=stat.S_IFLNK))], 1000), Level.PROBLEM, "no regular file"),
    (home.locks([(HERE, status(user=5, kind=stat.S_IFREG))], 1000), Level.PROBLEM, "another user"),
    (machine.clock(True, NOW, NOW), Level.OK, "synchronised"),
    (machine.clock(None, None, NOW), Level.OK, "does not say"),
    (machine.clock(False, None, NOW), Level.WARNING, "NTP"),
    (machine.clock(True, NOW + timedelta(hours=1), NOW), Level.WARNING, "lies ahead"),
    (machine.zone("UTC", ""), Level.OK, "UTC"),
    (machine.zone("UTC", "Mars/Base"), Level.WARNING, "Mars/Base"),
    (machine.zone_data("2026b", ""), Level.OK, "2026b"),
    (machine.zone_data("2026b", "2026a"), Level.WARNING, "2026a"),
    (machine.zone_data("unknown", ""), Level.WARNING, "tzdata"),
    (machine.watches(None, 1), None, ""),
    (machine.watches(8192, 10), Level.OK, "10 folders"),
    (machine.watches(100, 90), Level.WARNING, "max_user_watches"),
    (machine.service("ann", manager=False, lingering=None), Level.OK, "no systemd"),
    (machine.service("ann", manager=True, lingering=False), Level.WARNING, "enable-linger ann"),
    (machine.service("ann", manager=True, lingering=True), Level.OK, "outlive"),
    (machine.cron("# nothing\nPATH=/bin\n\n"), None, ""),
    (machine.cron("PATH=/bin\n0 5 * * * a --b=c\n@daily d\n"), Level.OK, "2 lines"),
    (serving.schema(Standing(2, 2)), Level.OK, "schema 2"),
    (serving.schema(Standing(1, 2)), Level.OK, "brings it to 2"),
    (serving.schema(Standing(3, 2)), Level.PROBLEM, "newer"),
    (serving.schema(Standing(None, 2)), Level.PROBLEM, "another program"),
    (serving.engine(UP, "1"), Level.OK, "process 7 on alder"),
    (serving.engine(UP, "2"), Level.WARNING, "this program is 2"),
    (serving.engine(DOWN, "1"), Level.WARNING, "none runs"),
    (serving.engine(replace(DOWN, seen=NOW), "1"), Level.WARNING, "since 2026-11-24 14:30 UTC"),
    (serving.supervisor(UP), Level.OK, "process 8, 2 attempts"),
    (serving.supervisor(DOWN), Level.OK, "first task"),
    (serving.supervisor(replace(DOWN, live=1)), Level.WARNING, "have lost theirs"),
    (serving.supervisor(replace(UP, pid=None)), Level.WARNING, "without an engine"),
    (serving.files([]), Level.OK, "none was read"),
    (serving.files([REFUSED]), Level.PROBLEM, "/j/a.toml: unknown key"),
    (serving.outbox(0, 0), Level.OK, "none wait"),
    (serving.outbox(0, 3), Level.OK, "3 wait"),
    (serving.outbox(2, 3), Level.WARNING, "2 were given up"),
    (serving.last_success(None), Level.OK, "no run"),
    (serving.last_success(NOW), Level.OK, "2026-11-24 14:30:00 UTC"),
]  # fmt: skip


@pytest.mark.parametrize(("finding", "level", "part"), JUDGED, ids=lambda value: getattr(value, "text", None))
def test_what_is_made_of_facts(finding: Finding | None, level: Level | None, part: str) -> None:
    if finding is None:
        assert level is None
        return
    assert finding.level is level
    assert part in f"{finding.text} {finding.advice}"
    assert finding.advice or level is Level.OK, "what is not in order has an advice"


def test_a_probe_that_hangs_or_fails_is_told_and_holds_nobody_up() -> None:
    gate = threading.Event()

    def hangs() -> Finding:
        gate.wait(60)
        return ok("x", "late")

    found = examined("x", hangs, 0.01)
    gate.set()
    assert found is not None
    assert (found.level, "no answer within 0.01 s" in found.text) == (Level.WARNING, True)
    failed = examined("x", lambda: ok("x", str(1 // 0)))
    assert failed is not None
    assert "division" in failed.text


def test_the_extras_are_those_that_can_be_installed() -> None:
    declared = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]["optional-dependencies"]
    assert set(EXTRAS) == set(declared) - {"test", "dev"}


def test_the_kernel_is_asked_about_clock_and_watches(tmp_path: Path) -> None:
    assert is_clock_synchronised() in (True, False, None)
    (tmp_path / "most").write_text("8192\n")
    assert machine.most_watches(tmp_path / "most") == 8192
    assert machine.most_watches(tmp_path / "none") is None
