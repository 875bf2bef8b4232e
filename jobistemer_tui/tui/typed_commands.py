"""Pure: what is typed into the palette: a verb, what it acts on, and more."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Final

from jobistemer_tui.domain.durations import parse_duration
from jobistemer_tui.operations.read_models import JobRow
from jobistemer_tui.settings.near_words import did_you_mean, nearest
from jobistemer_tui.settings.quick_dataclass import dataclass

VERBS: Final[Mapping[str, tuple[str, str]]] = {
    "job": ("job NAME", "Go into a job"),
    "goto": ("goto ID or JOB@TIME", "Go to a run or an attempt by its id, or the first 8 digits of it"),
    "run": ("run NAME a=1", "Run a job now, with parameters"),
    "pause": ("pause NAME|tag:X|all 2h why", "Pause, for some time, with a reason"),
    "resume": ("resume NAME|tag:X|all", "End pauses"),
    "skip": ("skip NAME", "Skip a job's next run"),
    "cancel": ("cancel NAME", "Cancel what runs or waits of a job; asks first"),
}
ACTING: Final = frozenset({"run", "pause", "resume", "skip", "cancel"})
_MANY: Final = frozenset({"pause", "resume"})
_ID: Final = re.compile(r"#?[0-9a-f-]{8,36}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as typed. `fault` says what is wrong with it; else `jobs` are the names that it acts on.

    `seconds` (None: for good) and `reason` are those of a pause, `params` those of a run, `target` that of `goto`.
    """

    verb: str
    fault: str = ""
    jobs: tuple[str, ...] = ()
    target: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None
    reason: str | None = None


def typed(query: str, rows: Sequence[JobRow], *, read_only: bool = False) -> Typed | None:
    """The command that `query` is; None if it does not begin with a verb, nor is an id."""
    text = query.strip().removeprefix(":").strip()
    verb, _, rest = text.partition(" ")
    if verb not in VERBS:
        is_address = "@" in text and any(row.name == text.partition("@")[0] for row in rows)
        return Typed("goto", target=text.removeprefix("#")) if _ID.fullmatch(text) or is_address else None
    if read_only and verb in ACTING:
        return Typed(verb, f"this window only reads: it cannot {verb}")
    try:
        words = shlex.split(rest)
    except ValueError:
        return Typed(verb, "a quotation mark is not closed")
    if not words:
        return Typed(verb, f"write {VERBS[verb][0]}")
    if verb == "goto":
        return Typed(verb, target=words[0].removeprefix("#"))
    jobs, fault = _jobs(verb, words[0], rows)
    return Typed(verb, fault) if fault else _with_more(verb, jobs, words[1:])


def _jobs(verb: str, word: str, rows: Sequence[JobRow]) -> tuple[tuple[str, ...], str]:
    """The jobs that a word names, or what is wrong with it."""
    if verb in _MANY and word == "all":
        return tuple(row.name for row in rows if row.schedule is not None), ""
    if verb in _MANY and word.startswith("tag:"):
        tag = word.removeprefix("tag:")
        found = tuple(row.name for row in rows if tag in row.tags)
        return found, "" if found else f"no job has the tag {tag}"
    if any(row.name == word for row in rows):
        return (word,), ""
    near = nearest(word, [row.name for row in rows])
    return (), f"there is no job {word}" + (f"; {did_you_mean(near)}" if near else "")


def _with_more(verb: str, jobs: tuple[str, ...], words: list[str]) -> Typed:
    if verb == "run":
        wrong = next((word for word in words if "=" not in word), None)
        if wrong is not None:
            return Typed(verb, f"{wrong} is no parameter: write name=value")
        return Typed(verb, jobs=jobs, params=dict(word.split("=", 1) for word in words))
    if verb == "pause" and words:
        try:
            seconds = parse_duration(words[0])
        except ValueError:
            return Typed(verb, jobs=jobs, reason=" ".join(words))
        if not seconds:
            return Typed(verb, "a pause of no length would end at once")
        return Typed(verb, jobs=jobs, seconds=seconds, reason=" ".join(words[1:]) or None)
    return Typed(verb, f"{words[0]} is too much: write {VERBS[verb][0]}") if words else Typed(verb, jobs=jobs)


def completions(query: str, rows: Sequence[JobRow], *, most: int) -> list[str]:
    """What the words so far may become: a job's name, or a tag, in place of the last one."""
    verb, space, rest = query.strip().removeprefix(":").strip().partition(" ")
    if verb not in VERBS or verb == "goto" or (not space and not query.endswith(" ")) or " " in rest:
        return []
    word = rest.lower()
    names = [row.name for row in rows if word in row.name.lower() and row.name != rest]
    tags = sorted({f"tag:{tag}" for row in rows for tag in row.tags}) if verb in _MANY else []
    found = [tag for tag in tags if word in tag.lower() and tag != rest] if word.startswith("t") or not word else []
    return [f"{verb} {one}" for one in [*found, *names][:most]]
