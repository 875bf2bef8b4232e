"""The one schema of job files and of `config.toml`, whatever the format; imported only when a file is parsed.

An attribute is None where the file does not set it; a written-out `none` is seen in `model_fields_set`.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from jobistemer_tui.domain import policies as words
from jobistemer_tui.domain.identity import KEY_PATTERN
from jobistemer_tui.domain.job import RunWhen, TasksMode
from jobistemer_tui.domain.params import NAME_PATTERN
from jobistemer_tui.domain.policies import SettingValue
from jobistemer_tui.jobfiles import notify_values, values
from jobistemer_tui.jobfiles.judged import Judged, exactly_one, named_by
from jobistemer_tui.jobfiles.notify_schema import HookOrNone, MailServer, Rules, stored_announcement

Text = Annotated[str, Judged(values.text)]
OptionalText = Annotated[str | None, Judged(values.filled_text)]
Flag = Annotated[bool, Judged(values.flag)]
Size = Annotated[int | None, Judged(values.size)]
Duration = Annotated[float | None, Judged(values.duration)]
DurationOrNone = Annotated[float | None, Judged(values.duration_or_none)]
PositiveDurationOrNone = Annotated[float | None, Judged(values.positive_duration_or_none)]
Texts = list[Annotated[str, Judged(values.filled_text)]]
Argv = list[Text]
VARIABLE = "[^=]+"
Variables = Annotated[
    dict[str, Annotated[str, Judged(values.variable)]],
    BeforeValidator(values.variables),
    Field(json_schema_extra=named_by(VARIABLE)),
]


FILLED: JsonDict = {"minItems": 1}
FOR_PYTHON: JsonDict = {"dependentRequired": {"args": ["python"], "kwargs": ["python"]}}
_WORK = ("run", "command", "python")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def flat(self, prefix: str) -> dict[str, SettingValue]:
        """What is set here, as settings whose names begin with that of the table."""
        return {f"{prefix}.{part}": getattr(self, part) for part in self.model_fields_set}


class Secret(_Table):
    """One of `secrets = { NAME = { … } }`."""

    model_config = ConfigDict(json_schema_extra=exactly_one("file", "command", "keyring"))

    file: Annotated[OptionalText, Field(description="a private file that holds it")] = None
    command: Argv = Field(
        default_factory=list, description="a program that prints it, and its arguments", json_schema_extra=FILLED
    )
    keyring: Annotated[
        str | None, Judged(values.keyring_entry), Field(description="service/user: its entry in the keyring")
    ] = None

    @model_validator(mode="after")
    def _has_one_source(self) -> Secret:
        if [self.file is not None, bool(self.command), self.keyring is not None].count(True) != 1:
            hint = 'write { file = "path" }, { command = ["program"] } or { keyring = "service/user" }'
            raise values.refused("a secret has one source", hint)
        return self


Secrets = Annotated[dict[str, Secret], BeforeValidator(values.variables), Field(json_schema_extra=named_by(VARIABLE))]


class RetryPolicy(_Table):
    """`retry_policy = { … }`."""

    max_retries: Annotated[int | None, Judged(values.whole(0, 1000))] = None
    retry_interval: Duration = None
    backoff_factor: Annotated[float | None, Judged(values.factor)] = None
    max_interval: PositiveDurationOrNone = None
    jitter: Duration = None
    retry_on: Annotated[str | None, Judged(values.retry_on)] = None


GroupName = Annotated[str, Judged(values.group_name)]


class ConcurrencyGroup(_Table):
    """`concurrency_group = { name, limit }`, or its name alone."""

    name: Annotated[str | None, Judged(values.group_name)]
    limit: Annotated[int | None, Judged(values.whole(1, 10_000))] = 1

    def flat(self, prefix: str) -> dict[str, SettingValue]:
        """A level that names a group sets its limit too: a limit belongs to the name beside it."""
        return {prefix: self.name, f"{prefix}.limit": self.limit}


class RecoveryWindow(_Table):
    """`recovery_window = { … }`, of `recovery_strategy = "bounded-window"`."""

    max_occurrences: Annotated[int | None, Judged(values.whole(1, 10_000, none_too=True))] = None
    max_duration: PositiveDurationOrNone = None


ANNOUNCEMENTS = ("on_start", "on_complete", "on_failure", "notify")
"""The settings that say who is told."""


class Keep(_Table):
    """`keep = { … }`."""

    age: PositiveDurationOrNone = None
    runs: Annotated[int | None, Judged(values.whole(1, 10_000_000, none_too=True))] = None
    bytes: Annotated[int | None, Judged(values.size_or_none)] = None


class TaskSettings(_Table):
    """The settings that a task may set."""

    failure_strategy: Annotated[str | None, Judged(values.choice(words.FailureStrategy))] = None
    task_timeout: PositiveDurationOrNone = None
    kill_grace: Duration = None
    leftovers: Annotated[str | None, Judged(values.choice(words.Leftovers))] = None
    on_lost: Annotated[str | None, Judged(values.choice(words.OnLost))] = None
    max_reruns: Annotated[int | None, Judged(values.whole(0, 1000))] = None
    output_head: Size = None
    output_tail: Size = None
    retry_policy: RetryPolicy = Field(default_factory=RetryPolicy)

    def settings(self) -> dict[str, SettingValue]:
        """What is set here, by the names of `domain.policies.DEFAULTS`."""
        given: dict[str, SettingValue] = {}
        for name in self.model_fields_set:
            value = getattr(self, name)
            if isinstance(value, _Table):
                given |= value.flat(name)
            else:
                given[name] = stored_announcement(value) if name in ANNOUNCEMENTS else value
        return {name: given[name] for name in words.DEFAULTS if name in given}


class JobSettings(TaskSettings):
    """All settings of the cascade."""

    overlap_policy: Annotated[str | None, Judged(values.choice(words.OverlapPolicy))] = None
    max_active: Annotated[int | None, Judged(values.whole(1, 10_000))] = None
    queue_limit: Annotated[int | None, Judged(values.whole(0, 1_000_000))] = None
    concurrency_group: Annotated[
        ConcurrencyGroup | None, BeforeValidator(values.group, json_schema_input_type=GroupName | ConcurrencyGroup)
    ] = None
    priority: Annotated[int | None, Judged(values.whole(-words.LARGEST_PRIORITY, words.LARGEST_PRIORITY))] = None
    nodes: Annotated[str | None, Judged(values.labels)] = None
    recovery_strategy: Annotated[str | None, Judged(values.choice(words.RecoveryStrategy))] = None
    recovery_window: RecoveryWindow = Field(default_factory=RecoveryWindow)
    keep: Keep = Field(default_factory=Keep)
    update_policy: Annotated[str | None, Judged(values.choice(words.UpdatePolicy))] = None
    plan_horizon: Annotated[int | None, Judged(values.whole(1, 1000))] = None
    recovery_spread: Duration = None
    recovery_hold: DurationOrNone = None
    execution_timeout: PositiveDurationOrNone = None
    start_deadline: DurationOrNone = None
    late_grace: Duration = None
    max_parallel_tasks: Annotated[int | None, Judged(values.whole(1, 10_000, none_too=True))] = None
    on_start: HookOrNone = None
    on_complete: HookOrNone = None
    on_failure: HookOrNone = None
    notify: Rules = Field(default_factory=list)


class Param(_Table):
    """`params.NAME = { … }`."""

    default: Annotated[str | None, Judged(values.text)] = None
    choices: list[Text] = Field(default_factory=list, json_schema_extra=FILLED)
    description: Text = ""


class _Environment(_Table):
    """What tasks run in; said by a file, a job or a task."""

    env: Variables = Field(default_factory=dict)
    env_file: OptionalText = None
    secrets: Secrets = Field(default_factory=dict)
    shell: Texts = Field(default_factory=list)
    python_executable: OptionalText = None
    cwd: OptionalText = None


class _Work(_Table):
    """What is done: one of `run`, `command` and `python`."""

    run: OptionalText = None
    command: Argv = Field(default_factory=list, json_schema_extra=FILLED)
    python: Annotated[str | None, Judged(values.callable_name)] = None
    args: list[Annotated[Any, Judged(values.json_value)]] = Field(default_factory=list)
    kwargs: dict[str, Annotated[Any, Judged(values.json_value)]] = Field(default_factory=dict)


class Task(_Work, _Environment, TaskSettings):
    """One of `[[jobs.NAME.tasks]]`."""

    model_config = ConfigDict(json_schema_extra={**exactly_one(*_WORK), **FOR_PYTHON})

    name: Annotated[str, Judged(values.key)]
    needs: Texts = Field(default_factory=list)
    run_when: Annotated[str, Judged(values.choice(RunWhen))] = RunWhen.SUCCESS.value
    description: Text = ""


class _Surroundings(_Environment, JobSettings):
    """What `[defaults]` and a job have in common."""

    timezone: OptionalText = None
    tags: Texts = Field(default_factory=list)
    path: OptionalText = None


class Defaults(_Surroundings):
    """`[defaults]`."""


class Job(_Work, _Surroundings):
    """`[jobs.NAME]`."""

    model_config = ConfigDict(json_schema_extra={**exactly_one(*_WORK, "tasks"), **FOR_PYTHON})

    description: Text = ""
    id: Annotated[str | None, Judged(values.key)] = None
    enabled: Flag = True
    schedule: Any = None
    tasks_mode: Annotated[str, Judged(values.choice(TasksMode))] = TasksMode.SEQUENTIAL.value
    params: dict[str, Param] = Field(default_factory=dict, json_schema_extra=named_by(NAME_PATTERN.pattern))
    tasks: list[Task] = Field(default_factory=list, json_schema_extra=FILLED)


class JobFile(_Table):
    """A whole job file."""

    defaults: Defaults = Field(default_factory=Defaults)
    jobs: dict[str, Job] = Field(default_factory=dict, json_schema_extra=named_by(KEY_PATTERN.pattern))


class NodeTable(_Table):
    """`[node]` of `config.toml`."""

    name: Annotated[str | None, Judged(values.key)] = None
    labels: Annotated[str, Judged(values.labels)] = words.ANY_NODE


class ConfigFile(_Table):
    """`config.toml`."""

    defaults: JobSettings = Field(default_factory=JobSettings)
    max_concurrent_jobs: Annotated[int | None, Judged(values.whole(1, 100_000))] = None
    max_attempts_running: Annotated[int | None, Judged(values.whole(1, 100_000))] = None
    min_free: Size = None
    node: NodeTable = Field(default_factory=NodeTable)
    load_timeout: Annotated[float, Judged(values.positive_duration)] = 10.0
    audit_age: PositiveDurationOrNone = 365 * 86400.0
    lost_after: Annotated[float, Judged(values.positive_duration)] = 300.0
    mail: MailServer | None = None
    metrics: Annotated[str | None, Judged(notify_values.listen_address)] = None
    screen: Any = None  # these two are the screen's, which judges them itself: they never stop an engine
    keys: Any = None
