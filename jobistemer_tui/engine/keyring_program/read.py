"""Prints an entry of the keyring: `python read.py SERVICE USER`; the exit code says why it cannot.

Started by its path, in a process of its own: backends wait for people, and leave threads and connections behind.
"""

from __future__ import annotations

import sys

NOT_INSTALLED, NO_KEYRING, NO_ENTRY, LOCKED, REFUSED = 10, 11, 12, 13, 14


def main(service: str, user: str) -> int:
    """The exit code; the entry goes to standard output as UTF-8."""
    try:
        import keyring  # type: ignore[import-not-found, unused-ignore]  # an extra
        from keyring import errors
    except ImportError:
        return NOT_INSTALLED
    try:
        value = keyring.get_password(service, user)
    except errors.NoKeyringError:
        return NO_KEYRING
    except errors.KeyringLocked:
        return LOCKED
    except errors.KeyringError:
        return REFUSED
    if value is None:
        return NO_ENTRY
    sys.stdout.buffer.write(value.encode("utf-8", "surrogateescape"))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
