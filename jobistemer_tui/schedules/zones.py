"""Names of time zones: found, refused with the nearest name, and the machine's own."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError, available_timezones

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.settings.near_words import did_you_mean, nearest

# These exist as files in the database's folders but are no zone: leap-second variants and the machine's own rules.
_NOT_A_ZONE = ("right/", "posix/", "localtime", "posixrules", "Factory")


def find_zone(name: object) -> ZoneInfo:
    """The zone of an IANA name such as "Europe/Paris".

    Raises ScheduleError with the nearest names for anything else.
    """
    if not isinstance(name, str):
        raise ScheduleError(f'a time zone is a text such as "Europe/Paris", not {name!r:.60}', text=repr(name)[:80])
    return _load(name)


@lru_cache(maxsize=1024)
def _load(name: str) -> ZoneInfo:
    try:
        if name.startswith(_NOT_A_ZONE):
            raise ZoneInfoNotFoundError(name)
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ScheduleError(
            f'unknown zone "{name[:80]}"{_suggestion(name)}',
            text=name[:80],
            hint='write a name of the IANA database, such as "Europe/Paris" or "UTC"',
        ) from error


def _suggestion(name: str) -> str:
    known = {zone.lower(): zone for zone in available_timezones() if not zone.startswith(_NOT_A_ZONE)}
    wanted = name.strip().lower().replace(" ", "_")
    cities = {zone.rpartition("/")[2]: zone for zone in known}
    near = cities.get(wanted) or nearest(wanted, known, cutoff=0.75)
    return f"; {did_you_mean(known[near])}" if near else ""


def local_zone_name(root: Path = Path("/")) -> str:
    """The IANA name of the machine's zone: $TZ, else /etc/timezone, else where /etc/localtime points, else UTC.

    A name that the database does not know is passed over. `root` is the folder that holds `etc`.
    """
    candidates = (
        os.environ.get("TZ", "").removeprefix(":"),
        _first_line(root / "etc/timezone"),
        os.path.realpath(root / "etc/localtime"),
    )
    for candidate in candidates:
        name = candidate.rpartition("/zoneinfo/")[2]
        if name and _exists(name):
            return name
    return "UTC"


def _first_line(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace").partition("\n")[0].strip()
    except OSError:
        return ""


def _exists(name: str) -> bool:
    try:
        find_zone(name)
    except ScheduleError:
        return False
    return True


@lru_cache(maxsize=1)
def zone_data_version() -> str:
    """The version of the time-zone data in use, such as "2026b"; "unknown" where its files do not say."""
    for folder in map(Path, TZPATH):
        if (folder / "Europe/Paris").exists():
            return _version_in(folder)
    # The package that zoneinfo falls back to where the system has no data of its own.
    return str(import_module("tzdata").IANA_VERSION)


def _version_in(folder: Path) -> str:
    text = _first_line(folder / "+VERSION") or _first_line(folder / "tzdata.zi").removeprefix("# version ")
    return text or "unknown"
