"""The program and what it stands on: Python, SQLite, extras, the editor, the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jobistemer_tui.operations.doctor.finding import Finding, ok, problem, warning

OLDEST_PYTHON = (3, 11)
SOUND_SQLITE = (3, 51, 3)
"""Before it, two connections that checkpoint at once could damage a database in WAL mode (https://sqlite.org/wal.html)."""


def python(version: Sequence[int], program: str) -> Finding:
    """The interpreter, and where the program is."""
    text = f"{'.'.join(map(str, version[:3]))}; Jobistemer {program}"
    if tuple(version[:2]) < OLDEST_PYTHON:
        return problem("python", text, "install Python 3.11 or newer, and the program with it")
    return ok("python", text)


def sqlite(version: Sequence[int]) -> Finding:
    """The library behind the database."""
    text = ".".join(map(str, version))
    if tuple(version) < SOUND_SQLITE:
        return warning(
            "sqlite",
            f"{text}: versions before 3.51.3 may damage a database when two programs checkpoint at once",
            "this program never does; let no other one write to its database while an engine runs",
        )
    return ok("sqlite", text)


def extras(installed: Mapping[str, bool]) -> Finding:
    """What can be installed beside the program."""
    there = [name for name, is_there in installed.items() if is_there]
    missing = [name for name, is_there in installed.items() if not is_there]
    advice = f'pip install "jobistemer-tui[{",".join(missing)}]" if a job needs it' if missing else ""
    return ok("extras", f"installed: {', '.join(there) or 'none'}", advice)


def editor(command: str, found: str | None) -> Finding:
    """What `edit` and the screen's `e` open."""
    if found is None:
        return warning("editor", f"{command} is not found", "set EDITOR to a program that is installed")
    return ok("editor", found)


def terminal(environ: Mapping[str, str], encoding: str) -> Finding:
    """Whether the screen can draw what it draws."""
    kind = environ.get("TERM", "")
    if encoding.lower().replace("-", "") != "utf8":
        return warning("terminal", f"the encoding is {encoding}", "set LANG to a UTF-8 locale, such as C.UTF-8")
    if kind in ("", "dumb"):
        return warning("terminal", f"TERM is {kind or 'not set'}", "the screen needs a terminal; commands do not")
    colours = "16 million" if environ.get("COLORTERM") in ("truecolor", "24bit") else "256" if "256" in kind else "few"
    return ok("terminal", f"{kind}, UTF-8, {'no' if environ.get('NO_COLOR') else colours} colours")
