"""The command that opens a file at a line in a person's editor."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import PurePath

_COLON_EDITORS = {"hx", "helix", "subl", "zed"}
_GOTO_EDITORS = {"code", "codium", "code-insiders"}
_PLUS_EDITORS = {
    "vi", "vim", "nvim", "view", "nano", "pico", "emacs", "emacsclient", "micro", "kak", "joe", "jed", "mg", "ne",
    "mcedit",
}  # fmt: skip


def editor_command(environ: Mapping[str, str], path: str, line: int) -> list[str]:
    """$VISUAL, else $EDITOR, else vi, with the file and, for editors that we know, the line.

    Raises ValueError if the variable cannot be split into words.
    """
    words = shlex.split(environ.get("VISUAL") or environ.get("EDITOR") or "") or ["vi"]
    # A name that begins with a dash would be read as an option.
    target = path if PurePath(path).is_absolute() else f"./{path}"
    name = PurePath(words[0]).name
    if name in _GOTO_EDITORS:
        return [*words, "--wait", "--goto", f"{target}:{line}"]
    if name in _COLON_EDITORS:
        return [*words, f"{target}:{line}"]
    if name in _PLUS_EDITORS:
        return [*words, f"+{line}", target]
    return [*words, target]
