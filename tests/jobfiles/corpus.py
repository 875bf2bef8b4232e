"""Hostile files by name: TOML and YAML as (suffix, content, whether it loads), Python as (text, whether it loads)."""

# ruff: noqa: E501 - a case stands in one line

from __future__ import annotations

from tests.jobfiles.corpus_python import PYTHON
from tests.jobfiles.corpus_schema import PASSED_BY_SCHEMA

__all__ = ["PASSED_BY_SCHEMA", "PYTHON", "TEXTS"]

Case = tuple[str, bytes, bool]
_JOB = "[jobs.a]\nrun = 'x'\n"
_YAML = "jobs:\n  a:\n    run: x\n"


def _cases(suffix: str, loads: bool, **texts: str | bytes) -> dict[str, Case]:
    return {
        f"{suffix}: {name.replace('_', ' ')}": (suffix, text if isinstance(text, bytes) else text.encode(), loads)
        for name, text in texts.items()
    }


ENCODINGS = {
    **_cases(
        "toml", False,
        utf_16=_JOB.encode("utf-16"), utf_16_without_mark=_JOB.encode("utf-16-le"), utf_32=_JOB.encode("utf-32"),
        latin_1="[jobs.a]\nrun = 'é'\n".encode("latin-1"), lone_continuation=b"[jobs.a]\nrun = '\x80'\n",
        overlong=b"[jobs.a]\nrun = '\xc0\xaf'\n", surrogate_bytes=b"[jobs.a]\nrun = '\xed\xa0\x80'\n",
        beyond_unicode=b"[jobs.a]\nrun = '\xf5\x80\x80\x80'\n", cut_character=b"[jobs.a]\nrun = '\xe2\x82",
        half_a_mark=b"\xef\xbb[jobs.a]\n", two_marks=b"\xef\xbb\xbf\xef\xbb\xbf[jobs.a]\nrun = 'x'\n",
        mark_inside="[jobs.a]\n\ufeffrun = 'x'\n", nul="[jobs.a]\nrun = 'a\0b'\n", only_nul="\0", escape="[jobs.a]\nrun = '\x1b[2J'\n",
        bell="a = 1 # \a\n", backspace="# \b\n", vertical_tab="\v\n", form_feed="\f\n", delete="# \x7f\n",
        lone_return="[jobs.a]\rrun = 'x'\r", binary=bytes(range(256)), gzip=b"\x1f\x8b\x08\x00" + bytes(40),
        elf=b"\x7fELF\x02\x01\x01" + bytes(60), sqlite=b"SQLite format 3\0" + bytes(60),
    ),
    **_cases(
        "toml", True,
        empty="", mark_alone="\ufeff", blanks=" \n\t\n", comment="# nothing\n", no_end_of_line=_JOB.rstrip(),
        crlf=_JOB.replace("\n", "\r\n"), mark="\ufeff" + _JOB, emoji=_JOB + "description = '👩‍👩‍👧'\n",
        right_to_left=_JOB + "description = '\u202eabc'\n", combining=_JOB + f"description = 'a{chr(0x301) * 1000}'\n",
        noncharacter=_JOB + "description = '\ufffe'\n", c1_control=_JOB + "description = '\x9b31m'\n",
    ),
    **_cases(
        "yaml", False,
        utf_16=_YAML.encode("utf-16"), latin_1="jobs: {a: {run: é}}".encode("latin-1"), nul="jobs: {a: {run: 'a\0'}}",
        escape="jobs: {a: {run: '\x1b'}}", c1_control="jobs: {a: {run: '\x9b'}}", noncharacter="jobs: {a: {run: \ufffe}}",
        escaped_nul='jobs: {a: {run: "\\0"}}', escaped_surrogate='jobs: {a: {run: "\\ud800"}}',
        beyond_unicode='jobs: {a: {run: "\\U00110000"}}', binary=bytes(range(256)), mark_inside="jobs: {a: {\ufeff: x}}",
    ),
    **_cases("yaml", True, empty="", comment="# x\n", mark="\ufeff" + _YAML, crlf=_YAML.replace("\n", "\r\n"), null="~"),
}  # fmt: skip

DEEP = {
    **_cases(
        "toml", False,
        lists="a = " + "[" * 100_000, closed_lists="a = " + "[" * 5000 + "]" * 5000, tables="a = " + "{b=" * 50_000,
        dotted_key="a." * 50_000 + "a = 1", header="[" + "a." * 50_000 + "a]", array_header="[[" + "a." * 9000 + "a]]",
        mixed="a = " + "[{b=" * 20_000, in_a_job=_JOB + "kwargs = { a = " + "[" * 40 + "]" * 40 + " }\n",
        quoted_keys="'a'." * 20_000 + "a = 1", schedules=_JOB + "schedule = " + "{any=[" * 20 + "]}" * 20,
    ),
    **_cases(
        "yaml", False,
        flow_lists="[" * 100_000, flow_tables="{a: " * 50_000, blocks="\n".join("  " * n + "a:" for n in range(500)),
        sequences="- " * 50_000, questions="? " * 50_000, mixed="[{a: " * 20_000, colons=": " * 5000,
        block_lists="\n".join(" " * n + "-" for n in range(500)), anchors="".join(f"&a{n} [" for n in range(5000)),
        in_a_job=_YAML + "    kwargs: {a: " + "[" * 40 + "]" * 40 + "}\n",
    ),
}  # fmt: skip

_LAUGHS = "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 12))
BOMBS = {
    **_cases(
        "yaml", False,
        laughs="x0: &x0 [lol]\n" + _LAUGHS, tables="x0: &x0 {a: 1}\n" + _LAUGHS.replace("[", "{a: [").replace("]", "]}"),
        quadratic="a: &a [" + "x, " * 5000 + "]\nb: [" + "*a, " * 5000 + "]\n", itself="jobs: &a {b: *a}\n",
        itself_in_a_list="jobs: &a [*a]\n", alias_as_key="a: &a b\n*a : c\n", unknown_alias="jobs: *nothing\n",
        merge_of_itself="jobs: &a {<<: *a}\n", merge_bomb="a: &a {b: 1}\n" + "".join(f"c{n}: {{<<: [{'*a, ' * 400}]}}\n" for n in range(40)),
        merge_of_text="jobs: {<<: x}\n", merge_of_lists="jobs: {<<: [[a]]}\n", many_documents="---\na: 1\n" * 1000,
    ),
    **_cases(
        "toml", False,
        many_unknown_keys="".join(f"k{n} = 1\n" for n in range(5000)), many_tables="".join(f"[k{n}]\n" for n in range(5000)),
        many_bad_jobs="".join(f"[jobs.j{n}]\nrun = {n}\n" for n in range(2000)),
        many_twins=_JOB + "".join("[[jobs.a.tasks]]\nname = 'x'\nrun = 'y'\n" for _ in range(500)),
        wide_list="a = [" + "1," * 50_000 + "]", giant_key="k" * 900_000 + " = 1", giant_quoted_key=f"'{'k' * 900_000}' = 1",
        giant_name=f"[jobs.{'n' * 100_000}]\nrun = 'x'\n", half_a_string="a = '" + "x" * 900_000, many_quotes='a = """' + '"' * 9,
        too_large="#" * (1024 * 1024 + 1),
    ),
    **_cases(
        "toml", True,
        giant_text=_JOB + f"description = '{'x' * 900_000}'\n", giant_comment=_JOB + "#" * 900_000,
        many_lines=_JOB + "\n" * 900_000, many_jobs="".join(f"[jobs.j{n}]\nrun = 'x'\n" for n in range(1000)),
    ),
}  # fmt: skip

NUMBERS = {
    **_cases(
        "toml", False,
        decimal=f"a = {'9' * 100_000}", hexadecimal=f"a = 0x{'f' * 100_000}", octal=f"a = 0o{'7' * 100_000}",
        binary=f"a = 0b{'1' * 100_000}", underscores=f"a = {'9_' * 50_000}9", leading_zero="a = 010", sign="a = +-1",
        float_overflow=_JOB + "retry_policy.backoff_factor = 1e999\n", nan=_JOB + "retry_policy.backoff_factor = nan\n",
        infinite=_JOB + "retry_policy.backoff_factor = -inf\n", negative=_JOB + "max_active = -1\n",
        beyond_64_bits=_JOB + "max_active = 99999999999999999999\n", fraction=_JOB + "max_active = 1.0\n",
        nan_argument="[jobs.a]\npython = 'm:f'\nargs = [nan]\n", priority=_JOB + "priority = 1001\n",
    ),
    **_cases(
        "yaml", False,
        decimal=f"a: {'9' * 100_000}", hexadecimal=f"a: 0x{'f' * 100_000}", float_overflow="a: 1e999",
        nan="jobs: {a: {python: 'm:f', args: [.nan]}}", octal_1_1="jobs: {a: {run: x, max_active: 0o0}}",
    ),
    **_cases("toml", True, minus_zero="[jobs.a]\npython = 'm:f'\nargs = [-0.0, -0]\n", large="[jobs.a]\npython = 'm:f'\nargs = [9223372036854775808]\n"),
}  # fmt: skip

_TIMES = (
    "0000-01-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59:59", "10000-01-01T00:00", "2026-02-30T00:00", "2026-13-01T00:00",
    "2026-12-01", "2026-12-01T24:00", "2026-12-01T23:59:60", "2026-12-01T09:00+99:99", "2026-12-01T09:00[Nowhere/City]",
    "-2026-12-01T09:00", "2026-W53-7", "2026-366", "99999999999999999999-01-01",
)  # fmt: skip
_SCHEDULES = (
    "", " ", "*", "* * * *", "* * * * * * * *", "60 * * * *", "-1 * * * *", "*/0 * * * *", "1-0 * * * *", "0 0 31 2 *", "0 0 30 2 *",
    "@never", "@reboot @daily", "P0D", "P", "R", "R/P1D/P1D", "P-1D", "PT0.0000001S", "P99999999999Y", "R/2026-02-30T00:00/P1D",
    "1," * 20_000 + "1 * * * *", "*" * 50_000, "0 0 * * " + "#" * 999, "٣ * * * *", "０ ０ * * *", "0 0 1\u200b * *",
    "R999999999999999999999/2026-01-01T00:00/P1D",
)  # fmt: skip
WHEN = {
    f"toml: once {time[:30]}": ("toml", f"{_JOB}schedule = {{ once = '{time}' }}\n".encode(), False) for time in _TIMES
} | {
    f"toml: schedule {number} {text[:20]}": ("toml", f"{_JOB}schedule = '{text}'\n".encode(), False)
    for number, text in enumerate(_SCHEDULES)
}
WHEN |= _cases(
    "toml", False,
    native_date=_JOB + "schedule = 2026-12-01\n", native_time=_JOB + "schedule = 09:00:00\n", empty_list=_JOB + "schedule = []\n",
    list_in_list=_JOB + "schedule = [['@daily']]\n", empty_table=_JOB + "schedule = {}\n", two_kinds=_JOB + "schedule = {cron='@daily', once='x'}\n",
    bare_number=_JOB + "schedule = 5\n", exclude_text=_JOB + "schedule = {cron='@daily', exclude='x'}\n",
    no_zone=_JOB + "timezone = '../../etc/passwd'\n", absolute_zone=_JOB + "timezone = '/etc/localtime'\n", nul_zone=_JOB + 'timezone = "a\\u0000"\n',
    long_zone=_JOB + f"timezone = '{'A/' * 5000}'\n", jitter=_JOB + "schedule = {cron='@daily', jitter='P1Y'}\n",
)  # fmt: skip

TWICE = {
    **_cases(
        "toml", False,
        key=_JOB + "run = 'y'\n", table=_JOB + _JOB, dotted=_JOB + "env.A = 'x'\nenv.A = 'y'\n", quoted=_JOB + "\"run\" = 'y'\n",
        escaped=_JOB + "\"r\\u0075n\" = 'y'\n", inline=_JOB + "env = {A='1', A='2'}\n", table_over_value="jobs = 1\n[jobs.a]\n",
        value_over_table=_JOB + "[jobs]\na = 1\n", list_over_table="[jobs]\n[[jobs]]\n", inline_extended="a = {b=1}\n[a.c]\n",
        list_extended="a = [{}]\n[[a]]\n", dotted_over_value="a = 1\na.b = 2\n", id=_JOB + "[jobs.b]\nrun = 'x'\nid = 'a'\n",
    ),
    **_cases(
        "yaml", False,
        key="jobs: {}\njobs: {}\n", quoted="jobs: {a: {run: x, 'run': y}}", escaped='jobs: {a: {run: x, "r\\x75n": y}}',
        merged_twice="a: &a {b: 1}\njobs: {<<: *a, <<: *a}\n", number_and_text="jobs: {1: {run: x}, '1': {run: y}}",
    ),
}  # fmt: skip

YAML_KINDS = _cases(
    "yaml", False,
    python_object="jobs: !!python/object/apply:os.system ['id']", python_name="jobs: !!python/name:os.system", binary="jobs: !!binary aGk=",
    set="jobs: !!set {a, b}", omap="jobs: !!omap []", local="jobs: !mine {}", null_tag="jobs: !!null x", float_tag="jobs: {a: {run: !!str 1}}",
    verbatim="jobs: !<tag:yaml.org,2002:map> {}", tag_handle="%TAG !e! tag:e.org,2026:\n---\njobs: !e!x {}\n",
    bad_directive="%YAML 9.9\n---\njobs: {}\n", two_documents="jobs: {}\n---\njobs: {}\n", list_key="jobs: {[a]: {run: x}}",
    table_key="? {a: b}\n: c\n", tab="jobs:\n\ta: 1\n", no_colon="jobs\n", list_top="- jobs\n", text_top="jobs", number_top="5",
    bad_indent="jobs:\n  a:\n   run: x\n  b: y\n", star="jobs: {a: {run: *}}", at="jobs: {a: {run: @x}}", percent="jobs: {a: {run: %x}}",
    unclosed="jobs: {a: {run: 'x", unclosed_flow="jobs: {a: {run: x", norway="jobs: {a: {run: x, tags: [no, 012, on, 1:30]}}",
    yes="jobs: {a: {run: x, enabled: yes}}", sexagesimal="jobs: {a: {run: x, kill_grace: 190:20}}", null_job="jobs: {a: }",
    null_run="jobs: {a: {run: }}", date_as_text="jobs: {a: {run: x, schedule: 2026-12-01}}",
) | _cases(
    "yaml", True,
    words_of_1_1="jobs: {a: {run: x, tags: [no, yes, on, off, y, n, NO, '012', 1:30]}}", on_as_a_key="jobs: {on: {run: no}}",
    norway_variable="jobs: {a: {run: x, env: {COUNTRY: no, LEVEL: on, AT: 12:30:00}}}", yaml_1_2="%YAML 1.2\n---\njobs: {a: {run: x}}\n",
    merge="x: &a {run: x}\n".replace("x: &a {run: x}\n", "defaults: &a {tags: [x]}\n") + "jobs: {a: {<<: *a, run: x}}\n",
)  # fmt: skip

NAMES = _cases(
    "toml", False,
    traversal="[jobs.'../../etc/passwd']\nrun = 'x'\n", slash="[jobs.'a/b']\nrun = 'x'\n", empty="[jobs.'']\nrun = 'x'\n",
    dot="[jobs.'.hidden']\nrun = 'x'\n", long=f"[jobs.{'n' * 65}]\nrun = 'x'\n", newline='[jobs."a\\nb"]\nrun = "x"\n',
    right_to_left="[jobs.'\u202ea']\nrun = 'x'\n", markup="[jobs.'[@click=quit]x[/]']\nrun = 'x'\n", dash="[jobs.-rf]\nrun = 'x'\n",
    homograph="[jobs.'аdmin']\nrun = 'x'\n", id=_JOB + "id = '../x'\n", task="[[jobs.a.tasks]]\nname = '../x'\nrun = 'x'\n",
    param=_JOB + "params.'a-b' = {default='x'}\n", variable=_JOB + "env = {'A=B' = 'x'}\n", empty_variable=_JOB + "env = {'' = 'x'}\n",
    secret=_JOB + "secrets.A = 'hunter2'\n", header=_JOB + "notify = {on='failure', webhook={url='https://a.b', headers={'X: y'='z'}}}\n",
    url=_JOB + "notify = {on='failure', webhook='file:///etc/passwd'}\n", url_with_password=_JOB + "notify = {on='failure', webhook='https://a:b@c'}\n",
    mail=_JOB + "notify = {on='failure', mail='a@b\\nBcc: c@d'}\n".replace("'", '"'), callable="[jobs.a]\npython = 'os;system'\n",
    cycle="".join(f"[[jobs.a.tasks]]\nname = 't{n}'\nrun = 'x'\nneeds = ['t{(n + 1) % 300}']\n" for n in range(300)),
    needs_itself="[[jobs.a.tasks]]\nname = 't'\nrun = 'x'\nneeds = ['t']\n", needs_nobody="[[jobs.a.tasks]]\nname = 't'\nrun = 'x'\nneeds = ['u']\n",
    duration=_JOB + f"kill_grace = '{'1h' * 50_000}'\n", size=_JOB + f"output_head = '{'9' * 5000}MiB'\n", arabic=_JOB + "kill_grace = '٣s'\n",
)  # fmt: skip

_PLACES = {
    "": ("defaults", "jobs"),
    "[defaults]\n": ("timezone", "tags", "env", "retry_policy"),
    _JOB: ("description", "id", "enabled", "tags", "params", "env", "secrets", "shell", "cwd", "path", "tasks_mode", "timezone", "env_file",
           "overlap_policy", "max_active", "concurrency_group", "retry_policy", "keep", "recovery_window", "execution_timeout",
           "output_head", "notify", "on_failure", "python_executable", "max_parallel_tasks"),
    "[jobs.a]\n": ("run", "command", "python", "tasks"),
    "[[jobs.a.tasks]]\nrun = 'x'\n": ("name",),
    "[[jobs.a.tasks]]\nname = 't'\nrun = 'x'\n": ("needs", "run_when", "task_timeout", "description"),
}  # fmt: skip
_WRONG = {"a float": "1.5", "a list of lists": "[[1]]", "a date": "2026-12-01"}
KINDS = {
    f"toml: {head.splitlines()[0] if head else 'top'} {key} is {what}": ("toml", f"{head}{key} = {value}\n".encode(), False)
    for head, keys in _PLACES.items()
    for key in keys
    for what, value in _WRONG.items()
}  # fmt: skip

_GROUPS = {
    "encoding": ENCODINGS, "depth": DEEP, "bomb": BOMBS, "number": NUMBERS, "when": WHEN, "twice": TWICE,
    "kind of YAML": YAML_KINDS, "name": NAMES, "type": KINDS,
}  # fmt: skip
TEXTS: dict[str, Case] = {f"{group}: {name}": case for group, cases in _GROUPS.items() for name, case in cases.items()}
