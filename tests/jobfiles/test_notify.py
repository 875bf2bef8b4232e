"""Hooks and notification rules in files: what they mean, and what is said about those that mean nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.domain.announcements import MailServer
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.errors import JobFileError
from jobistemer_tui.jobfiles import read_config
from jobistemer_tui.jobfiles.read import read_paths
from jobistemer_tui.jobfiles.reading import ConfigLevel
from tests.jobfiles.reading_files import errors_of, marked, read_job, read_text

URL = "https://example.org/in"


def rules(folder: Path, text: str) -> Any:
    definition = read_job(folder, f"[jobs.a]\nrun = 'x'\nnotify = {text}\n")
    assert JobDefinition.from_json(definition.to_json()) == definition
    return definition.settings["notify"]


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("'echo x'", {"run": "echo x", "timeout": 60.0}),
        ("['echo', 'x']", {"command": ["echo", "x"], "timeout": 60.0}),
        ("{ run = 'x', timeout = '2m' }", {"run": "x", "timeout": 120.0}),
        ("{ command = ['x'] }", {"command": ["x"], "timeout": 60.0}),
        ("{ python = 'a.b:c' }", {"python": "a.b:c", "timeout": 60.0}),
        ("'none'", None),
    ],
)
@pytest.mark.parametrize("name", ["on_start", "on_complete", "on_failure"])
def test_the_forms_of_a_hook(tmp_path: Path, name: str, text: str, stored: Any) -> None:
    assert read_job(tmp_path, f"[jobs.a]\nrun = 'x'\n{name} = {text}\n").settings == {name: stored}


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("'none'", []),
        ("[]", []),
        ("{ on = 'failure', mail = 'a@x' }", [{"on": ["failure"], "mail": {"to": ["a@x"]}}]),
        (
            "[{ on = ['failure', 'recovery', 'failure'], after = 3, mail = ['a@x', 'b@x'] }]",
            [{"on": ["failure", "recovery"], "after": 3, "mail": {"to": ["a@x", "b@x"]}}],
        ),
        (f"{{ on = 'slow', webhook = '{URL}' }}", [{"on": ["slow"], "webhook": {"url": URL, "headers": []}}]),
        (
            f"{{ on = 'slow', webhook = {{ url = '{URL}', headers = {{ A = 'b' }} }} }}",
            [{"on": ["slow"], "webhook": {"url": URL, "headers": [["A", "b"]]}}],
        ),
        (
            "{ on = 'no_success', within = '26h', run = 'x', timeout = '5s' }",
            [{"on": ["no_success"], "within": 93600.0, "command": {"run": "x", "timeout": 5.0}}],
        ),
        (f"{{ ping = '{URL}' }}", [{"on": ["success"], "ping": {"url": URL}}]),
        (f"{{ on = ['start', 'failure'], ping = '{URL}' }}", [{"on": ["start", "failure"], "ping": {"url": URL}}]),
        ("{ on = 'missed', command = ['a'] }", [{"on": ["missed"], "command": {"command": ["a"], "timeout": 60.0}}]),
        (
            "{ on = 'slow', apprise = { command = ['pass'] } }",
            [{"on": ["slow"], "apprise": {"url": {"command": ["pass"]}}}],
        ),
    ],
)  # fmt: skip
def test_the_forms_of_a_rule(tmp_path: Path, text: str, stored: Any) -> None:
    assert rules(tmp_path, text) == stored


def test_files_of_secrets_are_found_from_the_file_that_names_them(tmp_path: Path, isolated_home: Path) -> None:
    places = (
        "on = 'slow', webhook = { file = 'hook' }",
        "ping = { file = '~/p' }",
        "on = 'slow', apprise = { file = '/a' }",
    )
    found = rules(tmp_path, "[" + ", ".join(f"{{ {place} }}" for place in places) + "]")
    assert found[0]["webhook"]["url"] == {"file": str(tmp_path / "hook")}
    assert found[1]["ping"]["url"] == {"file": str(isolated_home / "p")}
    assert found[2]["apprise"]["url"] == {"file": "/a"}


def test_a_header_may_have_any_name(tmp_path: Path) -> None:
    (rule,) = rules(tmp_path, f"{{ on = 'slow', webhook = {{ url = '{URL}', headers = {{ file = 'x' }} }} }}")
    assert rule["webhook"]["headers"] == [["file", "x"]]


def test_every_level_may_hold_them_and_the_nearest_wins(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[defaults]\non_start = 'a'\nnotify = { ping = { file = 'p' } }\n")
    config = read_config(tmp_path / "config.toml")
    assert config.defaults["notify"] == [{"on": ["success"], "ping": {"url": {"file": str(tmp_path / "p")}}}]
    definition = read_job(tmp_path, "[defaults]\non_start = 'b'\n[jobs.a]\nrun = 'x'\non_start = ['c']\n")
    assert definition.announcements.hooks == {"on_start": {"command": ["c"], "timeout": 60.0}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("on_start = ▸5", ("must be a table, not 5", "")),
        ("on_start = ▸''", ("must not be empty", "remove the key")),
        ("on_start = ▸[]", ("command: must not be empty", "program")),
        ("on_start = ▸[1]", ("command: must be a text, not 1", "quote")),
        ("on_start = ▸{ timeout = '1m' }", ("exactly one of run, command and python", "shell line")),
        ("on_start = ▸{ run = 'x', command = ['y'] }", ("exactly one of run, command and python", "shell line")),
        ("on_start = { run = 'x', timeout = ▸'none' }", ("cannot be switched off", "1m")),
        ("on_start = { python = ▸'nothing' }", ("python", "")),
        ("on_start = { ▸runn = 'x' }", ('unknown key "runn"', '"run"')),
        ("notify = ▸'me'", ("notify: must be a list", "")),
        ("notify = [▸{ on = 'failure' }]", ("exactly one of run, command, python, webhook", "mail")),
        ("notify = [▸{ on = 'failure', run = 'x', mail = 'a@x' }]", ("exactly one of", "mail")),
        ("notify = [▸{ mail = 'a@x' }]", ("on is missing", "failure")),
        ("notify = [{ on = ▸'failing', mail = 'a@x' }]", ("must be of start, success", "")),
        ("notify = [{ on = ▸'recover', mail = 'a@x' }]", ("must be of", '"recovery"')),
        ("notify = [{ on = ▸[], mail = 'a@x' }]", ("must not be empty", "failure")),
        ("notify = [{ on = 'failure', after = ▸0, mail = 'a@x' }]", ("after: must be from 1", "")),
        ("notify = [▸{ on = 'slow', after = 2, mail = 'a@x' }]", ("after counts failures", "failure")),
        ("notify = [▸{ on = 'failure', within = '1h', mail = 'a@x' }]", ("belong together", "26h")),
        ("notify = [▸{ on = 'no_success', mail = 'a@x' }]", ("belong together", "26h")),
        ("notify = [▸{ on = 'slow', timeout = '1m', mail = 'a@x' }]", ("timeout belongs to run", "")),
        ("notify = [▸{ on = 'slow', ping = 'https://x' }]", ("a ping tells start", "another channel")),
        ("notify = [▸{ on = 'failure', after = 2, ping = 'https://x' }]", ("each time", "remove after")),
        ("notify = [{ on = 'failure', mail = ▸'me' }]", ("not a mail address", "me@example.org")),
        ("notify = [{ on = 'failure', mail = ▸'a@x, b@x' }]", ("not a mail address", "")),
        ('notify = [{ on = "failure", mail = ▸"a@x\\nBcc: b@x" }]', ("not a mail address", "")),
        ("notify = [{ on = 'failure', mail = ▸[] }]", ("must not be empty", "")),
        ("notify = [{ on = 'failure', webhook = ▸'ftp://x' }]", ("is not a URL", "https://")),
        ("notify = [{ on = 'failure', webhook = ▸'https://' }]", ("is not a URL", "https://")),
        ("notify = [{ on = 'failure', webhook = ▸'http://[' }]", ("is not a URL", "https://")),
        ("notify = [{ on = 'failure', webhook = ▸'https://u:p@x' }]", ("holds no password", "file")),
        ("notify = [{ on = 'failure', webhook = { url = 'https://x', ▸method = 'PUT' } }]", ("unknown key", "")),
        ("notify = [{ on = 'failure', webhook = { url = 'https://x', headers = ▸{ 'a b' = 'c' } } }]", ("header", "")),
        ("notify = [{ on = 'failure', webhook = { url = 'https://x', headers = ▸{ Host = 'c' } } }]", ("set by", "")),
        ("notify = [{ on = 'failure', webhook = ▸{ file = 'a', command = ['b'] } }]", ("file, command or keyring", "")),
        ("notify = [{ on = 'failure', apprise = ▸'slack://token' }]", ("is a secret", "file")),
        ("notify = [{ on = 'failure', apprise = ▸{ env = 'X' } }]", ("file, command or keyring", "")),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_at_its_place(tmp_path: Path, text: str, says: tuple[str, str]) -> None:
    plain, places = marked(f"[jobs.a]\nrun = 'x'\n{text}\n")
    found = errors_of(read_text(tmp_path, plain))
    assert [(error.line, error.column) for error in found] == places
    assert says[0] in found[0].message
    assert says[1] in found[0].hint


MAIL = "[mail]\nhost = 'smtp.example.org'\nsender = 'jobs@example.org'\n"


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("", MailServer("smtp.example.org", 587, "starttls", "jobs@example.org")),
        ("security = 'ssl'", MailServer("smtp.example.org", 465, "ssl", "jobs@example.org")),
        ("security = 'none'", MailServer("smtp.example.org", 25, "none", "jobs@example.org")),
        (
            "port = 2525\nuser = 'me'\npassword = { file = '/p' }",
            MailServer("smtp.example.org", 2525, "starttls", "jobs@example.org", "me", SecretSource("/p")),
        ),
    ],
)
def test_the_mail_server(tmp_path: Path, more: str, wanted: MailServer) -> None:
    (tmp_path / "config.toml").write_text(MAIL + more)
    assert read_config(tmp_path / "config.toml").mail == wanted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[mail]\nhost = 'x'", "needs host and sender"),
        (MAIL + "user = 'me'", "user and password belong together"),
        (MAIL + "password = 'hush'\nuser = 'me'", "is a secret and does not stand in a file"),
        (MAIL + "security = 'none'\nuser = 'me'\npassword = { file = '/p' }", "not sent in the clear"),
        (MAIL + "security = 'tls'", "must be one of starttls, ssl, none"),
        (MAIL + "to = 'me@x'", 'unknown key "to"'),
    ],
)
def test_a_mail_server_that_cannot_be(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(JobFileError) as caught:
        read_config(tmp_path / "config.toml")
    assert message in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "[jobs.a]\nrun = 'x'\nnotify = { on = 'failure', ▸mail = 'me@example.org' }\n",
        "[defaults]\nnotify = [{ ping = 'https://x.example' }, { on = 'missed', ▸mail = ['me@example.org'] }]\n"
        "[jobs.a]\nrun = 'x'\n[jobs.b]\nrun = 'x'\nnotify = 'none'\n",
    ],
)
def test_mail_without_a_server_is_warned_of(tmp_path: Path, text: str) -> None:
    """The server stands in `config.toml`, which says nothing here; each mail would be tried for a day in vain."""
    before, _, after = text.partition("▸")
    reading = read_text(tmp_path, before + after)
    assert reading.ok
    (found,) = reading.diagnostics
    assert (found.severity, found.code) == ("warning", "no_mail_server")
    assert (found.line, found.column) == (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
    config = ConfigLevel(mail=MailServer("smtp.example.org", 587, "starttls", "jobs@example.org"))
    (file,) = read_paths([tmp_path], config=config).files
    assert file.diagnostics == ()
