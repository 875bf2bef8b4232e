"""Who may ask the server for what."""

from __future__ import annotations

import pytest

from jobistemer_tui.cli.web.guard import Asked, Guard, Verdict

GUARD = Guard(8787)
HOST = "127.0.0.1:8787"
HERE = "http://127.0.0.1:8787"


@pytest.mark.parametrize("host", [HOST, "localhost:8787", "[::1]:8787", "localhost", "127.0.0.1:9999", "127.0.0.2:1"])
def test_whoever_has_the_cookie_may_ask_by_any_name_of_this_machine(host: str) -> None:
    assert GUARD.judge(Asked(host, None, GUARD.cookie)) is Verdict.ALLOWED
    assert GUARD.judge(Asked(host, f"http://{host}", GUARD.cookie, from_a_page=True)) is Verdict.ALLOWED


@pytest.mark.parametrize(
    "host",
    ["", "example.org", "127.0.0.1.example.org:8787", "localhost.example.org", "192.168.1.7:8787", "127.0.0.1:8787\n",
     "127.0.0.1:8787@example.org", "[::1", "0.0.0.0:8787", "127.1", "LOCALHOST"],
)  # fmt: skip
def test_a_name_that_may_mean_another_machine_is_refused(host: str) -> None:
    assert GUARD.judge(Asked(host, None, GUARD.cookie, GUARD.token)) is Verdict.WRONG_HOST


@pytest.mark.parametrize(
    "origin", ["http://example.org", "null", "", "https://127.0.0.1:8787", "http://127.0.0.1:9999", "http://localhost:8787"]
)  # fmt: skip
def test_a_page_from_elsewhere_is_refused(origin: str) -> None:
    for from_a_page in (False, True):
        asked = Asked(HOST, origin, GUARD.cookie, GUARD.token, from_a_page)
        assert GUARD.judge(asked) is Verdict.WRONG_ORIGIN


def test_a_connection_that_only_a_page_opens_has_to_say_where_it_is_from() -> None:
    assert GUARD.judge(Asked(HOST, None, GUARD.cookie, from_a_page=True)) is Verdict.WRONG_ORIGIN
    assert GUARD.judge(Asked(HOST, HERE, GUARD.cookie, from_a_page=True)) is Verdict.ALLOWED


def test_the_token_is_exchanged_and_neither_secret_stands_for_the_other() -> None:
    assert GUARD.judge(Asked(HOST, None, None, GUARD.token)) is Verdict.EXCHANGED
    for cookie, token in ((None, None), ("", ""), (GUARD.token, None), (None, GUARD.cookie), ("é", "\ud800")):
        assert GUARD.judge(Asked(HOST, None, cookie, token)) is Verdict.NO_TICKET
    assert len({GUARD.token, GUARD.cookie, Guard(8787).token, Guard(8787).cookie}) == 4
    assert len(GUARD.token) >= 43, "256 bits"
