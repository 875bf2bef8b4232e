"""How editors are told the line."""

from __future__ import annotations

import pytest

from jobistemer_tui.settings.editor import editor_command


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({}, ["vi", "+41", "/j/a.toml"]),
        ({"EDITOR": "nano"}, ["nano", "+41", "/j/a.toml"]),
        ({"EDITOR": "nano", "VISUAL": "/usr/bin/nvim -p"}, ["/usr/bin/nvim", "-p", "+41", "/j/a.toml"]),
        ({"EDITOR": "hx"}, ["hx", "/j/a.toml:41"]),
        ({"EDITOR": "code"}, ["code", "--wait", "--goto", "/j/a.toml:41"]),
        ({"EDITOR": "ed"}, ["ed", "/j/a.toml"]),
        ({"EDITOR": "  "}, ["vi", "+41", "/j/a.toml"]),
    ],
)
def test_editor_command(environ: dict[str, str], command: list[str]) -> None:
    assert editor_command(environ, "/j/a.toml", 41) == command


def test_a_name_cannot_become_an_option() -> None:
    assert editor_command({}, "-c!sh.toml", 1) == ["vi", "+1", "./-c!sh.toml"]


def test_a_broken_variable_is_refused() -> None:
    with pytest.raises(ValueError, match="quotation"):
        editor_command({"EDITOR": "vi 'x"}, "a", 1)
