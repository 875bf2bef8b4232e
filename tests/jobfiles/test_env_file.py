"""What stands in an env_file is what is set, and everything else is refused with its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobistemer_tui.jobfiles.env_file import EnvFileError, read_env_file
from jobistemer_tui.jobfiles.trust import Untrusted


def read(folder: Path, content: str | bytes) -> dict[str, str]:
    path = folder / "prod.env"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(0o600)
    return read_env_file(str(path), os.getuid())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("# only\n\n  # comments\n\t\n", {}),
        ("A=1\nB=two words\n", {"A": "1", "B": "two words"}),
        ("A=1", {"A": "1"}),
        ("A=\nB= \nC= # nothing\n", {"A": "", "B": "", "C": ""}),
        ("export A=1\n  B=2\n", {"A": "1", "B": "2"}),
        ("A=p#ss$word`x` # comment\n", {"A": "p#ss$word`x`"}),
        ("A=#1\n", {"A": "#1"}),
        ("A=a=b==\n", {"A": "a=b=="}),
        ("A='it is $5 \\n # x' # comment\nB=2", {"A": "it is $5 \\n # x", "B": "2"}),
        ('A="a\\tb\\n\\"c\\" \\\\ \\$ \\`"\nB=2', {"A": 'a\tb\n"c" \\ $ `', "B": "2"}),
        ("A='-----BEGIN\nkey\n-----END'\nB=2", {"A": "-----BEGIN\nkey\n-----END", "B": "2"}),
        ("A=1\r\nB='x'\r\n", {"A": "1", "B": "x"}),
        ("\ufeffA=1", {"A": "1"}),
        ("A=''", {"A": ""}),
    ],
)
def test_values(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    assert read(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A=1\nA=2", ":2: A is already set at line 1"),
        ("A = 1", ":1: expected NAME=value, without blanks around the ="),
        ("x\n", ":1: expected NAME=value, without blanks around the ="),
        ("1A=1", ":1: expected NAME=value, without blanks around the ="),
        ("A=1\n\nB= hunter2", ":3: the value of B begins with a blank; put it in quotes"),
        ("A='hunter2\n", ":1: the quote that opens the value of A is never closed"),
        ('A="hunter2\\"', ":1: the quote that opens the value of A is never closed"),
        ("A='a\nb' hunter2", ":2: something follows the closing quote of A"),
        ('A="hunter\\2"', ':1: a backslash in double quotes stands before n, r, t, \\, ", $ or `; use single quotes'),
        (b"A=1\nB=\xff", ":2: byte 0xff is not UTF-8"),
        ("A=1\nB=a\0b", ":2: the control character U+0000 does not belong in a job file"),
    ],
)
def test_refused_with_the_place_and_without_the_value(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(EnvFileError) as caught:
        read(tmp_path, text)
    assert str(caught.value) == f"{tmp_path}/prod.env{message}"
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_others_may_not_read_or_write_it(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.env"
    path.write_text("A=1")
    path.chmod(mode)
    with pytest.raises(Untrusted):
        read_env_file(str(path), os.getuid())


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("A=1")
    (tmp_path / "a.env").symlink_to(tmp_path / "real")
    with pytest.raises(Untrusted, match="symbolic link"):
        read_env_file(str(tmp_path / "a.env"), os.getuid())
