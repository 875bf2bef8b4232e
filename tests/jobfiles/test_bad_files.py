"""Bad files: every error at its exact place (marked `▸`), saying what is wrong and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.jobfiles.reading_files import errors_of, marked, read_text


@dataclass(frozen=True)
class Bad:
    """A file with as many errors as marks; `says` are pairs of a piece of the message and a piece of the hint."""

    name: str
    text: str
    says: tuple[tuple[str, str], ...]
    suffix: str = "toml"


def bad(name: str, text: str, *says: tuple[str, str], suffix: str = "toml") -> Bad:
    return Bad(name, text, says, suffix)


JOB = "[jobs.a]\nrun = 'x'\n"

SYNTAX = [
    bad("bare value", "[jobs.a]\nrun = ▸echo hi\n", ("Invalid value", "quoted")),
    bad("no equals", "[jobs.a]\nrun ▸'x'\n", ("Expected '='", 'key = "value"')),
    bad("two pairs on a line", "[jobs.a]\nrun = 'x' ▸tags = []\n", ("Expected newline", "each line")),
    bad("text not closed", '[jobs.a]\nrun = "x▸\n', ("Illegal character", "same quotes")),
    bad("long text not closed", '[jobs.a]\nrun = """x\ny▸', ("Unterminated string", "same quotes")),
    bad("list not closed", "[jobs.a]\ntags = ['x'\n▸[jobs.b]\n", ("Unclosed array", "close it with ]")),
    bad("quotes in quotes", '[jobs.a]\nrun = "echo "▸hello""\n', ("Expected newline", "'single quotes'")),
    bad(
        "one table of tasks",
        "[jobs.a]\ntasks = ▸{ name = 'x' }\n",
        ("must be a list", "[[jobs.NAME.tasks]]"),
    ),
    bad("notify as a text", JOB + "notify = ▸'me@example.org'\n", ("must be a list", 'mail = "me@example.org"')),
    bad("a job that is none", "jobs:\n  a:▸\n", ("must be a table, not nothing", "a table of its own"), suffix="yaml"),
    bad("backslash", '[jobs.a]\nrun = "grep ▸\\d"\n', ("Unescaped '\\'", "single quotes")),
    bad("duplicate key", JOB + "▸run = 'y'\n", ("'run': it is already set at line 2", "keep one")),
    bad("duplicate dotted", JOB + "env.A = 'x'\nenv.▸A = 'y'\n", ("already set at line 3", "keep one")),
    bad("duplicate quoted", JOB + "▸'run' = 'y'\n", ("already set at line 2", "keep one")),
    bad("duplicate inline", JOB + "env = { A = 'x', ▸A = 'y' }\n", ("'A': it is already set at line 3", "keep one")),
    bad("duplicate table", JOB + "[jobs.▸a]\nrun = 'y'\n", ("'jobs.a': it is already set at line 1", "keep one")),
    bad("deep list", JOB + "tags = " + "[" * 30 + "▸" + "[" * 300, ("more than 32 deep", "five levels")),
    bad("deep key", "a." * 32 + "▸a = 1", ("more than 32 deep", "")),
    bad("deep beyond the parser", "x = " + "[" * 32 + "▸" + "[" * 100_000, ("more than 32 deep", "")),
    bad("long number", "x = ▸" + "9" * 5000, ("too many digits", "")),
    bad("long hexadecimal", "jobs = [1, { x = ▸0x" + "f" * 5000 + " }]", ("too many digits", "")),
    bad("long octal", "x = ▸0o" + "7" * 5000, ("too many digits", "")),
    bad("long binary", "x = ▸0b" + "1" * 15000, ("too many digits", "")),
    bad("escaped NUL", '[jobs.a]\nrun = ▸"a\\u0000b"\n', ("NUL", "remove")),
    bad("NUL in a list", '[jobs.a]\ncommand = ["a", ▸"\\u0000"]\n', ("NUL", "remove")),
    bad(
        "yaml key",
        "jobs:\n  a: {run: x}\n  ▸a: {run: y}\n",
        ("'a': it is already set at line 2", "keep one"),
        suffix="yaml",
    ),
    bad("yaml tag", "jobs:\n  a:\n    run: ▸!!python/name:os.system x\n", ("tags", "plain value"), suffix="yml"),
    bad("yaml core tag", "jobs:\n  a: {run: ▸!!str 5}\n", ("tags", "plain value"), suffix="yaml"),
    bad("yaml tab", "jobs:\n▸\ta: 1\n", ("a tab cannot indent", "indent with spaces"), suffix="yaml"),
    bad("yaml colon", "jobs:\n  a:\n    run: x▸: y\n", ("mapping values", "quotes"), suffix="yaml"),
    bad("yaml at", "jobs: {a: {run: x, schedule: ▸@daily}}\n", ("cannot start any token", "quotes"), suffix="yaml"),
    bad("yaml star", "jobs:\n  a:\n    schedule: *▸/5 * * * *\n", ("alias", "needs quotes"), suffix="yaml"),
    bad("yaml alias", "jobs: ▸*all\n", ("unknown alias *all", "&all"), suffix="yaml"),
    bad("yaml own alias", "jobs: &j\n  a: ▸*j\n", ("stands inside", "write the value out"), suffix="yaml"),
    bad("yaml two documents", "jobs: {}\n▸---\njobs: {}\n", ("second document", "remove"), suffix="yaml"),
    bad("yaml list", "▸- jobs\n", ("is a table", "jobs:"), suffix="yaml"),
    bad("yaml text", "▸hello\n", ("is a table", "jobs:"), suffix="yaml"),
    bad("yaml list as key", "jobs: {a: {run: x}}\n▸[a, b]: 1\n", ("key must be a text", "quotes"), suffix="yaml"),
    bad("yaml merge", "jobs:\n  a:\n    ▸<<: 5\n    run: x\n", ("<< takes a table", "alias"), suffix="yaml"),
    bad("yaml indentation", "jobs:\n  a:\n    run: x\n   ▸b: y\n", ("block", "same column"), suffix="yaml"),
    bad("yaml quote", "jobs: {a: {run: 'x}}\n▸", ("unexpected end of stream", "same quotes"), suffix="yaml"),
    bad("yaml number", "x: ▸" + "9" * 5000, ("too many digits", ""), suffix="yaml"),
    bad("yaml hexadecimal", "x: [▸0x" + "f" * 5000 + "]", ("too many digits", ""), suffix="yaml"),
    bad("yaml NUL", 'jobs: {a: {run: ▸"a\\0b"}}\n', ("NUL", "remove"), suffix="yaml"),
    bad("yaml deep", "x: " + "[" * 32 + "▸" + "[" * 900, ("more than 32 deep", ""), suffix="yaml"),
]

KEYS = [
    bad("misspelt key", JOB + "▸shcedule = '@daily'\n", ('"shcedule"', 'did you mean "schedule"?')),
    bad("other word", JOB + "▸cron = '@daily'\n", ("unknown key", '"schedule"')),
    bad("hyphen", JOB + "▸execution-timeout = '1h'\n", ("unknown key", '"execution_timeout"')),
    bad("retry key", JOB + "▸max_retries = 3\n", ("unknown key", "retry_policy = { max_retries")),
    bad("task key at job", JOB + "▸needs = ['x']\n", ("unknown key", "belongs to a task")),
    bad(
        "job key at task",
        "[[jobs.a.tasks]]\nname='t'\nrun='x'\n▸overlap_policy='skip'\n",
        ("unknown key", "to the job"),
    ),
    bad("job key at top", "▸schedule = '@daily'\n" + JOB, ("unknown key", "[jobs.NAME]")),
    bad("job at top", "[▸nightly]\nrun = 'x'\n", ("unknown key", "[jobs.NAME]")),
    bad("misspelt top", "[▸job.a]\nrun = 'x'\n", ("unknown key", '"jobs"')),
    bad("job key in defaults", "[defaults]\n▸schedule = '@daily'\n" + JOB, ("unknown key", "not to the defaults")),
    bad("nothing near", JOB + "▸zzzzz = 1\n", ("unknown key", "known are")),
    bad("retry misspelt", JOB + "retry_policy = { ▸max_retrys = 1 }\n", ("unknown key", '"max_retries"')),
    bad("retry dotted", JOB + "retry_policy.▸interval = '1s'\n", ("unknown key", '"retry_interval"')),
    bad("task misspelt", "[[jobs.a.tasks]]\nname='t'\nrun='x'\n▸depends_on=['t']\n", ("unknown key", '"needs"')),
    bad("yaml misspelt", "jobs:\n  a:\n    run: x\n    ▸tag: [b]\n", ('"tag"', '"tags"'), suffix="yaml"),
]

VALUES = [
    bad("bare duration", JOB + "execution_timeout = ▸90\n", ("bare number 90", 'write "90s"')),
    bad("duration as text", JOB + "kill_grace = ▸'10'\n", ("not a duration", 'write "10s"')),
    bad("duration words", JOB + "kill_grace = ▸'ten'\n", ("not a duration", "30s")),
    bad("duration order", JOB + "kill_grace = ▸'1m1h'\n", ("not a duration", "larger first")),
    bad("duration none", JOB + "kill_grace = ▸'none'\n", ("not a duration", "cannot be switched off")),
    bad("duration zero", JOB + "task_timeout = ▸'0s'\n", ("longer than 0", '"none"')),
    bad("duration long", JOB + "start_deadline = ▸'4000d'\n", ("too long", "3650d")),
    bad("duration list", JOB + "late_grace = ▸[1]\n", ("must be a duration, not a list", "30s")),
    bad("duration months", JOB + "late_grace = ▸'P1M'\n", ("not a duration", "weeks")),
    bad("duration infinite", JOB + "late_grace = ▸inf\n", ("bare number", "30s")),
    bad("bare size", JOB + "output_head = ▸1024\n", ("bare number 1024", '"10MiB"')),
    bad("size unit", JOB + "output_head = ▸'10MB/s'\n", ("not a size", '"10MiB"')),
    bad("size large", JOB + "output_tail = ▸'9999999GiB'\n", ("too large", "1024GiB")),
    bad("choice", JOB + "overlap_policy = ▸'que'\n", ("skip, allow, queue, replace", '"queue"')),
    bad("choice later", JOB + "recovery_strategy = ▸'execute-some'\n", ("mark-as-missed", "execute-")),
    bad("choice underscore", JOB + "failure_strategy = ▸'fail_fast'\n", ("must be one of", '"fail-fast"')),
    bad("choice type", JOB + "leftovers = ▸true\n", ("must be one of", "")),
    bad("number as text", JOB + "max_active = ▸'2'\n", ("whole number", "without quotes")),
    bad("number low", JOB + "max_active = ▸0\n", ("from 1 to", "")),
    bad("number bool", JOB + "queue_limit = ▸true\n", ("whole number, not true", "")),
    bad("number float", JOB + "retry_policy = { max_retries = ▸1.5 }\n", ("whole number, not 1.5", "")),
    bad("factor", JOB + "retry_policy = { backoff_factor = ▸0.5 }\n", ("from 1 to 1000", "")),
    bad("factor text", JOB + "retry_policy = { backoff_factor = ▸'2' }\n", ("a number", "without quotes")),
    bad("retry word", JOB + "retry_policy = { retry_on = ▸'timeut' }\n", ("exit code, a signal", '"timeout"')),
    bad("retry code", JOB + "retry_policy = { retry_on = ▸[0] }\n", ("from 1 to 255, not 0", "")),
    bad("retry quoted code", JOB + "retry_policy = { retry_on = ▸['75'] }\n", ("is a number", "without quotes")),
    bad("retry any and more", JOB + "retry_policy = { retry_on = ▸['any', 75] }\n", ('"any" stands alone', "any")),
    bad("retry nothing", JOB + "retry_policy = { retry_on = ▸[] }\n", ("must not be empty", "max_retries = 0")),
    bad("group number", JOB + "concurrency_group = ▸5\n", ("concurrency_group.name: must be a text", "quote it")),
    bad("group name", JOB + "concurrency_group = ▸'a b'\n", ("is not a name", "letters")),
    bad("group without name", JOB + "▸concurrency_group = { limit = 2 }\n", ("name is missing", "limit = 2")),
    bad("group limit", JOB + "concurrency_group = { name = 'a', limit = ▸0 }\n", ("from 1 to 10000", "")),
    bad("group key", JOB + "concurrency_group = { name = 'a', ▸limt = 1 }\n", ("unknown key", '"limit"')),
    bad("window key", JOB + "recovery_window = { ▸max_duraton = '1h' }\n", ("unknown key", '"max_duration"')),
    bad("priority", JOB + "priority = ▸1001\n", ("from -1000 to 1000", "")),
    bad("retry not a table", JOB + "retry_policy = ▸3\n", ("must be a table, not 3", "max_retries = 3")),
    bad("flag as text", JOB + "enabled = ▸'yes'\n", ("true or false", "without quotes")),
    bad("tags as text", JOB + "tags = ▸'nightly'\n", ("must be a list", '["nightly"]')),
    bad("tag number", JOB + "tags = ['a', ▸5]\n", ("tags[1]: must be a text", '"5"')),
    bad("command as text", "[jobs.a]\ncommand = ▸'echo hi'\n", ("must be a list", '["echo hi"]')),
    bad("command number", "[jobs.a]\ncommand = ['sleep', ▸5]\n", ("command[1]", 'quote it: "5"')),
    bad("command empty", "[jobs.a]\ncommand = ▸[]\n", ("must not be empty", "argument")),
    bad("env number", JOB + "env = { A = 'x', B = ▸1 }\n", ("a variable is a text, not 1", 'quote it: "1"')),
    bad("env flag", JOB + "[jobs.a.env]\nDEBUG = ▸true\n", ("a variable is a text, not true", 'quote it: "true"')),
    bad("env name", JOB + "env = ▸{ 'A=B' = 'x' }\n", ("cannot name a variable", '"="')),
    bad("env list", JOB + "env = ▸['A=1']\n", ("must be a table", "NAME")),
    bad("run blank", "[jobs.a]\nrun = ▸'  '\n", ("must not be empty", "")),
    bad("job not a table", "[jobs]\na = ▸'echo'\n", ("must be a table", "")),
    bad("jobs list", "[[▸jobs]]\nname = 'a'\n", ("jobs: must be a table, not a list", "[jobs.NAME]")),
    bad("description", JOB + "description = ▸2026-01-01\n", ("must be a text", "")),
    bad("yaml nothing", "jobs:\n  a:\n    run: x\n    timezone:▸\n", ("text, not nothing", ""), suffix="yaml"),
    bad("yaml bare duration", "jobs: {a: {run: x, kill_grace: ▸10}}\n", ("bare number", '"10s"'), suffix="yaml"),
    bad("yaml env", "jobs:\n  a:\n    run: x\n    env: {A: ▸yes, B: ▸true}\n".replace("▸yes", "yes"),
        ("not true", '"true"'), suffix="yaml"),
    bad("yaml emoji", 'jobs: {"😀é": 1}\n'.replace('"😀é"', '▸"😀é"').replace(": 1}", ": ▸1}"),
        ("cannot name a job", "letters"), ("must be a table", ""), suffix="yaml"),
]  # fmt: skip

MEANING = [
    bad("job name", "[jobs.▸'a b']\nrun = 'x'\n", ('"a b" cannot name a job', "letters")),
    bad("id", JOB + "id = ▸'../x'\n", ("not a name", "letters")),
    bad("two with one key", JOB + "[jobs.b]\nrun = 'x'\nid = ▸'a'\n",
        ('already that of the job "a" at line 1', "another")),
    bad("nothing to do", "[jobs.▸a]\nschedule = '@daily'\n", ('"a" has nothing to do', "run =")),
    bad("no tasks", "[jobs.▸a]\ntasks = []\n", ("nothing to do", "tasks")),
    bad("both forms", "[jobs.a]\n▸run = 'x'\n[[jobs.a.tasks]]\nname='t'\nrun='x'\n", ("tasks or run, not both", "")),
    bad("run and command", "[jobs.a]\nrun = 'x'\n▸command = ['x']\n", ("exclude each other", "keep one")),
    bad("run and python", "[jobs.a]\nrun = 'x'\n▸python = 'm:f'\n", ("run and python exclude each other", "keep one")),
    bad("no callable", "[jobs.a]\npython = ▸'m.f'\n", ("names no callable", '"module:function"')),
    bad("args without python", "[jobs.a]\nrun = 'x'\n▸args = [1]\n", ("args belongs to python", "command")),
    bad("not a number of JSON", "[jobs.a]\npython = 'm:f'\nargs = [1, ▸nan]\n", ("finite number", "")),
    bad("secret from nowhere", "[jobs.a]\nrun = 'x'\nsecrets.T = ▸{}\n", ("one source", "{ file =")),
    bad("half an entry", "[jobs.a]\nrun = 'x'\nsecrets.T.keyring = ▸'me'\n", ("a service and a user", "service/user")),
    bad("two sources", "[jobs.a]\nrun = 'x'\nsecrets.T = ▸{ file = 'x', command = ['x'] }\n", ("one source", "")),
    bad("secret's name", "[jobs.a]\nrun = 'x'\nsecrets = ▸{ 'A=B' = { file = 'x' } }\n", ("cannot name", "")),
    bad(
        "variable twice", "[jobs.a]\nrun = 'x'\nenv = { T = '1' }\nsecrets = { ▸T = { file = 'x' } }\n",
        ("in env and in secrets", "keep the secret"),
    ),
    bad("task run and command", "[[jobs.a.tasks]]\nname='t'\nrun='x'\n▸command=['x']\n", ("exclude", "keep one")),
    bad("task without work", "[[jobs.a.tasks]]\nname='s'\nrun='x'\n▸[[jobs.a.tasks]]\nname='t'\n",
        ('"t" has nothing', "run")),
    bad("task without name", "▸[[jobs.a.tasks]]\nrun='x'\n", ("name is missing", 'name = "dump"')),
    bad("task name", "[[jobs.a.tasks]]\nname=▸'a/b'\nrun='x'\n", ("not a name", "letters")),
    bad("task twice", "[[jobs.a.tasks]]\nname='t'\nrun='x'\n[[jobs.a.tasks]]\nname=▸'t'\nrun='x'\n",
        ('two tasks are named "t"; the first is at line 2', "rename")),
    bad("unknown need", "[jobs.a]\ntasks = [{name='dump', run='x'}, {name='up', run='x', needs=[▸'dmp']}]\n",
        ('no task "dmp"', '"dump"')),
    bad("needs itself", "[jobs.a]\ntasks = [{name='t', run='x', needs=[▸'t']}]\n", ("needs itself", "remove")),
    bad("circle", "jobs:\n  a:\n    tasks:\n    - {name: b, run: x, needs: ▸[d]}\n"
        "    - {name: c, run: x, needs: [b]}\n    - {name: d, run: x, needs: [c]}\n",
        ("circle: b → d → c → b", "remove"), suffix="yaml"),
    bad("cron field", JOB + "schedule = '0 ▸25 * * *'\n", ("schedule: ", "")),
    bad("cron in a table", JOB + "schedule = { cron = '61▸ * * * *' }\n".replace("61▸", "▸61"), ("schedule: ", "")),
    bad("cron in yaml", "jobs:\n  a: {run: x}\n  b:\n    run: x\n    schedule: 0 ▸77 * * *\n",
        ("schedule", ""), suffix="yaml"),
    bad("cron in a list", JOB + "schedule = ['@daily', '0 0 ▸32 * *']\n", ("schedule: ", "")),
    bad("schedule key", JOB + "schedule = { cron = '@daily', ▸strat = '2026-01-01' }\n", ("strat", '"start"')),
    bad("schedule number", JOB + "schedule = ▸5\n", ("schedule", "")),
    bad("schedule nothing", "jobs: {a: {run: x, schedule: ▸~}}\n", ("empty", "cron"), suffix="yaml"),
    bad("zone", JOB + "timezone = ▸'Europe/Berln'\n", ('did you mean "Europe/Berlin"', "IANA")),
    bad("zone of defaults", "[defaults]\ntimezone = ▸'Berlin'\n" + JOB + "schedule='@daily'\n",
        ("Europe/Berlin", "IANA")),
    bad("param name", JOB + "params = { ▸'1a' = { default = 'x' } }\n", ("cannot name a parameter", "letters")),
    bad("params alike", JOB + "params.day = {}\nparams.▸DAY = {}\n", ("would be the same variable", "rename")),
    bad("param choices", JOB + "params.a = { choices = ▸[] }\n", ("must not be empty", "any text")),
    bad("param default", JOB + "params.a = { choices = ['red', 'blue'], default = ▸'rde' }\n",
        ("none of the choices", '"red"')),
    bad("param of a schedule", JOB + "schedule = '@daily'\nparams.▸a = { description = 'x' }\n",
        ("needs a default", "nobody is asked")),
    bad("param key", JOB + "params.a = { ▸defualt = 'x' }\n", ("unknown key", '"default"')),
    bad("param number", JOB + "params.a = { default = ▸5 }\n", ("must be a text, not 5", 'quote it: "5"')),
    bad("params list", JOB + "params = ▸['a']\n", ("must be a table", "params.NAME")),
    bad("zone of a schedule", JOB + "schedule = { cron = '@daily', timezone = ▸'Mars/Base' }\n", ("unknown zone", "")),
]  # fmt: skip


BAD_FILES = [*SYNTAX, *KEYS, *VALUES, *MEANING]


@pytest.mark.parametrize("case", BAD_FILES, ids=lambda case: case.name)
def test_a_bad_file_says_what_is_wrong_where_and_what_to_do(case: Bad, tmp_path: Path) -> None:
    text, places = marked(case.text)
    reading = read_text(tmp_path, text, f"jobs.{case.suffix}")
    assert [(found.line, found.column) for found in errors_of(reading)] == places, reading.diagnostics
    for found, (message, hint) in zip(errors_of(reading), case.says, strict=True):
        assert message in found.message
        assert hint in found.hint
        assert found.file == str(tmp_path / f"jobs.{case.suffix}")
        assert found.source_line == text.split("\n")[found.line - 1][:500].replace("\t", " ")
    assert not reading.jobs
    assert not reading.ok


def test_no_depth_is_too_deep_to_be_refused(tmp_path: Path) -> None:
    """Beyond a thousand the parser library itself gives up, in some versions, and not where the depth began."""
    reading = read_text(tmp_path, "x: " + "[" * 100_000, "jobs.yaml")
    assert [found.code for found in reading.diagnostics] == ["too_deep"]
    assert "more than 32 deep" in reading.diagnostics[0].message


def test_all_errors_of_a_file_come_at_once_in_order(tmp_path: Path) -> None:
    text, places = marked(
        """
        [defaults]
        timezone = ▸"Nowhere"
        kill_grace = ▸5

        [jobs.a]
        ▸shedule = "@daily"
        tasks = [{ name = "t", run = "x", needs = [▸"u"], task_timeout = ▸1 }]

        [jobs.▸b]
        schedule = "0 0 * * ▸9"
        """
    )
    reading = read_text(tmp_path, text)
    assert [(found.line, found.column) for found in errors_of(reading)] == places


def test_of_very_many_errors_a_hundred_are_kept_and_the_rest_counted(tmp_path: Path) -> None:
    reading = read_text(tmp_path, JOB + "".join(f"zz{number} = 1\n" for number in range(250)))
    assert not reading.jobs
    assert len(reading.diagnostics) == 101
    assert reading.diagnostics[-1].message == "and 150 or more others"


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b"[jobs.a]\r\nrun = 'x'\r\nnope = 1\r\n", (3, 1), 'unknown key "nope"'),
        (b"\xef\xbb\xbf[jobs.a]\nrun = 'x'\nnope = 1\n", (3, 1), 'unknown key "nope"'),
        ("[jobs.a]\nrun = 'x'\nenv = { Ä = 'ü😀', B = 1 }\n".encode(), (3, 9), "Invalid initial character for a key"),
        ("[jobs.a]\nrun = 'x'\nenv = { 'Ä' = 'ü😀', B = 1 }\n".encode(), (3, 25), "B: a variable is a text"),
        (b"[jobs.a]\nrun = 'caf\xe9'\n", (2, 11), "byte 0xe9 is not UTF-8"),
        ("[jobs.a]\r\n# é\r\n".encode() + b"\xff", (3, 1), "byte 0xff is not UTF-8"),
        ("[jobs.a]\n".encode("utf-16"), (1, 1), "byte 0xff is not UTF-8"),
        (b"[jobs.a]\nrun = 'a\x00b'\n", (2, 9), "control character U+0000"),
        (b"[jobs.a]\nrun = 'a\x1b[31m'\n", (2, 9), "control character U+001B"),
    ],
)
def test_places_count_characters_whatever_the_bytes(
    content: bytes, place: tuple[int, int], message: str, tmp_path: Path
) -> None:
    (found,) = errors_of(read_text(tmp_path, content))
    assert message in found.message
    assert (found.line, found.column) == place


def test_a_diagnostic_never_carries_what_a_terminal_would_obey(tmp_path: Path) -> None:
    reading = read_text(tmp_path, '[jobs.a]\nrun = "x"\n"\\u001b[31m\\u202e" = 1\n')
    (found,) = reading.diagnostics
    assert found.text().isprintable()
    assert found.message.isprintable()
    assert "unknown key" in found.text()


def test_a_file_of_nothing_but_errors_is_judged_in_no_time(tmp_path: Path) -> None:
    tasks = ", ".join(f"{{name='task{number}', run='x', needs=['tusk{number}']}}" for number in range(1000))
    reading = read_text(
        tmp_path, f"[jobs.a]\ntasks = [{tasks}]\n[jobs.b]\n" + "".join(f"k{n}=1\n" for n in range(5000))
    )
    assert len(errors_of(reading)) == 101


def test_a_long_circle_is_named_in_part(tmp_path: Path) -> None:
    tasks = ", ".join(f"{{name='t{number}', run='x', needs=['t{(number + 1) % 100}']}}" for number in range(100))
    (found,) = errors_of(read_text(tmp_path, f"[jobs.a]\ntasks = [{tasks}]\n"))
    assert found.message.endswith(" → …")
    assert found.message.count("→") == 12


def test_many_warnings_do_not_hide_an_error(tmp_path: Path) -> None:
    hinted = "".join(f"[jobs.j{number}]\nrun = 'x'\nschedule = '0 0 1 * MON'\n" for number in range(301))
    reading = read_text(tmp_path, hinted + "[jobs.last]\nrun = 'x'\nschedule = '@never'\n")
    assert errors_of(reading)[0].line == 906
    assert not reading.jobs


def test_a_secret_that_was_written_out_is_not_repeated(tmp_path: Path) -> None:
    text = "[jobs.a]\nrun = 'x'\nsecrets.T = 'hunter2hunter2'\nsecrets.U = { fil = 'hunter2hunter2' }\n"
    found = read_text(tmp_path, text).diagnostics
    assert [(one.line, one.column, one.message, one.source_line) for one in found] == [
        (3, 13, 'T: must be a table, not "****"', ""), (4, 15, 'unknown key "fil"', ""),
    ]  # fmt: skip
    assert "never the secret itself" in found[0].hint
    assert "file" in found[1].hint


@pytest.mark.parametrize(
    "line",
    [
        "webhook = 'https://u:hunter2hunter2@x'",
        "webhook = 'https://u:hunter2hunter2@[x'",
        "webhook = { url = 'https://u:hunter2hunter2@x' }",
        "webhook = { url = { value = 'hunter2hunter2' } }",
        "webhook = { url = 'https://x', headers = { Authorization = { value = 'hunter2hunter2' } } }",
        "webhook = 'https://u:hunter2hunter2@x', unknown = 1",
    ],
)
def test_a_password_that_was_written_out_is_not_repeated(tmp_path: Path, line: str) -> None:
    """Regression: the line was shown, and with the event of the refused file it was stored."""
    found = read_text(tmp_path, f"[jobs.a]\nrun = 'x'\nnotify = [{{ on = 'failure', {line} }}]\n").diagnostics
    assert found
    assert "hunter2" not in repr(found)
