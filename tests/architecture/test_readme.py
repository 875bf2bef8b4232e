"""The README's commands are the ones that are tried."""

from __future__ import annotations

import os
import re
import subprocess

from tests.architecture.markdown import GUIDE, links, marked_command
from tests.architecture.tree import ROOT, read

README = ROOT / "README.md"
CI = ROOT / ".ci" / "run"


def test_it_names_one_first_command_and_one_test_command() -> None:
    (first,) = marked_command(README, "first command")
    (tests,) = marked_command(README, "tests")
    assert first.splitlines() == [first]
    assert first.endswith("jobistemer --home .jobistemer-demo examples")
    assert tests == "python3 -m venv .venv && .venv/bin/pip install --quiet -e '.[test]' && .venv/bin/pytest"


def test_the_guide_begins_with_the_same_command() -> None:
    (first,) = marked_command(README, "first command")
    assert first in read(GUIDE / "first_steps.md")


def test_the_gate_takes_the_test_command_from_the_readme() -> None:
    assert os.access(CI, os.X_OK)
    assert "TESTS=$(command_in README.md tests)" in read(CI)
    assert 'bash -c "$TESTS"' in read(CI)
    (function,) = re.findall(r"^command_in\(\) \{.*?^\}$", read(CI), re.MULTILINE | re.DOTALL)
    script = f'{function}\ncommand_in "$1" tests'
    done = subprocess.run(["bash", "-c", script, "-", str(README)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == marked_command(README, "tests")


def test_the_home_of_the_first_command_is_never_committed() -> None:
    assert ".jobistemer-demo/" in read(ROOT / ".gitignore").splitlines()


def test_it_shows_the_screen() -> None:
    assert "screenshots/jobs.svg" in links(README)
