"""The pages of the guide that come with the program: finding one, and finding a word in them."""

from __future__ import annotations

import re

from jobistemer_tui.errors import NotFound
from jobistemer_tui.settings.near_words import did_you_mean, nearest
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.settings.shipped import GUIDE

FIRST = "index"
_COMMENT = re.compile(r"^<!--.*?-->\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class GuidePage:
    """`text` is Markdown without the comments, which are for tests."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class GuideHit:
    """A line in which a word stands, and the heading above it."""

    page: str
    heading: str
    text: str


def guide_pages() -> list[GuidePage]:
    """All pages, the index first and the others by name."""
    return [_read(name) for name in page_names()]


def page_names() -> list[str]:
    """The names of all pages, in the same order."""
    return sorted((path.stem for path in GUIDE.glob("*.md")), key=lambda name: (name != FIRST, name))


def guide_page(name: str) -> GuidePage:
    """The page of that name, written `job_files`, `job-files` or `job_files.md`. Raises NotFound with the nearest."""
    wanted = re.sub(r"[\s-]+", "_", name.strip().lower().removesuffix(".md"))
    names = [page.name for page in guide_pages()]
    if wanted in names:
        return _read(wanted)
    near = nearest(wanted, names) or next((page for page in names if wanted and wanted in page), "")
    hint = did_you_mean(near, f"list them with --list, or try: jobistemer docs --search {name}")
    raise NotFound(f"there is no page {name!r}", hint=hint)


def search_guide(word: str) -> list[GuideHit]:
    """The lines of all pages that hold `word`, in whatever case, in the order of the pages."""
    return [hit for page in guide_pages() for hit in _hits(page, word.casefold())]


def _hits(page: GuidePage, word: str) -> list[GuideHit]:
    heading, found = page.title, []
    for line in page.text.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if word in line.casefold():
            found.append(GuideHit(page.name, heading, line.strip()))
    return found


def _read(name: str) -> GuidePage:
    text = _COMMENT.sub("", (GUIDE / f"{name}.md").read_text(encoding="utf-8"))
    return GuidePage(name, text.partition("\n")[0].lstrip("# "), text)
