"""What a logout means for what a person leaves running, where systemd keeps the sessions."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

LINGERING = Path("/var/lib/systemd/linger")
"""logind keeps a file here, with the user's name, for each user whose manager goes on without a login."""


def has_user_manager(environ: Mapping[str, str]) -> bool:
    """Whether systemd runs units of this person: its private socket is where `systemctl --user` looks for it."""
    runtime = environ.get("XDG_RUNTIME_DIR")
    return bool(runtime) and Path(runtime or "", "systemd", "private").exists()


def lingers() -> bool:
    """Whether the units of this person go on without a login."""
    try:
        return (LINGERING / pwd.getpwuid(os.getuid()).pw_name).exists()
    except KeyError:
        return False  # a user without an entry has no file either
