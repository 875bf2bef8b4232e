"""What a command imports is what its user waits for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.home import Home
from tests.support.factories import add_job, make_definition

HEAVY = {"textual", "rich", "pydantic", "sqlite_utils", "croniter", "watchfiles", "yaml", "psutil", "platformdirs"}
PROGRAM = """
import sys
sys.path.insert(0, {root!r})
from jobistemer_tui.cli.main import run
code = run(sys.argv[1:])
print(*sorted(set(name.partition(".")[0] for name in sys.modules)), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    "words",
    [
        ["--help"], ["--version"], ["jobs"], ["jobs", "--json"], ["runs"], ["show", "backup"], ["trigger", "backup"],
        ["pause", "backup"], ["next"], ["nowhere"], ["completion", "bash"], ["docs", "--list"], ["new", "-o", "-"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_commands_import_nothing_heavy(home: Home, words: list[str]) -> None:
    home.fill(lambda store: add_job(store, make_definition()))  # the database is there: nothing has to be migrated
    program = PROGRAM.format(root=str(Path(__file__).parents[2]))
    done = subprocess.run(
        [sys.executable, "-c", program, "--home", str(home.folder), *words],
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    modules = set(done.stderr.splitlines()[-1].split())
    assert done.returncode == (66 if words == ["nowhere"] else 0)
    assert "click" in modules
    assert modules & HEAVY == set()


def test_the_help_imports_no_command(home: Home) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "from jobistemer_tui.cli.main import run\nrun(['--help'])\n"
        "print([name for name in sys.modules if '.commands.' in name or name.endswith('wiring')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=100)
    assert done.stderr.strip() == "[]"
