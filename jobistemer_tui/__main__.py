"""`python -m jobistemer_tui`, and the `jobistemer` command."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and end the process with its exit code."""
    if sys.argv[1:2] == ["__complete"]:  # asked at each press of the Tab key, so nothing else is imported for it
        from jobistemer_tui.cli.names import print_names

        return print_names(sys.argv[2:])
    gc.disable()  # what is imported stays, and would be looked through twenty times
    from jobistemer_tui.cli.plain_start import run

    gc.freeze()
    gc.enable()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
