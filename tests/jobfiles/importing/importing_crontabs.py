"""The crontabs of this folder, and an import of them by a person who is nobody in particular."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from jobistemer_tui.jobfiles.importing.crontab import Crontab, import_crontab
from jobistemer_tui.jobfiles.importing.model import Fate, Imported, ImportedJob, Person
from jobistemer_tui.jobfiles.importing.names import Names

FOLDER = Path(__file__).parent / "crontabs"
CRONTABS = sorted(FOLDER.glob("*.crontab"))
SYSTEM = {"01-debian-system", "02-certbot-system", "16-system-users"}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANN = Person("ann", "/home/ann", 1000, {"www-data": "/var/www", "root": "/root"}.get)
ROOT = Person("root", "/root", 0, ANN.home_of)


def imported(
    content: str | Path, *, system: bool = False, who: Person = ANN, timezone: str = "UTC", names: Names | None = None
) -> Imported:
    """The import of a text, or of one of these files."""
    if isinstance(content, Path):
        system, content = content.stem in SYSTEM, content.read_text()
        who = ROOT if system else who
    crontab = Crontab(content, "crontab", system)
    return import_crontab(crontab, who, timezone=timezone, now=NOW, names=names or Names())


def only(content: str, *, system: bool = False, who: Person = ANN) -> ImportedJob:
    """The one job of a text."""
    (job,) = imported(content, system=system, who=who).jobs
    return job


def said(made: Imported, fate: Fate) -> list[tuple[int, str]]:
    """Line and sentence of each note of a kind."""
    return [(note.line, note.message) for note in made.notes if note.fate is fate]
