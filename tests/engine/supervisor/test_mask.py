"""No form of a secret comes through the masker, however its stream is cut, and everything else does."""

from __future__ import annotations

import base64
import json
import os
import shlex
import subprocess
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.engine.supervisor.mask import MASK, Masker, forms_of, hide_in_file

SECRET = "hunter2/&é pass+word"
FORMS = forms_of([SECRET])


def masked(text: str | bytes, *, forms: tuple[bytes, ...] = FORMS, size: int = 1 << 20) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    masker = Masker(forms)
    return b"".join([masker.feed(data[at : at + size]) for at in range(0, len(data), size)]) + masker.finish()


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        urllib.parse.quote(SECRET),
        urllib.parse.quote(SECRET, safe=""),
        urllib.parse.quote_plus(SECRET),
        json.dumps(SECRET)[1:-1],
    ],
)
def test_every_way_to_write_it_is_hidden_wherever_it_is_cut(form: str, size: int) -> None:
    assert masked(f"a {form} b {form}\n", size=size) == b"a " + MASK + b" b " + MASK + b"\n"


@pytest.mark.parametrize(
    "write",
    [repr, ascii, shlex.quote, lambda text: json.dumps(text, ensure_ascii=False), lambda text: repr(text.encode())],
)
def test_so_is_what_python_and_a_shell_make_of_its_quotes(write: Callable[[str], str]) -> None:
    awkward = "it's \\a\"sécret"
    assert b"cret" not in masked(f"a {write(awkward)} b", forms=forms_of([awkward]))


def test_so_is_what_a_shell_traces(tmp_path: Path) -> None:
    awkward = "it's a \\secret"
    line = ["bash", "-xc", ': "$TOKEN" "k=$TOKEN"']
    traced = subprocess.run(line, env={**os.environ, "TOKEN": awkward}, capture_output=True, check=True).stderr
    assert b"it" in traced
    assert b"secret" not in masked(traced, forms=forms_of([awkward]))


@pytest.mark.parametrize("shift", [0, 1, 2])
@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_hidden_at_every_place(shift: int, after: int, encode: object) -> None:
    assert callable(encode)
    text = encode(b"x" * shift + SECRET.encode() + b"y" * after)
    shown = masked(text)
    assert MASK in shown
    left = shown.replace(MASK, b"")
    assert len(left) <= 3 + 1 + 5, "what lies before, the character shared with what follows, and that"


def test_each_line_of_several_is_hidden() -> None:
    key = "-----BEGIN KEY-----\r\nMIIabcdef\nx\n-----END KEY-----"
    forms = forms_of([key])
    assert masked("> MIIabcdef <\n", forms=forms) == b"> **** <\n"
    assert masked(key, forms=forms).count(b"KEY") == 0
    assert b"x" not in forms, "a line that is too short would blacken everything"


def test_what_is_short_is_left() -> None:
    assert forms_of(["abcde", "", "  ab  "]) == ()
    assert forms_of(["abcdef"])


def test_secrets_that_overlap_are_hidden_as_one() -> None:
    forms = forms_of(["abcdef", "defghi", "jklmno"])
    for size in range(1, 12):
        assert masked("-abcdefghi-", forms=forms, size=size) == b"-****-"
        assert masked("-abcdefjklmno-", forms=forms, size=size) == b"-********-"
        assert masked("abcdefghijklmnoabcdef", forms=forms, size=size) == b"****" * 3
        assert masked("abcdeg abcde", forms=forms, size=size) == b"abcdeg abcde"


def test_a_beginning_is_kept_until_it_is_clear_what_it_is() -> None:
    masker = Masker(forms_of(["abcdef"]))
    assert masker.feed(b"x abc") == b"x "
    assert masker.feed(b"x") == b"abcx"
    assert masker.feed(b"abcde") == b""
    assert masker.feed(b"f") == b"****"
    assert masker.feed(b"abc") == b""
    assert masker.finish() == b"abc"
    assert masker.finish() == b""


@given(
    st.lists(st.text("ab", min_size=6, max_size=9), min_size=1, max_size=3),
    st.lists(st.text("ab", max_size=12) | st.text("abc", max_size=12), max_size=8),
)
def test_cutting_changes_nothing(secrets: list[str], pieces: list[str]) -> None:
    forms = tuple(secret.encode() for secret in secrets)
    masker = Masker(forms)
    cut = b"".join(masker.feed(piece.encode()) for piece in pieces) + masker.finish()
    whole = masked("".join(pieces), forms=forms)
    assert cut == whole
    assert whole.replace(MASK, b"").count(b"c") == "".join(pieces).count("c")
    assert not any(form in part for form in forms for part in whole.split(MASK))


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "f"
    assert hide_in_file(path, FORMS, None) == (None, None)
    path.write_text("a=1\n")
    assert hide_in_file(path, FORMS, None) == (b"a=1\n", None)
    spilt = f"a={SECRET}\nb=1\n"
    path.write_text(spilt)
    assert hide_in_file(path, FORMS, spilt) == (spilt.encode(), None), "it is as it was made"
    assert hide_in_file(path, FORMS, None) == (b"a=****\nb=1\n", "held the value of a secret, which is not kept")
    assert path.read_text() == "a=****\nb=1\n"
    path.write_bytes(b"x" * (1 << 20) + SECRET.encode())
    assert hide_in_file(path, FORMS, None) == (b"", "was larger than 1 MiB and is not kept")
    assert path.read_bytes() == b""
    link = tmp_path / "link"
    path.write_text(SECRET)
    link.symlink_to(path)
    assert hide_in_file(link, FORMS, "") == (None, "cannot be read: Too many levels of symbolic links")
    assert path.read_text() == SECRET
    os.mkfifo(tmp_path / "fifo")
    assert hide_in_file(tmp_path / "fifo", FORMS, "") == (None, "is no longer a plain file")
