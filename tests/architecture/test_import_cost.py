"""What a process imports is what its user waits for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.fresh import run_command
from tests.architecture.tree import PACKAGE, ROOT, python_files, read, shown

HEAVY = {"textual", "rich", "pydantic", "yaml", "watchfiles"}
OUR_OWN = "jobistemer_tui"


@pytest.mark.parametrize("words", [["--help"], ["jobs"], ["jobs", "--json"], ["runs"]], ids=" ".join)
def test_commands_load_no_screen_no_parser_and_no_loop(tmp_path: Path, words: list[str]) -> None:
    report = run_command(tmp_path / "report", "--home", str(tmp_path / "home"), *words)
    assert report.code == 0, report.errors
    assert OUR_OWN in report.packages()
    assert report.packages() & {*HEAVY, "asyncio"} == set()


def test_the_names_for_a_shell_load_the_standard_library_alone(tmp_path: Path) -> None:
    report = run_command(tmp_path / "report", "__complete", "names", "", str(tmp_path / "home"))
    assert (report.code or 0, report.output, report.errors) == (0, "", "")
    assert {name for name in report.modules if name.startswith(OUR_OWN)} <= {
        OUR_OWN, f"{OUR_OWN}.__main__", f"{OUR_OWN}.cli", f"{OUR_OWN}.cli.names", f"{OUR_OWN}.operations",
        f"{OUR_OWN}.operations.completion_names", f"{OUR_OWN}.settings", f"{OUR_OWN}.settings.quick_path",
        f"{OUR_OWN}.storage", f"{OUR_OWN}.storage.glance",
    }  # fmt: skip
    assert report.modules.isdisjoint({"click", "dataclasses", "typing", "pathlib", "asyncio", "logging", "uuid"})


def test_the_engine_loads_no_screen(tmp_path: Path) -> None:
    jobs = str(ROOT / "examples" / "heartbeat.toml")
    report = run_command(tmp_path / "report", "--home", str(tmp_path / "home"), "run", jobs, "--for", "1s")
    assert report.code == 0, report.errors
    assert report.packages() & {"textual", "rich"} == set()


def test_the_first_picture_waits_for_nothing_else() -> None:
    """Jobs in a table, from SQLite: no schedules, no engine, no dialogs, no parser, no click, no other view."""
    needed = ["__main__", "cli.plain_start", "cli.screen", "wiring", "storage.sqlite.store", "tui.app",
              "tui.screens.jobs_screen", "operations.engine_client", "operations.engine_worker",
              "operations.screen_settings"]  # fmt: skip
    program = f"import sys; import {', '.join(f'{OUR_OWN}.{name}' for name in needed)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert {name.partition(".")[0] for name in modules}.isdisjoint(
        HEAVY - {"textual", "rich"} | {"croniter", "aiohttp", "click"}
    )
    late = ("schedules", "jobfiles", "engine.transactions", "engine.node", "tui.dialogs")
    assert {name for name in modules for part in late if f"{name}.".startswith(f"{OUR_OWN}.{part}.")} == set()
    assert {name for name in modules if name.startswith(f"{OUR_OWN}.tui.screens.")} == {
        f"{OUR_OWN}.tui.screens.{name}"
        for name in ("acting_screen", "feed_screen", "job_actions", "jobs_screen", "list_screen", "reads",
                     "schedule_actions", "table_keys")
    }  # fmt: skip


def test_the_first_rows_are_read_before_there_is_a_screen() -> None:
    program = f"import sys; import {OUR_OWN}.tui.first_read; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {name.partition(".")[0] for name in done.stdout.split()}.isdisjoint({*HEAVY, "asyncio"})


def test_the_supervisor_loads_the_standard_library_and_its_own_package(tmp_path: Path) -> None:
    program = (
        f"import sys; sys.path.append({str(ROOT)!r}); import jobistemer_tui.engine.supervisor.main;"
        "print(*sys.modules, sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    modules = set(done.stdout.split())
    ours = {name for name in modules if name.partition(".")[0] == OUR_OWN}
    parents = {OUR_OWN, f"{OUR_OWN}.engine"}
    assert f"{OUR_OWN}.engine.supervisor.main" in ours
    assert {name for name in ours - parents if not name.startswith(f"{OUR_OWN}.engine.supervisor")} == set()
    assert {name.partition(".")[0] for name in modules - ours} <= {*sys.stdlib_module_names, "__main__"}


def test_all_imports_of_the_supervisor_happen_before_the_first_start() -> None:
    inner = [
        shown(path, number)
        for path in python_files(PACKAGE / "engine" / "supervisor")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if line.startswith(" ") and line.lstrip().startswith(("import ", "from ")) and " import " in f" {line.lstrip()}"
    ]
    assert inner == []


def test_the_nouns_need_the_standard_library_alone(tmp_path: Path) -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in python_files(PACKAGE / "domain")
    ]
    program = f"import sys; sys.path.append({str(ROOT)!r}); import {', '.join(names)}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    others = {name.partition(".")[0] for name in done.stdout.split()} - {OUR_OWN, "__main__"}
    assert others <= set(sys.stdlib_module_names)


def test_frozen_values_are_made_in_one_way() -> None:
    """What has slots and is frozen is made by `quick_dataclass`; the standard library makes the rest."""
    makers = {
        path: name.group(1)
        for path in python_files(PACKAGE)
        if "supervisor" not in path.parts and "@dataclass(frozen=True, slots=True)\n" in (text := read(path))
        for name in [re.search(r"^from (\S+) import .*\bdataclass\b(?! as )", text, re.MULTILINE)]
        if name is not None
    }
    assert len(makers) > 100
    assert {path for path, maker in makers.items() if maker != "jobistemer_tui.settings.quick_dataclass"} == set()
