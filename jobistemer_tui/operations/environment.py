"""How the environment of a scheduled task differs from that of a shell: what was compared, as values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from jobistemer_tui.settings.locations import has_password
from jobistemer_tui.settings.quick_dataclass import dataclass

MASK: Final = "••••"
_SECRET = re.compile(r"(?i)(secret|token|passw(or)?d|passphrase|credential|private|api_?key|access_?key|_pass$|_pw$)")
_SESSION = re.compile(
    r"_|PWD|OLDPWD|SHLVL|TERM.*|COLUMNS|LINES|PS\d|PROMPT.*|LS_COLORS|LESS.*|HIST.*|DISPLAY|WAYLAND.*|XAUTHORITY|WINDOWID|"
    r"TMUX.*|STY|SSH_.*|XDG_(SESSION|SEAT|VTNR|CURRENT).*|DESKTOP_.*|GPG_(TTY|AGENT_INFO)|COLORTERM|VTE_.*|BASH_.*|ZSH.*|"
    r"JOBISTEMER_.*|MAIL|SUDO_.*|INVOCATION_ID|JOURNAL_STREAM|LISTEN_.*|NOTIFY_SOCKET|SYSTEMD_.*|MANAGERPID"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable on both sides, None where it is not set; a `secret` one without its values.

    `session`: it belongs to a terminal session or a service manager, and no job misses it.
    """

    name: str
    there: str | None
    here: str | None
    secret: bool = False
    session: bool = False
    same: bool = False

    @property
    def kind(self) -> str:
        """`same`, `different`, `only_there` or `only_here`."""
        if self.same:
            return "same"
        if self.here is None:
            return "only_there"
        return "only_here" if self.there is None else "different"


@dataclass(frozen=True, slots=True)
class PathEntry:
    """A folder of PATH, and on which sides it is."""

    folder: str
    there: bool
    here: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """What else decides how a program runs, in words for each side."""

    name: str
    there: str
    here: str


@dataclass(frozen=True, slots=True)
class Environment:
    """The comparison. `there` is the scheduled task, `here` the shell.

    `engine` is the process id of the engine whose environment was looked at; None where none serves, and one started
    from this shell was assumed. `lines` are text for the job file in its `format` that closes the gap, empty if there
    is none; `problems` say what could not be read.
    """

    job: str
    task: str
    tasks: tuple[str, ...]
    file: str
    engine: int | None
    variables: tuple[Variable, ...]
    path: tuple[PathEntry, ...]
    path_order_differs: bool
    facts: tuple[Fact, ...]
    format: str
    lines: str
    problems: tuple[str, ...]


def compare_variables(
    there: Mapping[str, str], here: Mapping[str, str], secrets: frozenset[str]
) -> tuple[Variable, ...]:
    """All variables by name; those in `secrets`, or that look like one, masked."""
    return tuple(_compared(name, there, here, secrets) for name in sorted({*there, *here}))


def looks_secret(name: str, *values: str) -> bool:
    """Whether a name is that of a secret by custom, or a value is an address with a password."""
    return bool(_SECRET.search(name) or any(map(has_password, values)))


def _compared(name: str, there: Mapping[str, str], here: Mapping[str, str], secrets: frozenset[str]) -> Variable:
    one, other = there.get(name), here.get(name)
    secret = name in secrets or looks_secret(name, one or "", other or "")
    return Variable(
        name,
        MASK if secret and one is not None else one,
        MASK if secret and other is not None else other,
        secret,
        name not in secrets and bool(_SESSION.fullmatch(name)),
        # Whether two secrets are equal is nothing to be told either, but for ones that are no more than assumed.
        one == other and name not in secrets,
    )


def compare_path(there: str, here: str) -> tuple[PathEntry, ...]:
    """The folders of both, those of `here` in its order, the others behind; each once."""
    ours, theirs = here.split(":"), there.split(":")
    return tuple(PathEntry(folder, folder in theirs, folder in ours) for folder in dict.fromkeys((*ours, *theirs)))


def in_order(there: str, here: str) -> bool:
    """Whether the folders that both paths have are looked through in the same order."""
    ours, theirs = dict.fromkeys(here.split(":")), dict.fromkeys(there.split(":"))
    return [one for one in ours if one in theirs] == [one for one in theirs if one in ours]


def worth_setting(variables: tuple[Variable, ...]) -> Iterator[Variable]:
    """The variables that a job file would set to give a job what the shell has."""
    for one in variables:
        if one.kind in ("only_here", "different") and not one.session and _NAME.fullmatch(one.name):
            yield one
