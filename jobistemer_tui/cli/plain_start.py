"""The program's beginning. The plainest way to open the screen does without click: a tenth of the first picture's time.

Whatever is not surely plain is for click; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jobistemer_tui.cli.command_table import COMMANDS
from jobistemer_tui.cli.ending import exit_code_from
from jobistemer_tui.cli.one_call import Session


def run(arguments: Sequence[str]) -> int:
    """Run the program with these words; gives its exit code."""
    plain = read_plain(arguments)
    if plain is None:
        from jobistemer_tui.cli.main import run as run_with_click

        return run_with_click(arguments)
    from jobistemer_tui.cli.screen import open_screen

    return exit_code_from(lambda: open_screen(*plain), as_json=False)


def read_plain(arguments: Sequence[str]) -> tuple[Session, tuple[Path, ...]] | None:
    """What opens the screen, if there is nothing but paths, `--home DIR`, `--attach` and `--read-only`; else None."""
    session, words = Session(), list(arguments)
    paths: list[Path] = []
    while words:
        match words.pop(0):
            case "--attach":
                session.attach = True
            case "--read-only":
                session.read_only = True
            case "--home" if words and words[0] and not words[0].startswith("-"):
                session.home = Path(words.pop(0))
            case word if word and not word.startswith("-") and (paths or word not in COMMANDS):
                paths.append(Path(word))
            case _:
                return None
    return session, tuple(paths)
