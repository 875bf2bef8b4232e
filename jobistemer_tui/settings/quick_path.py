"""Where the database lies, found in a few milliseconds: what `locations` says, without the libraries it needs.

Shell completion asks at each press of a key. A test compares the two.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def quick_database_path(home: str, store: str, environ: Mapping[str, str]) -> str | None:
    """The absolute path that options (empty: not given), environment and platform name; None for a store without."""
    url = store or environ.get("JOBISTEMER_STORE", "")
    if url:
        return _path_of(url)
    home = home or environ.get("JOBISTEMER_HOME", "")
    if home:
        return os.path.realpath(os.path.join(os.path.abspath(os.path.expanduser(home)), "jobistemer.db"))
    if sys.platform != "linux":
        from jobistemer_tui.settings.locations import find_locations  # slower, and right on every platform

        found = find_locations(None, None, environ).database
        return None if found is None else str(found)
    data = environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(data):
        data = os.path.join(environ.get("HOME", ""), ".local", "share")
    return os.path.realpath(os.path.join(data, "jobistemer", "jobistemer.db")) if os.path.isabs(data) else None


def _path_of(url: str) -> str | None:
    scheme, _, rest = url.partition(":")
    path = rest[2:] if rest.startswith("///") else rest
    if scheme != "sqlite" or not path.strip("/") or path.startswith("//"):
        return None
    return os.path.realpath(os.path.abspath(os.path.expanduser(path)))
