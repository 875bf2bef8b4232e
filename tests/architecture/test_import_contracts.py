"""The directions of imports hold, and the contracts would notice if they did not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, ROOT

_COMMAND = (
    "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None, no_cache=True))"
)

PLANTED = {
    "Layers": ("domain/states.py", "import jobistemer_tui.storage"),
    "Screen and commands use operations only": ("tui/__init__.py", "import jobistemer_tui.engine"),
    "No screen library below the screen": ("schedules/__init__.py", "import rich"),
    "Backends are opened by URL only": ("engine/__init__.py", "import jobistemer_tui.storage.sqlite"),
    "Backends do not know each other": ("storage/memory/__init__.py", "import jobistemer_tui.storage.sqlite"),
    "The supervisor imports none of our packages": ("engine/supervisor/protocol.py", "import jobistemer_tui.errors"),
}


def lint(folder: Path) -> tuple[int, str]:
    """The exit code and text of import-linter in a project's folder."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def broken(text: str) -> set[str]:
    """The names of the contracts that are broken."""
    return set(re.findall(r"^(\S.*?) BROKEN", text, re.MULTILINE))


def test_every_contract_is_kept() -> None:
    code, text = lint(ROOT)
    assert code == 0, text
    assert broken(text) == set()


def test_every_contract_has_a_violation_that_it_is_tried_with() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {contract["name"] for contract in project["tool"]["importlinter"]["contracts"]}
    assert contracts == set(PLANTED)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and its contracts."""
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__", "docs"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_a_violation_of_each_contract_is_noticed(copy: Path) -> None:
    for name, line in PLANTED.values():
        file = copy / PACKAGE.name / name
        file.write_text(f"{file.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    code, text = lint(copy)
    assert code != 0
    assert broken(text) == set(PLANTED)


def test_a_module_without_a_place_in_the_layers_is_noticed(copy: Path) -> None:
    (copy / PACKAGE.name / "helpers.py").write_text('"""Anything."""\n', encoding="utf-8")
    code, text = lint(copy)
    assert code != 0
    assert "helpers" in text
