"""Moved keys: what is taken, what is refused, and where the mistake stands."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from textual.keys import Keys, _character_to_key

from jobistemer_tui.operations.screen_settings import ScreenFiles
from jobistemer_tui.tui.actions import ACTIONS, APP_KEYS, BY_ID, keys_text
from jobistemer_tui.tui.key_map import Keymap, default_keys, judged_keymap, normal_key
from jobistemer_tui.tui.key_names import KEY_NAMES, key_of


def judged(folder: Path, keys: str) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    (folder / "config.toml").write_text(f"[keys]\n{keys}\n")
    keymap, problems = judged_keymap(ScreenFiles(folder / "config.toml", folder).read(), APP_KEYS)
    return dict(keymap.moved), [f"{one.line}:{one.column} {one.message} ({one.hint})" for one in problems]


def test_what_is_taken(tmp_path: Path) -> None:
    moved, problems = judged(
        tmp_path,
        'problems_only = ["f5", "+"]\nrow_down = "k"\nrow_up = "j"\nlog.follow = "N"\nlog.previous_match = "f"\n'
        'quit = "ctrl+x"\nview_files = "9"\nfilter = "ctrl+f"\nlog.filter = "F"',
    )
    assert problems == []
    assert moved["problems_only"] == ("f5", "plus")
    assert moved["view_files"] == ("9",)
    (action,) = Keymap(moved).applied([BY_ID["problems_only"]])
    assert keys_text(action) == "f5 +"
    assert Keymap(moved).for_textual["row_down"] == "k"


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ('run_nw = "x"', "2:10 unknown action 'run_nw' (did you mean \"run_now\"?)"),
        ('"\\u001b[2J" = "x"', "2:15 unknown action"),
        ('run_now = "p"', "2:11 run_now: 'p' is the key of toggle_pause (on the screen of "),
        ('run_now = "1"', "2:11 run_now: '1' is the key of view_jobs"),
        ('log.follow = "w"', "2:14 log.follow: 'w' is the key of log.wrap (on the screen of log)"),
        ('log.follow = "?"', "2:14 log.follow: 'question_mark' is the key of keys_help"),
        ('run_now = "ctrl+i"', "2:11 a terminal sends the same for 'ctrl+i' and 'tab'"),
        ('run_now = "ctrl+enter"', "2:11 many terminals do not send 'ctrl+enter'"),
        ('run_now = "pgdown"', "2:11 'pgdown' is no key (did you mean \"pagedown\"?)"),
        ('run_now = "shift+r"', "2:11 'shift+r' is no key (write the sign that it gives, such as 'R')"),
        ('run_now = "ctrl+R"', "2:11 'ctrl+R' is no key (write 'ctrl+r')"),
        ('run_now = " "', "2:11 a blank is no name of a key (write space)"),
        ('run_now = "hyper+x"', "2:11 'hyper+x' is no key"),
        ('run_now = ""', "must be a key"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, keys: str, wanted: str) -> None:
    moved, problems = judged(tmp_path, keys)
    assert moved == {}
    assert [one for one in problems if wanted in one] or "must be a key" in wanted


def test_two_moved_keys_that_clash_take_both_away_and_leave_the_rest(tmp_path: Path) -> None:
    moved, problems = judged(tmp_path, 'run_now = "x"\nsnooze = "x"\nexport = "f8"')
    assert set(moved) - {"run_now"} == {"export"}
    assert len(problems) == 1
    assert "snooze" in problems[0]


def test_what_was_refused_may_make_another_clash(tmp_path: Path) -> None:
    moved, problems = judged(tmp_path, 'toggle_pause = "S"\nrun_now = "p"')
    assert moved == {}
    assert len(problems) == 2


def test_every_default_is_a_key_that_could_be_written() -> None:
    keys = {key for keys in default_keys(APP_KEYS).values() for key in keys}
    assert [key for key in keys if normal_key(key) != key] == []
    assert len(default_keys(APP_KEYS)) > len(ACTIONS)


def test_key_names_are_those_of_the_library() -> None:
    assert {sign: key_of(sign) for sign in string.printable[:94]} == {
        sign: _character_to_key(sign) for sign in string.printable[:94]
    }
    theirs = {key.value.split("+")[-1] for key in Keys if not key.value.startswith("<")} - {"ignore", "@", "ctrl-at"}
    assert theirs <= KEY_NAMES
