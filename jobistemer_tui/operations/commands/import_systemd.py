"""Import timers of systemd: finds the units and their drop-ins as systemd does."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from jobistemer_tui.errors import NotFound
from jobistemer_tui.jobfiles.importing.model import Fate, Imported, Note
from jobistemer_tui.jobfiles.importing.names import Names
from jobistemer_tui.jobfiles.importing.systemd import import_timers
from jobistemer_tui.jobfiles.importing.systemd_units import Unit, UnitText
from jobistemer_tui.operations.commands.import_jobs import ImportedFile, finished, person, read_text

_USER = ("/etc/systemd/user", "/run/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user")
_SYSTEM = (
    "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
    "/lib/systemd/system",
)  # fmt: skip

_MASKED = "it is masked, or a link to nothing"


def import_systemd(words: Sequence[str], *, system: bool) -> ImportedFile:
    """The jobs of timers: named units, unit files, folders of them, or without any those of the person.

    `system`: units of the system rather than of the user manager; folders that end in `systemd/system` say so.
    Raises NotFound for what is not there, JobFileError for what cannot be read.
    """
    folders = [path for path in map(Path, words) if path.is_dir()]
    files = [path for path in map(Path, words) if path.is_file()]
    system = system or any(path.absolute().parts[-2:] == ("systemd", "system") for path in (*folders, *_parents(files)))
    search = [*folders, *_parents(files), *_search_path(system)]
    if not words:
        folders = search[:1]
    present = [path for folder in folders for path in sorted(folder.glob("*.timer"))]
    named = [path.name for path in files] + [_timer_name(word) for word in words if not Path(word).exists()]
    found = {name: _find(name, search) for name in (*(path.name for path in present), *named)}
    for name in named:
        if found[name] is None:
            raise NotFound(f"there is no timer {name}", hint=f"looked in {', '.join(map(str, search))}")
    masked = tuple(Note(Fate.LOST, str(path), 0, "", _MASKED) for path in present if found[path.name] is None)
    timers = [timer for timer in found.values() if timer is not None]
    if not timers:
        raise NotFound(f"there is no timer in {', '.join(map(str, folders))}")
    made = import_timers(timers, lambda name: _find(name, search), person(), system=system, names=Names())
    whole = Imported(made.jobs, (*made.notes, *masked))
    return finished(whole, ", ".join(timer.name for timer in timers))


def _parents(files: Sequence[Path]) -> list[Path]:
    return [path.absolute().parent for path in files]


def _timer_name(word: str) -> str:
    return word if word.endswith(".timer") else f"{word}.timer"


def _search_path(system: bool) -> list[Path]:
    """Where units lie, the most important folder first."""
    if system:
        return list(map(Path, _SYSTEM))
    home = Path(os.path.expanduser("~"))
    config = os.environ.get("XDG_CONFIG_HOME", "")
    own = Path(config) if os.path.isabs(config) else home / ".config"
    return [own / "systemd" / "user", *map(Path, _USER), home / ".local" / "share" / "systemd" / "user"]


def _find(name: str, search: Sequence[Path]) -> Unit | None:
    """The unit of that name, or of its template, with its drop-ins; None for one that is masked."""
    stem, _, suffix = name.rpartition(".")
    names = [name, f"{stem.partition('@')[0]}@.{suffix}"] if "@" in stem else [name]
    for one in names:
        for folder in search:
            if (folder / one).is_file():
                files = [folder / one, *_drop_ins(names, search)]
                return Unit(name, [UnitText(str(path), read_text(path)) for path in files])
            if os.path.lexists(folder / one):
                return None
    return None


def _drop_ins(names: Sequence[str], search: Sequence[Path]) -> Iterator[Path]:
    """By file name; of equal names the one in the most important folder counts."""
    found: dict[str, Path] = {}
    for folder in reversed(search):
        for name in reversed(names):
            found |= {path.name: path for path in (folder / f"{name}.d").glob("*.conf")}
    yield from (found[name] for name in sorted(found))
