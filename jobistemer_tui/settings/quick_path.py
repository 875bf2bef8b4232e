"""The URL of the store's file, found in a few milliseconds: what `locations` says, without the libraries it needs.

Shell completion asks at each press of a key. A test compares the two.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def quick_store_url(home: str, store: str, environ: Mapping[str, str]) -> str | None:
    """The store that options (empty: not given), environment and platform name, its path absolute; None if no file."""
    url = store or environ.get("JOBISTEMER_STORE", "")
    if url:
        return _absolute(url)
    home = home or environ.get("JOBISTEMER_HOME", "")
    if home:
        return _absolute(f"sqlite:{os.path.join(os.path.abspath(os.path.expanduser(home)), 'jobistemer.db')}")
    if sys.platform != "linux":
        from jobistemer_tui.settings.locations import find_locations  # slower, and right on every platform

        return _absolute(find_locations(None, None, environ).store_url)
    data = environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(data):
        data = os.path.join(environ.get("HOME", ""), ".local", "share")
    return _absolute(f"sqlite:{os.path.join(data, 'jobistemer', 'jobistemer.db')}") if os.path.isabs(data) else None


def _absolute(url: str) -> str | None:
    scheme, _, rest = url.partition(":")
    path = rest[2:] if rest.startswith("///") else rest
    if scheme not in ("sqlite", "lmdb") or not path.strip("/") or path.startswith("//"):
        return None
    return f"{scheme}:{os.path.realpath(os.path.abspath(os.path.expanduser(path)))}"
