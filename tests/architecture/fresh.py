"""Fresh processes that tell what they imported and which files they opened."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.tree import ROOT

_PROGRAM = """
import sys
opened = []
def hook(event, arguments):
    if event in ("open", "os.open", "shutil.copyfile") and isinstance(arguments[0], (str, bytes)):
        opened.append(arguments[0] if isinstance(arguments[0], str) else arguments[0].decode(errors="replace"))
sys.addaudithook(hook)
report, sys.argv = sys.argv[1], ["jobistemer", *sys.argv[2:]]
try:
    from jobistemer_tui.__main__ import main
    code = main()
except SystemExit as end:
    code = end.code
lines = ["module " + name for name in list(sys.modules)] + ["file " + name for name in list(opened)]
with open(report, "w", encoding="utf-8", errors="replace") as file:
    file.write("\\n".join(lines))
sys.exit(code)
"""


@dataclass(frozen=True)
class Report:
    """What a process did."""

    code: int
    output: str
    errors: str
    modules: frozenset[str]
    files: frozenset[str]

    def packages(self) -> frozenset[str]:
        """The top-level packages among the modules."""
        return frozenset(name.partition(".")[0] for name in self.modules)


def run_command(report: Path, *words: str) -> Report:
    """Run `jobistemer WORDS` in a fresh interpreter; `report` is a file to write."""
    command = [sys.executable, "-c", _PROGRAM, str(report), *words]
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(), capture_output=True, text=True, timeout=90, check=False
    )
    told = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
    return Report(done.returncode, done.stdout, done.stderr, _told(told, "module"), _told(told, "file"))


def _told(lines: list[str], kind: str) -> frozenset[str]:
    return frozenset(rest for line in lines for word, _, rest in [line.partition(" ")] if word == kind)


def _environment() -> dict[str, str]:
    """Without the measuring of coverage, whose own imports and files would be counted."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
