"""A person who follows a page, in a home of its own, in the order of the page.

Lines that are nothing but commands of ours are run by the program's own entry in this process; whatever else the shell
has to understand is given to bash, where `jobistemer` is the real command. `jobistemer run` goes to another terminal.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.guide.histories import HISTORIES
from tests.guide.page import Block
from tests.guide.shown import is_shown
from tests.support.in_process import run_together
from tests.support.real_home import RealHome

_ENGINE = re.compile(r"^jobistemer run\b(?!.*--(?:for|until-idle|foreground))", re.MULTILINE)
_PLAIN = re.compile(r"jobistemer( +([\w./:=@,+-]+|'[^']*'|\"[^\"$`\\]*\"))*( +#.*)?")
_SHELL = f"""
jobistemer() {{ {sys.executable} -m jobistemer_tui "$@"; }}
export -f jobistemer
engine_in_another_terminal() {{
    jobistemer run "$@" >"$HOME/.engine.log" 2>&1 &
    until grep -q ^serving "$HOME/.engine.log"; do kill -0 $!; sleep 0.02; done
}}
"""
_WAIT_S = 240


class Session:
    """The processes and files of one page; `home` is HOME of this process too. `end` it."""

    def __init__(self, folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._real = RealHome(folder)
        self.home = home
        self._environ = {**self._real.environ, "EDITOR": "true", "VISUAL": "true", "PYTHONPATH": str(ROOT)}
        (home / ".config").mkdir()  # which everybody has who follows a guide
        monkeypatch.chdir(home)
        for name in ("EDITOR", "VISUAL"):
            monkeypatch.setenv(name, "true")

    def follow(self, block: Block) -> None:
        """Do what a block of shell lines, an output or a setup says; fails where the page is wrong."""
        if block.language == "setup" and block.text in HISTORIES:
            HISTORIES[block.text](self.home)
        elif block.has("output"):
            command = block.value("output", "command") or ""
            code, written = self._run(command)
            assert code == 0, f"{block.place}: {command} ends with {code}:\n{written}"
            assert is_shown(block.text, written), f"{block.place}: {command} writes something else:\n{written}"
        else:
            code, written = self._run(_run_lines(block))
            assert code == int(block.value("exit code", "code") or 0), f"{block.place} ends with {code}:\n{written}"

    def save(self, block: Block, path: str) -> Path:
        """Write a block's text where the page says that it stands."""
        file = Path(path).expanduser() if path.startswith("~") else self.home / path
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
        file.chmod(0o600)
        return file

    def end(self) -> None:
        """End whatever was started."""
        self._real.end()

    def _run(self, lines: str) -> tuple[int, str]:
        """The exit code, and standard output and error together. What fails ends it, as `set -e` does."""
        commands = lines.splitlines()
        if not all(_PLAIN.fullmatch(command) for command in commands):
            return self._in_bash(lines)
        code, written = 0, ""
        for command in commands:
            code, more = self._in_bash(command) if _ENGINE.match(command) else run_together(command)
            written += more
            if code != 0:
                break
        return code, written

    def _in_bash(self, lines: str) -> tuple[int, str]:
        script = _SHELL + _ENGINE.sub("engine_in_another_terminal", lines)
        with (self.home / ".written").open("w+b") as written:  # a pipe would stay open as long as an engine runs
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script], cwd=self.home, env=self._environ, timeout=_WAIT_S,
                stdin=subprocess.DEVNULL, stdout=written, stderr=written, check=False,
            )  # fmt: skip
            written.seek(0)
            return done.returncode, written.read().decode(errors="replace")


def _run_lines(block: Block) -> str:
    """The lines without the commands that are left out, each of which has to be there."""
    lines = block.text.splitlines()
    for command, _ in block.left_out:
        kept = [line for line in lines if line.partition(" #")[0].strip() != command]
        assert len(kept) < len(lines), f"{block.place}: there is no line {command!r} to leave out"
        lines = kept
    return "\n".join(lines)
