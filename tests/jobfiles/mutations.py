"""Valid files, changed at random: what people, editors and torn saves make of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from jobistemer_tui.jobfiles.parse import parse_jobs
from jobistemer_tui.jobfiles.reading import ConfigLevel
from tests.architecture.markdown import GUIDE, blocks
from tests.architecture.tree import ROOT

_WORDS = {"toml": "[jobs.", "yaml": "jobs:"}
VALID: list[tuple[str, bytes]] = [
    *((path.suffix[1:], path.read_bytes()) for path in sorted((ROOT / "examples").glob("*.[ty]*ml"))),
    *(
        (kind, text.encode())
        for page in sorted(Path(GUIDE).glob("*.md"))
        for kind, word in _WORDS.items()
        for text in blocks(page, kind)
        if word in text
    ),
]
_SIGNS = r"""[ ] [[ { } = . , ' " \ \u0000 # | -1 nan none null true 1e999 P1D @reboot needs after schedule"""
_PIECES = [
    *(sign.encode() for sign in _SIGNS.split(" ")),
    b'"""', b"\n", b"\r", b"\0", b"\t", b": ", b"- ", b"&a ", b"*a", b"!!str ", b"<<: *a", b"---\n",
    b"* * * * *", b"\x1b[31m", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"9" * 5000, b"[" * 100,
]  # fmt: skip


@st.composite
def mutated(draw: Any) -> tuple[str, bytes]:
    """A suffix and a content: a valid file with up to six changes, sometimes crossed with another or cut."""
    suffix, content = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 40))
        match draw(st.sampled_from(["delete", "insert", "repeat", "flip", "cut", "cross", "move"])):
            case "delete":
                content = content[:at] + content[at + length :]
            case "insert":
                content = content[:at] + draw(st.sampled_from(_PIECES)) + content[at:]
            case "repeat":
                content = content[:at] + content[at : at + length] * draw(st.integers(2, 50)) + content[at + length :]
            case "flip":
                content = content[:at] + bytes([draw(st.integers(0, 255))]) + content[at + 1 :]
            case "cut":
                content = content[:at]
            case "cross":
                other = draw(st.sampled_from(VALID))[1]
                content = content[:at] + other[draw(st.integers(0, len(other))) :]
            case _:
                piece, rest = content[at : at + length], content[:at] + content[at + length :]
                to = draw(st.integers(0, len(rest)))
                content = rest[:to] + piece + rest[to:]
    return draw(st.sampled_from([suffix, suffix, suffix, "toml", "yaml"])), content


def judge(suffix: str, content: bytes) -> None:
    """Reading it ends with jobs, or with problems that stand inside of the file."""
    jobs, diagnostics, _ = parse_jobs(f"/x.{suffix}", "/", content, ConfigLevel())
    errors = [one for one in diagnostics if one.severity == "error"]
    assert not (jobs and errors)
    text = content.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")
    lines = text.split("\n")
    for one in diagnostics:
        if one.code != "more":
            assert 1 <= one.line <= len(lines), one
            assert 1 <= one.column <= len(lines[one.line - 1]) + 1, one
        assert one.text().isprintable()
        assert one.source_line.isprintable()
    for job in jobs:
        assert job.definition.from_json(job.definition.to_json()) == job.definition
