"""What the system says of its clock: whether it is right, and whether somebody is about to set it right."""

from __future__ import annotations

import os

TIME_KEEPERS = ("/run/systemd/timesync", "/run/chrony", "/run/ntpd.pid", "/run/openntpd.pid")
"""What systemd-timesyncd, chrony, ntpd and OpenNTPD have while they run."""
_TIMEX_BYTES = 512  # more than any struct timex; its first word says what to set: nothing
_TIME_ERROR = 5


def is_clock_synchronised() -> bool | None:
    """What the kernel says (adjtimex(2), which sets nothing here); None where it says nothing."""
    import ctypes  # only where it is asked

    adjust = getattr(ctypes.CDLL(None), "adjtimex", None)
    if adjust is None:
        return None
    state = int(adjust(ctypes.create_string_buffer(_TIMEX_BYTES)))
    return None if state < 0 else state != _TIME_ERROR


def awaits_synchronisation() -> bool:
    """Whether something keeps the clock of this machine and has not set it right yet."""
    return is_clock_synchronised() is False and any(map(os.path.exists, TIME_KEEPERS))
