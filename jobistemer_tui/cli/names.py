"""`jobistemer __complete KIND PREFIX [HOME [STORE]]`: what the completion of a shell asks, in a few milliseconds.

A line for each name, with a tab and a word about it. Whatever is wrong with the store, it says nothing and succeeds: a
message would land in the middle of what somebody is typing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def print_names(words: Sequence[str]) -> None:
    """Print the names for KIND, PREFIX, HOME and STORE; what is not there counts as empty."""
    from jobistemer_tui.operations.completion_names import completion_names
    from jobistemer_tui.settings.quick_path import quick_store_url

    kind, prefix, home, store = (*words[:4], *[""] * (4 - len(words)))
    try:
        url = quick_store_url(home, store, os.environ)
        names = {} if url is None else completion_names(kind, prefix, url)
        sys.stdout.write("".join(f"{name}\t{about}\n" for name, about in names.items()))
        sys.stdout.flush()
    except Exception:  # noqa: BLE001  # see above; nobody could do anything with it while typing
        return
