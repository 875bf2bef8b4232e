"""Timers and services: units with drop-ins, command lines, and what becomes of each setting."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from jobistemer_tui.jobfiles.importing.model import Fate, Imported, Person
from jobistemer_tui.jobfiles.importing.names import Names
from jobistemer_tui.jobfiles.importing.systemd import import_timers
from jobistemer_tui.jobfiles.importing.systemd_commands import CommandError, assignments, expand, read_commands
from jobistemer_tui.jobfiles.importing.systemd_units import Unit, UnitText, time_span
from jobistemer_tui.jobfiles.importing.toml_out import toml_text
from jobistemer_tui.jobfiles.parse import parse_jobs
from jobistemer_tui.jobfiles.reading import ConfigLevel
from tests.jobfiles.importing.importing_crontabs import ANN, ROOT

TIMER = "[Timer]\nOnCalendar=daily\n"
SERVICE = "[Service]\nType=oneshot\nExecStart=/usr/bin/true\n"


def unit(name: str, *texts: str) -> Unit:
    return Unit(name, [UnitText(f"/units/{name}{number or ''}", text) for number, text in enumerate(texts)])


def imported(timer: str = TIMER, *service: str, who: Person = ANN, system: bool = False, name: str = "job") -> Imported:
    services = {f"{name}.service": unit(f"{name}.service", *(service or (SERVICE,)))}
    made = import_timers([unit(f"{name}.timer", timer)], services.get, who, system=system, names=Names())
    jobs, problems, _ = parse_jobs("/x.toml", "/", toml_text(made, "x").encode(), ConfigLevel())
    assert [problem.text() for problem in problems if problem.severity == "error"] == []
    assert len(jobs) == len(made.jobs)
    return made


def table(timer: str = TIMER, *service: str, **options: Any) -> Any:
    (job,) = imported(timer, *service, **options).jobs
    return job.table


def said(made: Imported, fate: Fate) -> list[str]:
    return [note.text or note.message for note in made.notes if note.fate is fate]


def words(text: str) -> list[Any]:
    return [command.table() for command in read_commands(text, {"%": "%", "h": "/home/ann"})]


def test_a_timer_and_its_service_are_a_job() -> None:
    found = table(TIMER, "[Unit]\nDescription=Daily work\n[Service]\nExecStart=/usr/bin/work --now\n")
    assert found["description"] == "Daily work"
    assert (found["schedule"], found["command"]) == ("0 0 * * *", ["/usr/bin/work", "--now"])
    assert (found["recovery_strategy"], found["execution_timeout"], found["cwd"]) == ("mark-as-missed", "none", "~")


def test_drop_ins_add_and_replace() -> None:
    found = table(
        TIMER,
        "[Service]\nExecStart=/usr/bin/old\nEnvironment=A=1\n",
        "[Service]\nExecStart=\nExecStart=/usr/bin/new\nEnvironment=B=2\n",
    )
    assert (found["command"], found["env"]) == (["/usr/bin/new"], {"A": "1", "B": "2"})


def test_lines_are_joined_and_comments_left_out() -> None:
    read = unit("x.service", "# c\n[Service]\n; c\nExecStart = /a \\\n# inside\n  b\n\nNice=5\nJunk\n\\").settings
    assert [(setting.key, setting.value, setting.line) for setting in read] == [
        ("ExecStart", "/a  b", 4), ("Nice", "5", 8),
    ]  # fmt: skip


def test_several_commands_are_tasks_in_order() -> None:
    found = table(
        TIMER,
        "[Service]\nExecStart=/a\nExecStart=/b\nExecStartPre=-/pre\nExecStartPost=/post\nExecStopPost=/stop\n",
    )
    assert [(task["name"], task.get("command") or task["run"]) for task in found["tasks"]] == [
        ("before", "/pre || true"), ("main", ["/a"]), ("main-2", ["/b"]), ("after", ["/post"]), ("clean-up", ["/stop"]),
    ]  # fmt: skip
    assert found["tasks"][-1]["run_when"] == "always"


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("/bin/a b  c", [{"command": ["/bin/a", "b", "c"]}]),
        ("/bin/a \"b c\" 'd e' f\\x20g h\\ti", [{"command": ["/bin/a", "b c", "d e", "f g", "h\ti"]}]),
        ('/bin/a "say \\"hi\\"" \\u00e9 \\101 \\q', [{"command": ["/bin/a", 'say "hi"', "é", "A", "\\q"]}]),
        ("/bin/a ; /bin/b", [{"command": ["/bin/a"]}, {"command": ["/bin/b"]}]),
        ('/bin/a \\; ";"', [{"command": ["/bin/a", ";", ";"]}]),
        ("/bin/a 100%% %h/x", [{"command": ["/bin/a", "100%", "/home/ann/x"]}]),
        (":/bin/a $HOME", [{"command": ["/bin/a", "$HOME"]}]),
        ("-/bin/a 'b c'", [{"run": "/bin/a 'b c' || true"}]),
        ("@/bin/sh sh-login -c ls", [{"command": ["/bin/sh", "-c", "ls"]}]),
        ("/bin/a x${A}y $B $$", [{"run": "set -f; /bin/a x\"${A}\"y $B '$'"}]),
    ],
)
def test_command_lines(line: str, commands: list[Any]) -> None:
    assert words(line) == commands


def test_variables_mean_what_they_mean_to_systemd() -> None:
    (found,) = words("""/usr/bin/printf %%s| ${ONE} $ONE "it's ${ONE}" $$ ${NONE} *""")
    env = {"ONE": "a * b", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["/bin/sh", "-c", found["run"]], env=env, cwd="/", capture_output=True, text=True, check=True)
    assert done.stdout == "a * b|a|*|b|it's a * b|$||*|"


@pytest.mark.parametrize("line", ['/bin/a "b', "/bin/a %Z", "-"])
def test_command_lines_that_cannot_be_read(line: str) -> None:
    with pytest.raises(CommandError):
        words(line)
    assert said(imported(TIMER, f"[Service]\nExecStart={line}\n"), Fate.LOST)


def test_environment_is_quoted_as_systemd_does() -> None:
    assert assignments("A=1 \"B=two words\" 'C=x=y' D=", {}) == {"A": "1", "B": "two words", "C": "x=y", "D": ""}
    with pytest.raises(CommandError):
        assignments("nothing", {})
    assert expand("%%h", {"%": "%"}) == "%h"


def test_specifiers_of_an_instance() -> None:
    found = table(TIMER, "[Service]\nExecStart=/bin/a %i %p %n %N %u\n", name="sync@home")
    assert found["command"] == ["/bin/a", "home", "sync", "sync@home.service", "sync@home", "ann"]


def test_what_counts_from_boot_and_in_a_rhythm() -> None:
    made = imported("[Timer]\nOnBootSec=5min\nOnUnitActiveSec=1h 30min\nRandomizedDelaySec=90\n")
    assert made.jobs[0].table["schedule"] == [
        {"cron": "@reboot", "jitter": "90s"}, {"interval": "PT5400S", "jitter": "90s"},
    ]  # fmt: skip
    assert said(made, Fate.CHANGED) == ["OnBootSec=5min", "OnUnitActiveSec=1h 30min"]


def test_persistence_limits_and_retries() -> None:
    found = table(
        TIMER + "Persistent=true\n",
        SERVICE + "TimeoutStartSec=1h\nTimeoutStopSec=20\nRestart=on-failure\nRestartSec=1min 5s\nKillMode=process\n"
        "[Unit]\nStartLimitBurst=3\n",
    )
    assert (found["recovery_strategy"], found["execution_timeout"], found["kill_grace"]) == (
        "execute-last",
        "3600s",
        "20s",
    )
    assert (found["leftovers"], found["retry_policy"]) == (
        "leave", {"max_retries": 3, "retry_interval": "65s", "backoff_factor": 1.0},
    )  # fmt: skip


def test_surroundings() -> None:
    made = imported(
        TIMER,
        SERVICE
        + "WorkingDirectory=-%h/work\nEnvironment=PATH=/opt/bin A=1\nEnvironmentFile=-/etc/a\nEnvironmentFile=/etc/b\n",
    )
    found = made.jobs[0].table
    assert (found["cwd"], found["path"], found["env"]) == ("/home/ann/work", "/opt/bin", {"A": "1"})
    assert found["env_file"] == "/etc/a"
    assert said(made, Fate.CHANGED) == ["EnvironmentFile=-/etc/a"]
    assert said(made, Fate.LOST) == ["EnvironmentFile=/etc/b"]


def test_what_has_no_counterpart_is_named_with_its_place() -> None:
    made = imported(
        TIMER + "WakeSystem=yes\n[Install]\nWantedBy=x\n", SERVICE + "Nice=5\nUMask=\n", "[Service]\nGroup=x\n"
    )
    lost = [(note.file, note.line, note.text) for note in made.notes if note.fate is Fate.LOST]
    assert lost == [
        ("/units/job.timer", 3, "WakeSystem=yes"), ("/units/job.service", 4, "Nice=5"),
        ("/units/job.service1", 2, "Group=x"),
    ]  # fmt: skip


def test_units_of_the_system_run_as_root_or_are_switched_off() -> None:
    assert table(system=True)["enabled"] is False
    assert "enabled" not in table(system=True, who=ROOT)
    other = table(TIMER, SERVICE + "User=www-data\n", system=True, who=ROOT)
    assert other["command"] == ["runuser", "-u", "www-data", "--", "/usr/bin/true"]
    assert (other["path"], other["cwd"]) == ("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "/")
    shell = table(TIMER, "[Service]\nUser=www-data\nExecStart=-/bin/a\n", system=True, who=ROOT)
    assert shell["shell"] == ["runuser", "-u", "www-data", "--", "/bin/sh", "-c"]


@pytest.mark.parametrize(
    ("timer", "service"),
    [
        ("[Timer]\nOnCalendar=nonsense\n", SERVICE),
        ("[Timer]\nOnCalendar=*-02-30\n", SERVICE),
        ("[Timer]\n", SERVICE),
        (TIMER, "[Service]\nType=oneshot\n"),
        ("[Timer]\nUnit=gone.service\nOnCalendar=daily\n", SERVICE),
        ("[Timer]\nOnUnitActiveSec=soon\n", SERVICE),
        ("[Timer]\nOnUnitActiveSec=1ms\n", SERVICE),
    ],
)
def test_a_timer_that_cannot_be_carried_over_says_so(timer: str, service: str) -> None:
    made = imported(timer, service)
    assert made.jobs == ()
    assert said(made, Fate.LOST)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5", 5),
        ("1h 30min", 5400),
        ("2h30m", 9000),
        ("1.5d", 129600),
        ("100ms", 0.1),
        ("1M", 2629800),
        ("infinity", None),
    ],
)
def test_lengths_of_time(text: str, seconds: float | None) -> None:
    assert time_span(text) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize("text", ["", "x", "5 parsecs", "h"])
def test_no_lengths_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="length of time"):
        time_span(text)


def test_what_is_only_partly_the_same_is_said() -> None:
    made = imported(
        TIMER + "OnCalendar=Sun *-*-13 03:00\nRandomizedDelaySec=2d\n",
        "[Service]\nType=forking\nExecStart=!/bin/a\nEnvironment=nothing\nWorkingDirectory=/x/%b\n",
    )
    found = made.jobs[0].table
    assert found["schedule"] == [
        {"cron": "0 0 * * *", "jitter": "86400s"},
        {"cron": "0 3 13 * *", "exclude": ["* * * * mon-sat"], "jitter": "86400s"},
    ]
    assert said(made, Fate.CHANGED) == ["RandomizedDelaySec=2d", "OnCalendar=Sun *-*-13 03:00", "Type=forking"]
    assert said(made, Fate.LOST) == ["ExecStart=!/bin/a", "Environment=nothing"]
