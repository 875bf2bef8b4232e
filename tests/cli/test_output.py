"""Aligned columns, and text that no terminal obeys."""

from __future__ import annotations

import errno
import io
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from jobistemer_tui.cli import output
from jobistemer_tui.cli.tables import aligned, cell_width
from jobistemer_tui.cli.times import local_text, read_instant, span_text


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("é", 1), ("e\u0301", 1), ("日本", 4), ("✓", 1), ("ｶ", 1)]
)
def test_cells(text: str, width: int) -> None:
    assert cell_width(text) == width


def test_columns_line_up_by_cells() -> None:
    assert list(aligned([("A", "B"), ("日本", "x"), ("abc", "y")])) == ["A     B", "日本  x", "abc   y"]
    assert list(aligned([])) == []


def test_a_table_is_cleaned_before_it_is_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("NAME", "X"), [("\x1b[31mred\x1b[0m", "1"), ("a\nb", "2")])
    assert capsys.readouterr().out == "NAME  X\nred   1\na␊b   2\n"
    output.table(("NAME",), [])
    assert capsys.readouterr().out == ""


def test_json_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    output.as_json({"name": "\x9b31m日\ud800"})
    assert capsys.readouterr().out.isascii()


def test_talk_keeps_its_lines_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    output.talk("one\ntwo\x1b[2J")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "one\ntwo\n")


def test_talk_without_anybody_listening_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    output.talk("hello")


def test_no_output_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(output.OutputFailed, match="closed"):
        output.line("data")
    output.flush()
    assert not output.is_terminal()


class FullDisk(io.StringIO):
    """A stream whose disk is full."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", FullDisk())
    with pytest.raises(output.OutputFailed, match="No space left"):
        output.line("data")


def test_times_are_local_and_say_so() -> None:
    instant = datetime(2026, 7, 1, 12, 0, 0, 250_000, tzinfo=UTC)
    assert local_text(instant) == "2026-07-01 12:00:00 UTC"
    assert local_text(instant, ZoneInfo("Europe/Paris")) == "2026-07-01 14:00:00 CEST"
    assert local_text(None) == "-"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (0.26, "0.3s"), (59.94, "59.9s"), (90.4, "1m30s"), (-5, "0s")]
)
def test_spans_are_short(seconds: float, text: str) -> None:
    start = datetime(2026, 7, 1, tzinfo=UTC)
    assert span_text(start, start + timedelta(seconds=seconds)) == text
    assert span_text(start, None) == span_text(None, start) == "-"


@pytest.mark.parametrize(
    "text", ["2026-07-01T12:00", "2026-07-01T12:00Z", "2026-07-01T14:00+02:00", "2026-07-01 12:00"]
)
def test_instants_are_read(text: str) -> None:
    assert read_instant(text) == datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "12:00", "2026-13-01", "0001-01-01T00:00+14:00"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        read_instant(text)
