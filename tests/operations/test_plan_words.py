"""The plan of job files in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from jobistemer_tui.domain.file_plan import FilePlan, InstantDiff, JobChange, JobPlan
from jobistemer_tui.operations.plan_words import job_plan_lines, past_words, plan_lines, summary_words
from tests.support.factories import NOW

PLAN = JobPlan("backup", JobChange.CHANGED, "/jobs/a.toml", 3, "UTC", 2, 3)


def texts(plan: JobPlan, width: int = 80) -> list[str]:
    return [" " * line.indent + line.text for line in job_plan_lines(plan, width)]


def test_each_change_has_its_words() -> None:
    heads = [next(job_plan_lines(replace(PLAN, change=change), 80)).text for change in JobChange]
    assert heads == [
        "+ backup is added · /jobs/a.toml:3",
        "~ backup becomes version 3 · /jobs/a.toml:3",
        "+ backup returns as version 3 · /jobs/a.toml:3",
        "~ backup moves from  to /jobs/a.toml:3, as it is",
        "- backup is retired, its history is kept · was in /jobs/a.toml:3",
    ]


def test_waiting_and_running_runs() -> None:
    assert texts(replace(PLAN, waiting=1, running=2))[1:] == [
        "  1 waiting run starts with version 3; 2 running go on to the end with version 2"
    ]
    retired = replace(PLAN, change=JobChange.RETIRED, version=2, waiting=2, running=1)
    assert texts(retired)[1:] == ["  2 waiting runs are cancelled (job_removed); 1 running goes on to the end"]


def test_times_are_packed_into_the_width_and_the_rest_counted() -> None:
    times = tuple(NOW.replace(microsecond=0) + timedelta(days=day) for day in range(3))
    lines = texts(replace(PLAN, instants=InstantDiff(added=times, added_count=9)), 50)[1:]
    assert lines[0] == "  + 9 times in 30 days (UTC)"
    assert len(lines) == 3
    assert all(len(line) <= 50 for line in lines)
    assert lines[-1].endswith("and 6 more")
    dense = replace(PLAN, instants=InstantDiff(removed=times[:1], removed_count=1, counted_all=False))
    assert texts(dense)[1] == "  - at least 1 time in 30 days (UTC)"
    assert texts(replace(PLAN, instants=InstantDiff(counted_all=False)))[1:] == [
        "  its times are too many to be compared"
    ]


def test_marks_and_late_runs_are_told() -> None:
    lines = texts(replace(PLAN, marks_lost=(NOW,), late_runs=1))
    assert any(line.startswith("  marks of times that are gone are lost: ") for line in lines)
    assert "  its time is past, and start_deadline lets it start all the same" in lines


def test_the_summary_counts() -> None:
    added, retired = replace(PLAN, change=JobChange.ADDED), replace(PLAN, change=JobChange.RETIRED)
    plan = FilePlan(NOW, (added, PLAN, retired))
    assert summary_words(plan) == "1 job added, 1 changed, 1 retired"
    assert summary_words(plan.shortened(1)) == "1 job added, 2 more"
    assert summary_words(FilePlan(NOW)) == "no job changes"
    assert past_words(plan) == "0 past occurrences will fire"
    assert past_words(FilePlan(NOW, (replace(PLAN, late_runs=1),))) == "1 past occurrence will fire"
    assert [line.text for line in plan_lines(plan.shortened(0), 80)] == ["… and 3 more jobs"]


def test_a_zone_or_a_name_that_means_nothing_harms_nothing() -> None:
    odd = replace(PLAN, job="x\x1b[2J", zone="No/Such", instants=InstantDiff((NOW,), (), 1, 0))
    assert all("\x1b" not in line for line in texts(odd))
