"""What becomes of the lines of a crontab besides their times."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.jobfiles.importing.crontab_lines import split_percent
from jobistemer_tui.jobfiles.importing.model import Fate, Imported
from jobistemer_tui.jobfiles.importing.names import Names, job_name, program_name
from jobistemer_tui.jobfiles.importing.toml_out import toml_text
from jobistemer_tui.jobfiles.parse import parse_jobs
from jobistemer_tui.jobfiles.reading import ConfigLevel
from tests.jobfiles.importing.importing_crontabs import ANN, CRONTABS, FOLDER, ROOT, imported, only, said


def table_of(made: Imported, name: str) -> Any:
    return next(job.table for job in made.jobs if job.name == name)


@pytest.mark.parametrize("path", CRONTABS, ids=lambda path: path.stem)
def test_the_file_is_accepted_and_means_what_was_imported(path: Path) -> None:
    made = imported(path, timezone="Europe/Berlin")
    text = toml_text(made, path.name)
    jobs, problems, _ = parse_jobs("/jobs/imported.toml", "/jobs", text.encode(), ConfigLevel())
    assert [problem.text() for problem in problems if problem.severity == "error"] == []
    assert [job.definition.name for job in jobs] == [job.name for job in made.jobs]
    defaults = tomllib.loads(text)["defaults"]
    for job, definition in zip(made.jobs, (job.definition for job in jobs), strict=True):
        assert definition.tasks[0].run == job.table["run"]
        assert dict(definition.env) == job.table["env"]
        assert definition.schedule == job.table["schedule"]
        assert (list(definition.shell or ()), definition.path) == (job.table["shell"], job.table["path"])
        assert {**definition.file_settings, **definition.settings}["overlap_policy"] == "allow"
    assert defaults["recovery_strategy"] == "mark-as-missed"


@pytest.mark.parametrize("path", CRONTABS, ids=lambda path: path.stem)
def test_twice_gives_the_same(path: Path) -> None:
    assert toml_text(imported(path), "x") == toml_text(imported(path), "x")


def test_a_command_runs_as_cron_runs_it() -> None:
    table = only("0 5 * * * make -C ~/site\n").table
    assert table["run"] == "make -C ~/site"
    assert (table["shell"], table["path"], table["cwd"]) == (["/bin/sh", "-c"], "/usr/bin:/bin", "~")
    assert table["env"] == {"SHELL": "/bin/sh"}


def test_variables_hold_from_their_line_on() -> None:
    made = imported(FOLDER / "14-scope-of-variables.crontab")
    assert table_of(made, "echo-nothing-is-set-yet")["env"] == {"SHELL": "/bin/sh"}
    assert table_of(made, "deploy")["env"] == {"SHELL": "/bin/sh", "STAGE": "test"}
    later = {"STAGE": "production", "EMPTY": "", "QUOTED": "  with blanks  "}
    assert table_of(made, "deploy-2")["env"] == {"SHELL": "/bin/sh", **later}
    report = table_of(made, "report")
    assert (report["shell"], report["cwd"]) == (["/bin/bash", "-c"], "/srv/app")
    assert report["env"] == {"SHELL": "/bin/bash", "HOME": "/srv/app", **later}


@pytest.mark.parametrize(
    ("text", "command", "stdin"),
    [
        ("cmd", "cmd", None),
        (r"date +\%F", "date +%F", None),
        ("mail joe%Hello", "mail joe", "Hello\n"),
        ("mail joe%Joe,%%bye%", "mail joe", "Joe,\n\nbye\n"),
        (r"mail joe%100\%%done", "mail joe", "100%\ndone\n"),
        ("cat%", "cat", None),
        ("cat%%", "cat", "\n"),
        (r"sed s/\./x/ \\n", r"sed s/\./x/ \\n", None),
        (r"a\\%b", r"a\\", "b\n"),
        (r"a\\\%b", r"a\\%b", None),
        (r"a%b\\%c", "a", "b\\%c\n"),
        ("a\\", "a\\", None),
    ],
)
def test_percent_signs(text: str, command: str, stdin: str | None) -> None:
    assert split_percent(text) == (command, stdin)


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
def test_what_follows_a_percent_sign_is_really_standard_input(shell: str) -> None:
    line = r"""* * * * * sed "s/^/it's /"; echo "$0" \%done%one $HOME `date`%%END%two"""
    table = only(f"SHELL={shell}\n{line}\n").table
    done = subprocess.run(
        [*table["shell"], table["run"]], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
    )
    assert done.stdout == f"it's one $HOME `date`\nit's \nit's END\nit's two\n{shell} %done\n"


def test_comments_directly_above_are_the_description() -> None:
    made = imported(FOLDER / "19-switched-off.crontab")
    found = {job.name: job.table.get("description") for job in made.jobs}
    assert found == {"rsync": "Sync the mirror", "nightly": None, "nightly-2": None, "nightly-3": None}


@pytest.mark.parametrize("stem", ["01-debian-system", "04-mail-percent"])
def test_the_explanations_that_systems_put_into_crontabs_are_none(stem: str) -> None:
    made = imported(FOLDER / f"{stem}.crontab")
    assert [job.table.get("description") for job in made.jobs] == [None] * len(made.jobs)


def test_a_blank_line_or_a_variable_parts_a_comment_from_the_line_below() -> None:
    assert "description" not in only("# about nothing\n\n0 5 * * * x\n").table
    assert "description" not in only("# about A\nA=1\n0 5 * * * x\n").table
    assert only("# one\n#\n# two\n# three\n0 5 * * * x\n").table["description"] == "two three"


def test_another_user_is_told_to_import_for_himself() -> None:
    made = imported("0 5 * * * www-data /srv/x\n", system=True)
    assert made.jobs[0].table["enabled"] is False
    ((line, why),) = said(made, Fate.LOST)
    assert (line, "www-data" in why) == (1, True)
    assert "enabled" not in only("0 5 * * * ann /srv/x\n", system=True).table


def test_root_runs_the_jobs_of_others_as_these() -> None:
    table = only("0 5 * * * www-data /srv/x\n", system=True, who=ROOT).table
    assert table["shell"] == ["runuser", "-u", "www-data", "--", "/bin/sh", "-c"]
    assert table["env"] == {"SHELL": "/bin/sh", "HOME": "/var/www", "USER": "www-data", "LOGNAME": "www-data"}
    assert table["cwd"] == "/var/www"
    nobody = imported("0 5 * * * mallory /srv/x\n", system=True, who=ROOT)
    assert nobody.jobs[0].table["enabled"] is False
    assert "mallory" in said(nobody, Fate.LOST)[0][1]


def test_what_is_different_is_said_where_it_stands() -> None:
    made = imported(
        "MAILTO=ops\nDB_PASSWORD=x\nPASSWORD_FILE=/x\nWORK=$HOME/w\nRANDOM_DELAY=5\n@reboot a\n"
        "- 5 4 * * * no\n-5 4 * * * b\n0~9 4 * * * c\n",
    )
    assert [line for line, _ in said(made, Fate.CHANGED)] == [1, 2, 4, 5, 6, 8, 9]
    assert [line for line, _ in said(made, Fate.LOST)] == [7]
    assert table_of(made, "a")["schedule"] == {"cron": "@reboot", "jitter": "5m"}
    assert table_of(made, "c")["schedule"] == {"cron": "H(0-9) 4 * * *", "jitter": "5m"}
    assert "MAILTO" not in table_of(made, "a")["env"]


@pytest.mark.parametrize(
    ("delay", "jitter"), [("0", None), ("", None), ("soon", None), ("90", "90m"), ("9999", "1440m")]
)
def test_a_random_delay_is_a_jitter(delay: str, jitter: str | None) -> None:
    schedule = only(f"RANDOM_DELAY={delay}\n0 5 * * * x\n").table["schedule"]
    assert schedule == ("0 5 * * *" if jitter is None else {"cron": "0 5 * * *", "jitter": jitter})


def test_times_that_a_clock_change_makes_one_are_told() -> None:
    def told(line: str) -> list[str]:
        return [text for _, text in said(imported(f"{line} x\n", timezone="Europe/Paris"), Fate.CHANGED)]

    assert told("30 2 * * *") == told("*/15 * * * *") == told("0 3 * * *") == []
    (both,) = told("0 2,3 * * *")
    assert "2026-03-29" in both
    (three,) = told("0,20,40 2 * * *")
    assert "3 of its times" in three


def test_an_unknown_zone_is_not_guessed() -> None:
    made = imported("CRON_TZ=Mars/Olympus\n0 5 * * * x\n")
    assert made.jobs == ()
    assert "Mars/Olympus" in said(made, Fate.LOST)[0][1]


def test_what_is_no_text_is_left_out() -> None:
    made = imported(b"0 5 * * * echo \xff\n0 6 * * * a\0b\n0 7 * * * ok\r\n".decode("utf-8", "surrogateescape"))
    assert [job.table["run"] for job in made.jobs] == ["ok"]
    assert [line for line, _ in said(made, Fate.LOST)] == [1, 2]
    text = toml_text(made, "x")
    assert [job.definition.name for job in parse_jobs("/x.toml", "/", text.encode(), ConfigLevel())[0]] == ["ok"]


def test_a_comment_that_is_no_text_costs_no_job() -> None:
    content = "# caf\udce9 \x1b[31m\x00\n0 5 * * * ok\nA=\udce9\nB=\0\n0 6 * * * fine\n"
    made = imported(content)
    assert [job.table.get("description") for job in made.jobs] == ["caf\ufffd \ufffd[31m\ufffd", None]
    assert [line for line, _ in said(made, Fate.LOST)] == [3, 4]
    jobs, problems, _ = parse_jobs("/x.toml", "/", toml_text(made, "x").encode(), ConfigLevel())
    assert ([job.definition.name for job in jobs], problems) == (["ok", "fine"], ())


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["/opt/Report.sh", "hunter2"], "report"),
        (["mysql", "hunter2"], "mysql"),
        (["curl", "-u", "ann:hunter2", "example.org"], "curl"),
        (["printf", "hunter2"], "printf"),
        (["python3.12", "/opt/report.py", "hunter2"], "report"),
        (["sh", "-c", "login hunter2"], "sh"),
        (["bash"], "bash"),
        ([""], "job"),
    ],
)
def test_the_name_of_a_command_that_is_recorded_holds_no_argument(words: list[str], name: str) -> None:
    assert program_name(words) == name


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("/usr/local/bin/backup.sh --full >> /var/log/b.log 2>&1", "backup"),
        ("cd /srv/shop && ./manage.py clearsessions", "manage-clearsessions"),
        ("A=1 B='x y' nice -n 19 ionice -c 3 borg create /b::x ~", "borg-create"),
        ("/usr/bin/flock -n /run/x.lock -c 'rsync -a a b'", "rsync"),
        ("flock /run/x.lock /opt/job.sh", "job"),
        ("bash -lc 'cd x && npm run build'", "npm-run"),
        ("sudo -u www-data php -q /var/www/x/cron.php", "cron"),
        ("python3 -m pkg.tool run", "pkg-tool"),
        ("curl -s https://example.org/hooks/tick?x=1", "example-org-tick"),
        ("[ -x /a ] && /a", "a"),
        ("if true; then /opt/x/y.sh; fi", "y"),
        ("echo 'unbalanced", "echo-unbalanced"),
        ("perl -e 'print 1'", "perl-e-print-1"),
        ("ÄÖ", "job"),
        ("", "job"),
        ("x" * 100, "x" * 40),
    ],
)
def test_names_are_readable(command: str, name: str) -> None:
    assert job_name(command) == name


def test_names_are_unique() -> None:
    names = Names()
    assert [names.take(name) for name in ("a", "a", "b", "a")] == ["a", "a-2", "b", "a-3"]


def test_nothing_at_all_is_an_empty_file() -> None:
    made = imported("# nothing\n")
    assert (made.jobs, made.notes, made.complete) == ((), (), True)
    assert parse_jobs("/x.toml", "/", toml_text(made, "x").encode(), ConfigLevel())[1] == ()


def test_the_person_is_who_it_is_imported_for() -> None:
    assert not ANN.is_root
    assert ROOT.is_root
