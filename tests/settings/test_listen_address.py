"""Addresses to listen at."""

from __future__ import annotations

import pytest

from jobistemer_tui.settings.listen_address import is_loopback, parse_listen_address


@pytest.mark.parametrize(
    ("text", "wanted", "local"),
    [
        ("127.0.0.1:9178", ("127.0.0.1", 9178), True),
        (":9178", ("127.0.0.1", 9178), True),
        ("localhost:0", ("127.0.0.1", 0), True),
        ("[::1]:80", ("::1", 80), True),
        ("0.0.0.0:65535", ("0.0.0.0", 65535), False),
        ("[::]:80", ("::", 80), False),
        (" 10.0.0.1:80 ", ("10.0.0.1", 80), False),
    ],
)
def test_what_is_understood(text: str, wanted: tuple[str, int], local: bool) -> None:
    assert parse_listen_address(text) == wanted
    assert is_loopback(wanted[0]) is local


@pytest.mark.parametrize(
    "text",
    ["", "9178", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "1.2.3:80", "::1:80", "example.org:80", ":65536", ":٣"],
)
def test_what_is_not(text: str) -> None:
    with pytest.raises(ValueError, match=r"write 127\.0\.0\.1:9178"):
        parse_listen_address(text)
