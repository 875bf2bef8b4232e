"""The plainest calls do without click: they have to mean what click makes of them, and all others are left to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.cli import main
from jobistemer_tui.cli.command_table import COMMANDS
from jobistemer_tui.cli.commands import open_tui
from jobistemer_tui.cli.one_call import Session
from jobistemer_tui.cli.plain_start import read_plain

Opened = tuple[Session, tuple[Path, ...]]

PLAIN = [
    [],
    ["."],
    ["a", "b"],
    ["a", "jobs"],
    ["./run"],
    ["--home", "h"],
    ["--home", "h", "a"],
    ["a", "--home", "h"],
    ["--home", "h", "--home", "g", "--attach"],
    ["--home", "jobs"],
    ["--attach", "a", "--read-only"],
    ["--read-only"],
    ["name with spaces", "\udcff"],
]
LEFT_TO_CLICK = [
    *([command] for command in COMMANDS),
    ["--attach", "jobs"],
    ["--home", "h", "jobs"],
    [""],
    ["-"],
    ["--"],
    ["--", "a"],
    ["a", "--"],
    ["-h"],
    ["--help"],
    ["--version"],
    ["a", "--help"],
    ["--json"],
    ["--home"],
    ["--home", ""],
    ["--home", "--attach"],
    ["--home=h"],
    ["--hom", "h"],
    ["--store", "memory:"],
    ["--theme", "nord"],
    ["--atach"],
]


@pytest.mark.parametrize("words", PLAIN, ids=" ".join)
def test_a_plain_call_means_what_click_makes_of_it(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    by_click: list[Opened] = []

    def open_screen(session: Session, paths: tuple[Path, ...]) -> int:
        by_click.append((session, paths))
        return 0

    monkeypatch.setattr(open_tui, "open_screen", open_screen)
    assert main.run(words) == 0
    assert [read_plain(words)] == by_click


@pytest.mark.parametrize("words", LEFT_TO_CLICK, ids=" ".join)
def test_what_is_not_surely_plain_is_left_to_click(words: list[str]) -> None:
    assert read_plain(words) is None
