"""The example of a kind of one's own: installed by pip, used from a job file by the real command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.architecture.markdown import blocks

EXAMPLE = Path(__file__).parents[2] / "examples" / "business_days"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pip has installed the package, with nothing from the network."""
    folder = tmp_path_factory.mktemp("business-days")
    words = ["install", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", *words, "--target", str(folder / "site"), str(wheel(folder))],
        check=True,
        capture_output=True,
    )
    return folder / "site"


def wheel(folder: Path) -> Path:
    """The package as its build backend packs it; to fetch that would need the network."""
    description = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))
    project = description["project"]
    stem = f"{project['name'].replace('-', '_')}-{project['version']}"
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in project["entry-points"].items()
    ]
    files = {
        f"{stem}.dist-info/METADATA": "Metadata-Version: 2.1\n"
        f"Name: {project['name']}\nVersion: {project['version']}\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{stem}.dist-info/entry_points.txt": "".join(lines),
        f"{stem}.dist-info/RECORD": "",
    }
    for module in description["tool"]["setuptools"]["py-modules"]:
        files[f"{module}.py"] = (EXAMPLE / f"{module}.py").read_text(encoding="utf-8")
    made = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made


def jobistemer(*words: str, site: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, **({"PYTHONPATH": str(site)} if site else {}))
    return subprocess.run(
        [sys.executable, "-m", "jobistemer_tui", *words], env=environment, capture_output=True, text=True, check=False
    )


def job_file(folder: Path, text: str) -> str:
    file = folder / "jobs.toml"
    file.write_text(text)
    return str(file)


def written() -> str:
    (text,) = blocks(EXAMPLE / "README.md", "toml")
    return text


def test_the_jobs_of_its_page_are_in_order_once_it_is_installed(site: Path, tmp_path: Path) -> None:
    file = job_file(tmp_path, written())
    done = jobistemer("check", file, "--json", site=site)
    assert (done.returncode, json.loads(done.stdout)["problems"]) == (0, [])
    without = jobistemer("check", file)
    assert without.returncode == 1
    assert "unknown key 'business-days' in a schedule" in without.stdout
    assert "further kinds come with packages that are installed" in without.stdout


def test_its_own_refusals_stand_at_their_place(site: Path, tmp_path: Path) -> None:
    text = "[jobs.a]\nrun = 'x'\nschedule = { business-days = '09:00', holidays = ['2026-12-25', '2026-13-01'] }\n"
    done = jobistemer("check", job_file(tmp_path, text), site=site)
    assert done.returncode == 1
    column = text.splitlines()[2].index("2026-13-01") + 1
    assert f":3:{column}: error" in done.stdout
    assert '"2026-13-01" is no date' in done.stdout
    for wrong in (
        "{ business-days = 'soon' }",
        "{ business-days = '09:00', nth = 0 }",
        "{ business-days = '09:00', x = 1 }",
    ):
        done = jobistemer("check", job_file(tmp_path, f"[jobs.a]\nrun = 'x'\nschedule = {wrong}\n"), site=site)
        assert done.returncode == 1, wrong


def test_its_instants(site: Path) -> None:
    code = """
import json
from datetime import UTC, datetime
from itertools import islice
from jobistemer_tui.schedules import parse_schedule
def slots(value, start, count):
    schedule = parse_schedule(value, timezone="Europe/Berlin")
    found = islice(schedule.slots_after(datetime.fromisoformat(start).replace(tzinfo=UTC)), count)
    return [(f"{slot.instant:%m-%dT%H:%M}", slot.why) for slot in found]
days = {"business-days": "09:00", "holidays": ["2026-12-25", "2026-12-26"]}
print(json.dumps([
    slots(days, "2026-12-23T12:00", 3),
    slots({**days, "nth": -1}, "2026-12-01", 2),
    slots({**days, "nth": 1, "timezone": "UTC"}, "2026-08-01", 2),
    parse_schedule({**days, "nth": 2}, timezone="UTC").describe(),
]))
"""
    environment = dict(os.environ, PYTHONPATH=str(site))
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [
        [["12-24T08:00", ""], ["12-25T08:00", "2026-12-25 is a holiday"], ["12-28T08:00", ""]],
        [["12-31T08:00", ""], ["01-29T08:00", ""]],
        [["08-03T09:00", ""], ["09-01T09:00", ""]],
        "at 09:00 on business day 2 of each month, UTC time, with 2 holidays",
    ]
