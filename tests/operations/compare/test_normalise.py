"""What is taken out of a line, and what is left in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.operations.compare.normalise import normalised


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-11-24T06:29:40.112Z start", "<time> start"),
        ("2026-11-24 06:29:40,112 +0100 start", "<time> start"),
        ("Nov 24 06:29:40 alder sshd[48112]: hello", "<time> alder sshd[<pid>]: hello"),
        ("Tue, 24 Nov 2026 06:29:40 GMT", "<time>"),
        ("[24/Nov/2026:06:29:40 +0100] GET", "[<time>] GET"),
        ("[06:29:40] at 1764050000.123", "[<time>] at <time>"),
        ("done in 340 ms, 4m12s, 1.25s, 2 minutes", "done in <took>, <took>, <took>, <took>"),
        ("a1d013bd-b21b-5605-844e-2338a3bfd9c8", "<id>"),
        ("01JDX4Z5QYV3H2K9M8N7P6R5ST at 3f2a9bc1", "<id> at <id>"),
        ("segfault at 0x7FFDe0", "segfault at <addr>"),
        ("pid 48112, pid=3, process 9", "pid <pid>, pid=<pid>, process <pid>"),
        ("/tmp/tmpab12/x.txt and /var/folders/zz/q1/T", "/tmp/<tmp>/x.txt and /var/folders/<tmp>/T"),
        # What tells something stays.
        ("5 files, 112 KB/s, exit 23, 99%", "5 files, 112 KB/s, exit 23, 99%"),
        ("items[12] = 4 of 12:30 decade", "items[12] = 4 of 12:30 decade"),
        ("v1.2.3 line 4711 [/x] \x1b", "v1.2.3 line 4711 [/x] \x1b"),
    ],
)
def test_what_differs_in_every_run_is_named(line: str, expected: str) -> None:
    assert normalised(line) == expected


@given(st.text(alphabet="0123456789abcdef:-./ TZmspidx<>[]", max_size=60))
def test_twice_changes_nothing(line: str) -> None:
    assert normalised(normalised(line)) == normalised(line)
