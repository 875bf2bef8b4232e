"""`jobistemer docs`"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.guide_text import GuideText
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.guide_pages import FIRST, GuidePage, guide_page, guide_pages, search_guide

_WIDEST = 100


@click.command("docs")
@click.argument("page", metavar="[PAGE]", required=False)
@click.option("--list", "listed", is_flag=True, help="List the pages.")
@click.option("--search", metavar="WORD", help="Show the lines of all pages that hold it.")
@global_options
@pass_session
def command(session: Session, page: str | None, listed: bool, search: str | None) -> int | None:
    """Show a page of the guide, by default the first.

    On a terminal it is opened in $PAGER, or less; into a file or a pipe it is written as it is.
    """
    if (page is not None) + listed + (search is not None) > 1:
        raise UsageError("PAGE, --list and --search exclude one another", hint="give one of them")
    if search is not None:
        return _search(session, search)
    if listed:
        _list(session, guide_pages())
    else:
        _show(session, guide_page(page or FIRST))
    return None


def _list(session: Session, pages: Sequence[GuidePage]) -> None:
    if session.as_json:
        output.as_json([{"page": page.name, "title": page.title} for page in pages])
    else:
        output.table(("PAGE", "ABOUT"), [(page.name, page.title) for page in pages])


def _search(session: Session, word: str) -> ExitCode:
    hits = search_guide(word)
    if session.as_json:
        output.as_json([{"page": hit.page, "heading": hit.heading, "text": hit.text} for hit in hits])
        return ExitCode.DONE if hits else ExitCode.FAILED
    for hit in hits:
        output.line(f"{hit.page} ({hit.heading}): {hit.text}")
    if not hits:
        output.talk(f"no page holds {word!r}")
    return ExitCode.DONE if hits else ExitCode.FAILED


def _show(session: Session, page: GuidePage) -> None:
    if session.as_json:
        output.as_json({"page": page.name, "title": page.title, "text": page.text})
    elif not output.is_terminal():
        output.raw(page.text.encode())
    else:
        size = shutil.get_terminal_size()
        styled = session.environ.get("TERM", "dumb") != "dumb"
        lines = list(GuideText(max(20, min(size.columns, _WIDEST)), styled).lines(page.text))
        if len(lines) < size.lines or not _paged(session, lines):
            output.raw("".join(f"{line}\n" for line in lines).encode())


def _paged(session: Session, lines: Sequence[str]) -> bool:
    """Whether a pager has shown them."""
    try:
        words = shlex.split(session.environ.get("PAGER", "")) or ["less"]
    except ValueError:
        words = ["less"]
    if shutil.which(words[0]) is None:
        return False
    environ = {**os.environ, "LESS": session.environ.get("LESS", "FRX")}
    subprocess.run(words, input="".join(f"{line}\n" for line in lines).encode(), env=environ, check=False)
    return True
