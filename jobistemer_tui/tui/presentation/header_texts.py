"""The two header rows: where one is, who runs the jobs, what time it is, and what needs a look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from jobistemer_tui.settings.quick_dataclass import dataclass

from .fitting import cleaned, fit_middle, shown
from .job_rows import Viewpoint, grouped
from .moments import clock_text, moment_text
from .reasons import REASON_WORDS
from .status_marks import FAILED, PAUSED, QUEUED, RUNNING, TIMEOUT, Mark

if TYPE_CHECKING:
    from jobistemer_tui.operations.job_models import Counts, EngineStatus, FileProblem, FileRow


@dataclass(frozen=True, slots=True)
class EngineView:
    """What is known of the engine: our handle's role, the store's status, and whether we are leaving.

    `all_paused`: every schedule that runs is paused. `held` are the words of a display that is held.
    """

    role: str
    status: EngineStatus | None = None
    leaving: str = ""
    all_paused: bool = False
    read_only: bool = False
    held: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A view in the header: its mode, key and name, and how much of it needs a look."""

    mode: str
    key: str
    name: str
    needs_look: Callable[[Counts], int] = lambda counts: 0


def engine_text(engine: EngineView, view: Viewpoint) -> Text:
    """The state of the engine in words."""
    words, mark = _engine_words(engine, view)
    if engine.read_only:
        words = f"read-only · {words}"
    return Text().append(words, f"bold {mark.style(dark=view.dark)}")


def _engine_words(engine: EngineView, view: Viewpoint) -> tuple[str, Mark]:
    if engine.leaving:
        return engine.leaving, TIMEOUT
    if engine.role == "crashed":
        return "✗ engine crashed", FAILED
    if engine.role in ("serving", "attached") and engine.status is not None and engine.status.trouble is not None:
        return f"✗ starts nothing: {REASON_WORDS[engine.status.trouble]}", FAILED
    if engine.held:
        return engine.held, TIMEOUT
    if engine.all_paused and engine.role == "serving":
        return "‖ all paused", PAUSED
    if engine.role == "serving":
        return "► live", RUNNING
    if engine.role == "none":
        return "engine starting…", TIMEOUT
    seen = engine.status.role if engine.role == "client" and engine.status is not None else engine.role
    if seen == "attached":
        return _attached(engine.status), RUNNING
    since = engine.status.since if engine.status else None
    when = f"since {moment_text(since, view.now, view.style.zone)}" if since else "has run yet"
    return f"no engine {when}", TIMEOUT


def _attached(status: EngineStatus | None) -> str:
    if status is None or status.pid is None:
        return "attached to another engine"
    return f"attached to pid {status.pid}"


def crumbs_line(crumbs: Sequence[str], engine: EngineView, view: Viewpoint, width: int) -> Text:
    """Row 1: the path at the left, engine and clock at the right; what has no room is cut from the left part."""
    right = engine_text(engine, view)
    room = max(10, width // 2)
    if cell_len(right.plain) > room:
        right.truncate(room, overflow="ellipsis")
    if width >= 60:
        right.append(f"  {clock_text(view.now, view.style)}", "dim")
    names = list(crumbs)
    left = _crumb_text(names, width)
    while cell_len(left.plain) > width - cell_len(right.plain) - 3 and len(names) > 1:
        names.pop(0)
        left = _crumb_text(["…", *names], width)
    return _joined(left, right, width)


def _crumb_text(names: Sequence[str], width: int) -> Text:
    text = Text(" ", no_wrap=True, end="")
    for index, name in enumerate(names):
        if index:
            text.append(" ▸ ", "dim")
        text.append(shown(name, max(8, width // 3)), "bold" if index == len(names) - 1 else "")
    return text


def counts_line(tabs: Sequence[Tab], mode: str, counts: Counts, view: Viewpoint, width: int) -> Text:
    """Row 2: the views by number, `mode` the one that is shown, and the figures that are not zero."""
    figures = [_figures_text(counts, view, words=True), _figures_text(counts, view, words=False)]
    lefts = [_tabs_text(tabs, mode, counts, view, letters) for letters in (99, 4, 0)]
    for left in lefts:
        for right in figures:
            if cell_len(left.plain) + cell_len(right.plain) + 2 <= width:
                return _joined(left, right, width)
    return _joined(lefts[-1], Text(), width)


def _tabs_text(tabs: Sequence[Tab], mode: str, counts: Counts, view: Viewpoint, letters: int) -> Text:
    """The tabs; names are cut to so many letters, only that of the shown one is always whole."""
    text = Text(" ", no_wrap=True, end="")
    for tab in tabs:
        shown_now, number = tab.mode == mode, tab.needs_look(counts)
        name = tab.name if shown_now else tab.name[:letters]
        start = len(text)
        text.append(tab.key, "dim")
        if name:
            text.append(" ")
            text.append(name, "bold underline" if shown_now else "")
        text.stylize(Style.from_meta({"@click": f"app.show_view('{tab.mode}')"}), start)
        if number:
            text.append(f" {FAILED.glyph}{grouped(number)}", FAILED.style(dark=view.dark))
        text.append("  " if letters > 4 else " ")
    text.rstrip()
    return text


def _figures_text(counts: Counts, view: Viewpoint, *, words: bool) -> Text:
    text = Text()
    if words and counts.jobs:
        text.append(f"{grouped(counts.jobs)} {'job' if counts.jobs == 1 else 'jobs'}  ", "dim")
    for mark, number, noun in _figures(counts):
        text.append(f"{mark.glyph}{grouped(number)}", mark.style(dark=view.dark))
        text.append(f" {noun}  " if words else " ", "dim")
    text.rstrip()
    return text


def _figures(counts: Counts) -> list[tuple[Mark, int, str]]:
    figures = [
        (RUNNING, counts.running, "running"),
        (QUEUED, counts.queued, "queued"),
        (PAUSED, counts.paused, "paused"),
    ]
    return [figure for figure in figures if figure[1]]


def _joined(left: Text, right: Text, width: int) -> Text:
    gap = width - cell_len(left.plain) - cell_len(right.plain) - 1
    if gap < 1:
        left.truncate(max(0, width - cell_len(right.plain) - 2), overflow="ellipsis")
        gap = max(1, width - cell_len(left.plain) - cell_len(right.plain) - 1)
    left.append(" " * gap)
    left.append_text(right)
    left.truncate(width)
    return left


def first_refusal(files: Sequence[FileRow]) -> tuple[FileRow, FileProblem] | None:
    """The first refused file and its first error."""
    for file in files:
        errors = [problem for problem in file.problems if problem.severity == "error"]
        if not file.loaded and errors:
            return file, errors[0]
    return None


def refusal_text(files: Sequence[FileRow], width: int) -> str:
    """The red bar: `✗ sync.toml:12:3 unknown key (old version still live)`; empty if no file is refused."""
    refusal = first_refusal(files)
    if refusal is None:
        return ""
    file, problem = refusal
    suffix = " (old version still live)" if file.jobs else " (nothing of it runs)"
    place = f":{problem.line}:{problem.column}" if problem.line else ""
    path = fit_middle(cleaned((problem.file or file.path).removeprefix(file.root).lstrip("/")), max(12, width // 3))
    head = f" ✗ {path}{place} "
    return head + shown(problem.message, max(10, width - cell_len(head) - len(suffix) - 1)) + suffix
