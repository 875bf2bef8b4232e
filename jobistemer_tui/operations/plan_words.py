"""The plan of job files in words, the same for the command line and the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from jobistemer_tui.domain.file_plan import HORIZON, FilePlan, InstantDiff, JobChange, JobPlan
from jobistemer_tui.engine.file_events import RELOADED as RELOADED
from jobistemer_tui.operations.clean_text import clean_text
from jobistemer_tui.operations.zones import zone_or_none
from jobistemer_tui.settings.quick_dataclass import dataclass

Kind = Literal["added", "changed", "removed", "detail", "warning"]
_MOST_TEXT: Final = 200
_SIGNS: Final[dict[JobChange, tuple[str, Kind]]] = {
    JobChange.ADDED: ("+", "added"),
    JobChange.RETURNED: ("+", "added"),
    JobChange.CHANGED: ("~", "changed"),
    JobChange.MOVED: ("~", "changed"),
    JobChange.RETIRED: ("-", "removed"),
}


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A line of a plan: how far it is indented, what it is about, and its text, safe for any terminal."""

    indent: int
    kind: Kind
    text: str


def summary_words(plan: FilePlan) -> str:
    """How much changes: `2 jobs added, 1 changed, 1 retired`."""
    counts = (
        (plan.count(JobChange.ADDED, JobChange.RETURNED), "added"),
        (plan.count(JobChange.CHANGED), "changed"),
        (plan.count(JobChange.MOVED), "moved"),
        (plan.count(JobChange.RETIRED), "retired"),
        (plan.more, "more"),
    )
    parts = [f"{count} {word}" for count, word in counts if count]
    if not parts:
        return "no job changes"
    number, _, rest = parts[0].partition(" ")
    return ", ".join((f"{number} {_noun('job', int(number))} {rest}", *parts[1:]))


def past_words(plan: FilePlan) -> str:
    """What fires of the past."""
    return f"{plan.past_occurrences} past {_noun('occurrence', plan.past_occurrences)} will fire"


def plan_lines(plan: FilePlan, width: int, roots: Sequence[str] = ()) -> Iterator[PlanLine]:
    """What becomes of each job; lists of times are broken at `width`, files under `roots` named without these."""
    for job in plan.jobs:
        yield from job_plan_lines(job, width, roots)
    if plan.more:
        yield PlanLine(0, "changed", f"… and {plan.more} more {_noun('job', plan.more)}")


def job_plan_lines(plan: JobPlan, width: int, roots: Sequence[str] = ()) -> Iterator[PlanLine]:
    """What becomes of one job: the change itself, then indented what follows from it."""
    sign, kind = _SIGNS[plan.change]
    yield PlanLine(0, kind, f"{sign} {clean_text(plan.job)} {_change_words(plan, roots)}")
    for difference in plan.differences:
        yield PlanLine(2, "detail", clean_text(difference.text, limit=_MOST_TEXT))
    yield from _instant_lines(plan.instants, plan.zone, width)
    if words := waiting_words(plan):
        yield PlanLine(2, "detail", words)
    if plan.marks_lost:
        times = ", ".join(_when(instant, zone_or_none(plan.zone)) for instant in plan.marks_lost)
        yield PlanLine(2, "warning", f"marks of times that are gone are lost: {times}")
    if plan.late_runs:
        yield PlanLine(2, "warning", "its time is past, and start_deadline lets it start all the same")


def _change_words(plan: JobPlan, roots: Sequence[str]) -> str:
    file, before = _below(plan.file, roots), _below(plan.moved_from, roots)
    place = f"{file}:{plan.line}" if plan.line else file
    match plan.change:
        case JobChange.ADDED:
            return f"is added · {place}"
        case JobChange.RETURNED:
            return f"returns as version {plan.version} · {place}"
        case JobChange.CHANGED:
            return f"becomes version {plan.version} · {place}"
        case JobChange.MOVED:
            return f"moves from {before} to {place}, as it is"
        case JobChange.RETIRED:
            return f"is retired, its history is kept · was in {place}"


def _below(path: str, roots: Sequence[str]) -> str:
    root = next((root for root in roots if path.startswith(f"{root}/")), "")
    return clean_text(path.removeprefix(root).lstrip("/") if root else path)


def _instant_lines(found: InstantDiff, zone: str, width: int) -> Iterator[PlanLine]:
    for sign, kind, instants, count in (
        ("+", "added", found.added, found.added_count), ("-", "removed", found.removed, found.removed_count),
    ):  # fmt: skip
        if count:
            least = "" if found.counted_all else "at least "
            head = f"{sign} {least}{count} {_noun('time', count)} in {HORIZON.days} days ({clean_text(zone)})"
            yield PlanLine(2, "added" if kind == "added" else "removed", head)
            for line in _packed(instants, count, zone, width - 4):
                yield PlanLine(4, "detail", line)
    if not found and not found.counted_all:
        yield PlanLine(2, "detail", "its times are too many to be compared")


def _packed(instants: Sequence[datetime], count: int, zone: str, width: int) -> Iterator[str]:
    """The times in lines as long as fit, then how many more there are."""
    words = [_when(instant, zone_or_none(zone)) for instant in instants]
    if count > len(words):
        words.append(f"and {count - len(words)} more")
    line = ""
    for word in words:
        longer = f"{line}, {word}" if line else word
        if line and len(longer) > width:
            yield f"{line},"
            longer = word
        line = longer
    if line:
        yield line


def waiting_words(plan: JobPlan) -> str:
    """What happens to the runs that wait and to those that run; empty where there are none."""
    retired = plan.change is JobChange.RETIRED
    waiting = running = ""
    if plan.waiting:
        verb = ("is", "are") if retired else ("starts", "start")
        fate = "cancelled (job_removed)" if retired else f"with version {plan.version}"
        waiting = f"{plan.waiting} waiting {_noun('run', plan.waiting)} {verb[plan.waiting != 1]} {fate}"
    if plan.running:
        verb = ("goes", "go")
        tail = f" with version {plan.before}" if plan.before != plan.version else ""
        running = f"{plan.running} running {verb[plan.running != 1]} on to the end{tail}"
    return "; ".join(part for part in (waiting, running) if part)


def _when(instant: datetime, zone: ZoneInfo | None) -> str:
    return f"{instant.astimezone(zone):%a %Y-%m-%d %H:%M:%S}".removesuffix(":00")


def _noun(word: str, number: int) -> str:
    return word if number == 1 else f"{word}s"
