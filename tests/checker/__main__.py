"""`python -m tests.checker STORE [LEDGER]`: judge a real SQLite store, and the ledger that its tasks wrote.

The engine may be running. Says what is broken, a line each, and exits with 1 if anything is; 2 if it cannot be read.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from tests.checker.check import check
from tests.checker.real_store import living_attempts, store_id


def main(words: list[str]) -> int:
    """Run the command; gives the exit code."""
    if not 1 <= len(words) <= 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    database, ledger = Path(words[0]), Path(words[1]) if len(words) > 1 else None
    try:
        store = store_id(database)
        folders = database.parent / "attempts" / str(store)
        violations = check(
            database, ledger, folders=folders if folders.exists() else None, alive=living_attempts(store)
        )
    except (sqlite3.Error, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"{violation}\n" for violation in violations))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
