"""No byte of a task or a person reaches a terminal as a command."""

from __future__ import annotations

import unicodedata
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.operations.clean_text import (
    MARKS_PER_CHARACTER,
    clean_bytes,
    clean_text,
    styled_runs,
)
from jobistemer_tui.operations.log_sgr import SgrStyle
from tests.support.log_folder import HOSTILE_LINES

ESCAPES = st.sampled_from(
    [
        *(
            "\x1b",
            "\x1b[",
            "\x1b]",
            "\x1bP",
            "\x1b\\",
            "\x07",
            "\x9b",
            "\x9c",
            "\x9d",
            "\x90",
            "[31m",
            "m",
            ";",
            ":",
            "0;x",
        ),
        *("\r", "\n", "\t", "\x00", "\u202e", "\u2066", "\u200d", "\u0301", "\u1161", "\U0001f3fb", "\ufe0f", "?25h"),
    ]
)
NASTY = st.lists(ESCAPES | st.text(max_size=3), max_size=12).map("".join)


def dangers(text: str) -> list[str]:
    """The characters that a terminal would obey, hide or move."""
    return [c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}]


def longest_run_of_marks(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character)[0] == "M" else 0
        longest = max(longest, run)
    return longest


def test_every_input_of_one_or_two_bytes_is_harmless() -> None:
    bad = [
        data
        for length in (1, 2)
        for data in map(bytes, product(range(256), repeat=length))
        if dangers(clean_bytes(data)) or dangers("".join(text for text, _ in styled_runs(data)))
    ]
    assert bad == []


@given(NASTY)
def test_clean_text_is_harmless_and_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean_text(text)
    assert dangers(once) == []
    assert longest_run_of_marks(once) <= MARKS_PER_CHARACTER
    assert clean_text(once) == once


@given(NASTY, st.integers(0, 30), st.integers(1, 8))
def test_a_limit_is_kept_and_idempotent(text: str, limit: int, tab_size: int) -> None:
    once = clean_text(text, limit=limit, tab_size=tab_size)
    assert len(once) <= limit
    assert clean_text(once, limit=limit, tab_size=tab_size) == once


@given(st.binary(max_size=40) | NASTY.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_styled_runs_are_harmless(data: bytes) -> None:
    text = "".join(run for run, _ in styled_runs(data))
    assert dangers(text) == []
    assert longest_run_of_marks(text) <= MARKS_PER_CHARACTER


@pytest.mark.parametrize("line", HOSTILE_LINES, ids=range(len(HOSTILE_LINES)))
def test_hostile_lines_are_harmless(line: bytes) -> None:
    assert dangers(clean_bytes(line, limit=None)) == []
    assert dangers("".join(run for run, _ in styled_runs(line))) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]0;title\x1b\\after", "after"),
        ("\x1bPdata\x1b\\after", "after"),
        ("\x9b31mred \x9d0;t\x9cafter", "red after"),
        ("\x1b(0after", "after"),
        ("\x1b]0;never ends", "␛]0;never ends"),
        ("\x1b[31", "␛[31"),
        ("a\x00b\x07c\x7fd", "a␀b␇c␡d"),
        ("a\x85b", "a�b"),
        ("one\ntwo\n", "one␊two"),
        ("a\tb", "a b"),
        ("\u202eevil\u202c", "�evil�"),
        ("ze\u200bro\ufeff", "zero"),
        ("a\u2028b", "a�b"),
        ("\ud800", "�"),
        ("\u0301a", "◌\u0301a"),
        ("e" + "\u0301" * 9, "e" + "\u0301" * 4),
        ("e" + "\u0301\x1b[m" * 9, "e" + "\u0301" * 4),
        ("日本語 ünïcode ✓", "日本語 ünïcode ✓"),
        ("[red]markup[/x]", "[red]markup[/x]"),
    ],
)
def test_what_becomes_of_it(text: str, expected: str) -> None:
    assert clean_text(text) == expected


def test_a_limit_is_visible() -> None:
    assert clean_text("abcdef", limit=4) == "abc…"
    assert clean_text("abcd", limit=4) == "abcd"
    assert len(clean_text("x" * 10_000)) == 2_000
    assert len(clean_text("x" * 10_000, limit=None)) == 10_000


def test_tabs_reach_to_a_stop() -> None:
    assert clean_text("ab\tc", tab_size=8) == "ab      c"
    assert [text for text, _ in styled_runs(b"ab\x1b[1m\tc")] == ["ab", "      c"]


RED = SgrStyle(foreground=1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"plain\n", [("plain", SgrStyle())]),
        (b"\x1b[31mred\x1b[0m no", [("red", RED), (" no", SgrStyle())]),
        (b"\x1b[31mred\x1b[m no", [("red", RED), (" no", SgrStyle())]),
        (b"\x1b[31ma\x1b[31mb", [("ab", RED)]),
        (b"\x1b[1;3;4;7;9mx", [("x", SgrStyle(bold=True, italic=True, underline=True, reverse=True, strike=True))]),
        (b"\x1b[1;2mx\x1b[22my", [("x", SgrStyle(bold=True, dim=True)), ("y", SgrStyle())]),
        (b"\x1b[97;104mx", [("x", SgrStyle(foreground=15, background=12))]),
        (b"\x1b[38;5;208mx", [("x", SgrStyle(foreground=208))]),
        (b"\x1b[48;5;17;1mx", [("x", SgrStyle(background=17, bold=True))]),
        (b"\x1b[38;2;1;2;3mx\x1b[39my", [("x", SgrStyle(foreground=(1, 2, 3))), ("y", SgrStyle())]),
        (b"\x1b[38:2::1:2:3mx", [("x", SgrStyle(foreground=(1, 2, 3)))]),
        (b"\x1b[48:5:9mx\x1b[49my", [("x", SgrStyle(background=9)), ("y", SgrStyle())]),
        (b"\x1b[4:3mx\x1b[4:0my", [("x", SgrStyle(underline=True)), ("y", SgrStyle())]),
        (b"\x1b[38;5mx", [("x", SgrStyle())]),
        (b"\x1b[38;2;1;2;999mx", [("x", SgrStyle())]),
        (b"\x1b[8;5mx", [("x", SgrStyle())]),
        (b"\x1b[" + b"9" * 5000 + b"mx", [("x", SgrStyle())]),
        (b"\x1b[>4;1mx\x1b[2Jy", [("xy", SgrStyle())]),
        (b"10%\r\x1b[31m20%\r\n", [("20%", RED)]),
        (b"\x1b[31m10%\r20%", [("20%", RED)]),
        (b"", []),
    ],
)
def test_styles_are_kept_as_data(line: bytes, expected: list[tuple[str, SgrStyle]]) -> None:
    assert styled_runs(line) == expected
