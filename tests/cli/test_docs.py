"""The guide in the terminal: pages by name, words found, links that name their page, a pager."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jobistemer_tui.cli.guide_text import GuideText
from jobistemer_tui.operations.guide_pages import guide_pages
from tests.architecture.markdown import GUIDE
from tests.architecture.tree import ROOT
from tests.cli.home import Home
from tests.support.terminal import Terminal

PAGE = """\
# Title

A paragraph of [several words](other_page.md#part) with `code`, **bold**
and [a site](https://example.org/).

```toml
[jobs.x]

key = "`stays` **as** it [is](x.md)"
```

- an item that goes on
  in the next line
- another

| Key | Meaning |
|---|---|
| `a` | short |
"""


def test_a_page_into_a_pipe_is_its_text_without_the_comments_for_tests(home: Home) -> None:
    done = home.run("docs", "first_steps")
    assert done.out.startswith("# First steps\n")
    assert "<!--" not in done.out
    assert home.run("docs", "First-Steps").out == home.run("docs", "first_steps.md").out == done.out
    assert home.run("docs").out.startswith("# Guide\n")
    assert home.run("docs", "first_steps", "--json").json["title"] == "First steps"
    assert not home.folder.exists(), "nothing is made for reading"


def test_pages_are_listed_and_searched(home: Home) -> None:
    listed = home.run("docs", "--list", "--json").json
    assert listed[0] == {"page": "index", "title": "Guide"}
    assert {row["page"] for row in listed} == {path.stem for path in GUIDE.glob("*.md")}
    assert len(home.run("docs", "--list").out.splitlines()) == len(listed) + 1
    hits = home.run("docs", "--search", "LINGERING", "--json").json
    assert "when_machines_die" in {hit["page"] for hit in hits}
    assert all("lingering" in hit["text"].lower() for hit in hits)
    assert "when_machines_die (" in home.run("docs", "--search", "lingering").out
    assert home.run("docs", "--search", "zzzyx").code == 1


@pytest.mark.parametrize(
    ("word", "near"), [("shedules", '"schedules"'), ("machines", '"many_machines"'), ("zzz", "--search zzz")]
)
def test_a_typing_error_gets_the_nearest_page(home: Home, word: str, near: str) -> None:
    done = home.run("docs", word)
    assert (done.code, near in done.err) == (66, True)
    assert home.run("docs", word, "--list").code == 64


def test_what_a_terminal_shows() -> None:
    assert list(GuideText(40, styled=False).lines(PAGE)) == [
        "Title", "",
        "A paragraph of several words (docs", "other_page) with code, bold and a site", "(https://example.org/).", "",
        "    [jobs.x]", "", '    key = "`stays` **as** it [is](x.md)"', "",
        "- an item that goes on in the next line", "- another", "",
        "Key  Meaning", "a    short", "",
    ]  # fmt: skip
    assert list(GuideText(12, styled=False).lines("| Key | Meaning |\n|---|---|\n| `a` | long enough |")) == [
        "Key", "    Meaning", "a", "    long", "    enough", "",
    ]  # fmt: skip
    assert next(GuideText(40, styled=True).lines(PAGE)) == "\x1b[1mTitle\x1b[0m"


def test_every_page_fits_its_width() -> None:
    """But for code and for words that are longer."""
    for page in guide_pages():
        for line in GuideText(80, styled=False).lines(page.text):
            assert len(line) <= 80 or line.startswith("    ") or " " not in line.strip(), (page.name, line)


def test_a_long_page_opens_in_the_pager(home: Home, tmp_path: Path) -> None:
    pager = tmp_path / "my pager"
    pager.write_text("#!/bin/sh\nhead -n 3\necho the pager, with $1\n")
    pager.chmod(0o700)
    command = [sys.executable, "-m", "jobistemer_tui", "docs", "schedules"]
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(home.folder)}
    with Terminal(command, {**environ, "PAGER": f"'{pager}' -x"}) as terminal:
        assert "Schedules" in terminal.wait_for("the pager, with -x")
    with Terminal([*command[:-1], "index"], {**environ, "PAGER": "/nowhere/pager"}, rows=80) as terminal:
        terminal.wait_for("Guide", "(docs first_steps)")
