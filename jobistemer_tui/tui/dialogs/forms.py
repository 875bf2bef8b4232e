"""The forms of the acting keys: pause, snooze, run now, run again, and the ones that ask for a count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jobistemer_tui.domain.durations import parse_duration
from jobistemer_tui.domain.params import Param
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.tui.presentation.fitting import shown

from .choice_dialog import Choice, ChoiceDialog
from .form_dialog import Field, FormDialog, Judge

REASON = Field("reason", "Why? (kept in the history)")
FORCE = Field("force", "Force: do not wait for other runs of it", "no", ("no", "yes"))
_PARAM = "param-"


@dataclass(frozen=True, slots=True)
class Lapse:
    """For how many seconds (None: until it is ended by hand) and why (None: not said)."""

    seconds: float | None
    reason: str | None

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Lapse:
        """As it was filled in."""
        length = values["length"]
        return cls(parse_duration(length) if length else None, values["reason"] or None)


def pause_form(what: str) -> FormDialog:
    """Both fields may stay empty."""
    length = Field("length", "For how long? 30m, 2h, 1d; empty: until you resume it")
    lines = ["Its times pass as skipped until the pause ends; what runs goes on."]
    judge = _length_judge("a pause of no length would end at once", may_be_endless=True)
    return FormDialog(f"Pause {what}", lines, [length, REASON], "pauses", judge=judge)


def snooze_form(what: str) -> FormDialog:
    """It needs a length."""
    length = Field("length", "For how long? 30m, 2h, 1d")
    lines = ["The run that waits, else the next one, starts so much later from now."]
    judge = _length_judge("say for how long", may_be_endless=False)
    return FormDialog(f"Put off the next run of {what}", lines, [length, REASON], "puts it off", judge=judge)


def _length_judge(no_length: str, *, may_be_endless: bool) -> Judge:
    def judge(values: Mapping[str, str]) -> tuple[str, str] | None:
        length = values["length"]
        try:
            seconds = parse_duration(length) if length else None
        except ValueError as error:
            return "length", str(error)
        wrong = seconds == 0 or (seconds is None and not may_be_endless)
        return ("length", no_length) if wrong else None

    return judge


def run_form(what: str, policy: str, params: Mapping[str, Param]) -> FormDialog:
    """The parameters with their defaults, what they may be, and what they mean."""
    fields = [
        Field(f"{_PARAM}{name}", f"{name}  {shown(param.description, 60)}".strip(), param.default or "", param.choices)
        for name, param in params.items()
    ]
    needed = [f"{_PARAM}{name}" for name, param in params.items() if param.default is None]

    def judge(values: Mapping[str, str]) -> tuple[str, str] | None:
        return next(((name, "it needs a value") for name in needed if not values[name]), None)

    lines = [f"One run, now, beside the schedule. {policy}".strip()]
    return FormDialog(f"Run {what} now", lines, [*fields, FORCE, REASON], "runs it", judge=judge)


def given_params(values: Mapping[str, str], params: Mapping[str, Param]) -> dict[str, str]:
    """The parameters of a filled-in form; what is as its default is left to the job."""
    given = {name: values[f"{_PARAM}{name}"] for name in params}
    return {name: value for name, value in given.items() if value != params[name].default}


def job_dialog(jobs: Sequence[str]) -> ChoiceDialog:
    """Which of the jobs of a file is meant; the value is its name."""
    choices = [Choice("n", "None", "")]
    choices += [Choice(str(number), f"{number}  {shown(job, 60)}", job) for number, job in enumerate(jobs[:9], 1)]
    lines = [f"and {len(jobs) - 9} more, which the view Jobs lists"] if len(jobs) > 9 else []
    return ChoiceDialog("Why which job?", lines, choices, default=0, stacked=True)


def retry_dialog(what: str, lines: Sequence[str], *, from_task: bool, failed: bool) -> ChoiceDialog:
    """Which part of a run is run again; the value is `failed`, `all` or `from`."""
    choices = [Choice("n", "No", "")]
    if failed:
        choices.append(Choice("f", "f  What failed, and what waited for it", "failed"))
    choices.append(Choice("a", "a  All of its tasks", "all"))
    if from_task:
        choices.append(Choice("t", "t  From a task on…", "from"))
    return ChoiceDialog(f"Run {what} again?", lines, choices, default=0, stacked=True)


def again_form(what: str, tasks: Sequence[str] = ()) -> FormDialog:
    """Why a run is run again, and from which task on if that was chosen."""
    fields = [Field("task", "From which task", tasks[0], tuple(tasks)), REASON] if tasks else [REASON]
    return FormDialog(f"Run {what} again", ["A new run, linked to the old one."], fields, "runs it again")


def typed_form(title: str, lines: Sequence[str], count: int, verb: str) -> FormDialog:
    """What is done to many at once is done after their number was typed."""
    wanted = str(count)

    def judge(values: Mapping[str, str]) -> tuple[str, str] | None:
        return None if values["count"] == wanted else ("count", f"type {wanted}, or leave with esc")

    return FormDialog(title, lines, [Field("count", f"Type {wanted} to go on")], verb, judge=judge)


def fewer_form(what: str, most: int) -> FormDialog:
    """How many of the newest missed times stay; `most` is how many there are, 0: not known."""

    def judge(values: Mapping[str, str]) -> tuple[str, str] | None:
        text = values["newest"]
        if not (text.isascii() and text.isdigit()) or int(text) < 1:
            return "newest", "a number from 1; to run none, drop the gap"
        return None

    known = f" (of {most})" if most else ""
    lines = ["The strategy decides about the newest only; the older ones are recorded as skipped."]
    fields = [Field("newest", f"Keep the newest{known}"), REASON]
    return FormDialog(f"Fewer runs of {what}", lines, fields, "keeps them", judge=judge)


def strategy_dialog(what: str, words: Mapping[str, str]) -> ChoiceDialog:
    """Another strategy for one gap; the value is its word."""
    choices = [Choice("n", "No", "")]
    choices += [
        Choice(str(number), f"{number}  {word}: {text}", word) for number, (word, text) in enumerate(words.items(), 1)
    ]
    lines = ["For this gap alone; the job keeps its own recovery_strategy."]
    return ChoiceDialog(f"Another strategy for {what}?", lines, choices, default=0, stacked=True)
