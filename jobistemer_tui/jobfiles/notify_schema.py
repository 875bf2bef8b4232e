"""Hooks and notification rules in files: `on_failure = …`, `notify = [{ on = "failure", mail = "me@example.org" }]`."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from jobistemer_tui.domain.announcements import PROGRAM_KEYS, Channel, Occasion
from jobistemer_tui.jobfiles import notify_values, values
from jobistemer_tui.jobfiles.judged import Judged, exactly_one, named_by
from jobistemer_tui.jobfiles.values import refused

DEFAULT_TIMEOUT_S = 60.0
_Text = Annotated[str | None, Judged(values.filled_text)]
_Argv = Annotated[list[str] | None, Judged(notify_values.argv)]
_Callable = Annotated[str | None, Judged(values.callable_name)]
_Timeout = Annotated[float | None, Judged(values.positive_duration)]


_Line = Annotated[str, Judged(values.filled_text)]
_Program = Annotated[list[str], Judged(notify_values.argv)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Secret = Annotated[dict[str, Any] | None, Judged(notify_values.reference)]
TextOrSecret = Annotated[str | dict[str, Any], Judged(notify_values.text_or_reference)]
Url = Annotated[str | dict[str, Any] | None, Judged(notify_values.url_or_reference)]


class Hook(_Table):
    """A program to run: `"shell line"`, `["argv"]`, or a table, with a `timeout` or for a Python callable."""

    model_config = ConfigDict(json_schema_extra=exactly_one(*PROGRAM_KEYS))

    run: _Text = None
    command: _Argv = None
    python: _Callable = None
    timeout: _Timeout = None

    @model_validator(mode="after")
    def _one(self) -> Hook:
        if sum(getattr(self, name) is not None for name in PROGRAM_KEYS) != 1:
            hint = 'write "a shell line" or ["program", "argument"]'
            raise refused("says exactly one of run, command and python", hint)
        return self

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        return _program(self, self.timeout)


def short_hook(value: Any) -> Any:
    """The long form of a hook; None for "none"."""
    if value == "none":
        return None
    if isinstance(value, str):
        return {"run": values.filled_text(value)}
    return {"command": value} if isinstance(value, list) else value


HookOrNone = Annotated[Hook | None, BeforeValidator(short_hook, json_schema_input_type=_Line | _Program | Hook)]


_Address = Annotated[str, Judged(notify_values.url)]


class Webhook(_Table):
    """`webhook = "https://…"`, or a table with `headers`."""

    url: Annotated[Url, Field(description="where it is posted to")]
    headers: Annotated[dict[str, TextOrSecret], BeforeValidator(notify_values.headers)] = Field(
        default_factory=dict,
        description="headers of the request; a value may say where it is kept",
        json_schema_extra=named_by(notify_values.HEADER.pattern),
    )

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        # A list, as a header may have any name: among the keys of a table `file` means a reference.
        return {"url": self.url, "headers": [[name, value] for name, value in self.headers.items()]}


def short_webhook(value: Any) -> Any:
    """The long form of a webhook."""
    return {"url": value} if isinstance(value, str) or (isinstance(value, dict) and "url" not in value) else value


CHANNEL_KEYS = (*PROGRAM_KEYS, "webhook", "mail", "apprise", "ping")
"""The keys of a rule that say how to tell; exactly one of them stands in it."""


class NotifyRule(_Table):
    """One of `notify = [{ … }]`."""

    model_config = ConfigDict(json_schema_extra=exactly_one(*CHANNEL_KEYS))

    on: Annotated[list[str] | None, Judged(notify_values.occasions)] = None
    after: Annotated[int | None, Judged(values.whole(1, 1000))] = None
    within: Annotated[float | None, Judged(values.positive_duration)] = None
    run: _Text = None
    command: _Argv = None
    python: _Callable = None
    timeout: _Timeout = None
    webhook: Annotated[Webhook | None, BeforeValidator(short_webhook, json_schema_input_type=_Address | Webhook)] = None
    mail: Annotated[list[str] | None, Judged(notify_values.addresses)] = None
    apprise: Secret = None
    ping: Url = None

    @model_validator(mode="after")
    def _judge(self) -> NotifyRule:
        channels = [name for name in CHANNEL_KEYS if getattr(self, name) is not None]
        if len(channels) != 1:
            raise refused(f"says exactly one of {', '.join(CHANNEL_KEYS)}", 'write { on = "failure", mail = "me@…" }')
        if self.on is None and self.ping is None:
            raise refused("on is missing", 'write on = "failure", or a list of words')
        if self.timeout is not None and channels[0] not in PROGRAM_KEYS:
            raise refused("timeout belongs to run, command and python", "remove it")
        on = self.on or [Occasion.SUCCESS.value]
        if (Occasion.NO_SUCCESS in on) != (self.within is not None):
            raise refused("on no_success and within belong together", 'write on = "no_success", within = "26h"')
        if self.ping is not None and not set(on) <= PING_OCCASIONS:
            raise refused("a ping tells start, success, failure and missed", "tell the rest by another channel")
        if self.ping is not None and self.after is not None:
            raise refused("a ping is sent each time", "remove after")
        if self.after is not None and not {Occasion.FAILURE, Occasion.RECOVERY} & set(on):
            raise refused("after counts failures", 'it belongs to on = "failure" or on = "recovery"')
        return self

    def to_json(self) -> dict[str, Any]:
        """As it is stored: the words of `Occasion`, and the channel with its target."""
        given = {"after": self.after, "within": self.within}
        rule = {"on": self.on or [Occasion.SUCCESS.value], **{name: v for name, v in given.items() if v is not None}}
        if self.webhook is not None:
            return {**rule, Channel.WEBHOOK.value: self.webhook.to_json()}
        if self.mail is not None:
            return {**rule, Channel.MAIL.value: {"to": self.mail}}
        if self.apprise is not None:
            return {**rule, Channel.APPRISE.value: {"url": self.apprise}}
        if self.ping is not None:
            return {**rule, Channel.PING.value: {"url": self.ping}}
        return {**rule, Channel.COMMAND.value: _program(self, self.timeout)}


PING_OCCASIONS = frozenset({Occasion.START, Occasion.SUCCESS, Occasion.FAILURE, Occasion.MISSED})
"""What an outside monitor understands."""


def short_rules(value: Any) -> Any:
    """The list of rules; a single one may stand without the list, and "none" is none."""
    if value == "none":
        return []
    return [value] if isinstance(value, dict) else value


Rules = Annotated[
    list[NotifyRule],
    BeforeValidator(short_rules, json_schema_input_type=NotifyRule | list[NotifyRule] | Literal["none"]),
]


class MailServer(_Table):
    """`[mail]` of `config.toml`: the server that mail is given to."""

    host: _Text = None
    port: Annotated[int | None, Judged(values.whole(1, 65535))] = None
    security: Annotated[str, Judged(notify_values.security)] = "starttls"
    user: _Text = None
    password: Secret = None
    sender: Annotated[str | None, Judged(notify_values.address)] = None

    @model_validator(mode="after")
    def _judge(self) -> MailServer:
        if self.host is None or self.sender is None:
            raise refused("needs host and sender", 'write host = "smtp.example.org", sender = "jobs@example.org"')
        if (self.user is None) != (self.password is None):
            raise refused("user and password belong together", 'write password = { file = "~/.mail-password" }')
        if self.user is not None and self.security == "none" and self.host not in notify_values.LOCAL_HOSTS:
            raise refused("a password is not sent in the clear", 'write security = "starttls" or "ssl"')
        return self


def _program(table: Hook | NotifyRule, timeout_s: float | None) -> dict[str, Any]:
    (kind,) = [name for name in PROGRAM_KEYS if getattr(table, name) is not None]
    return {kind: getattr(table, kind), "timeout": timeout_s or DEFAULT_TIMEOUT_S}


def stored_announcement(value: Any) -> Any:
    """A hook, or the list of rules, as a level of the cascade stores it."""
    if isinstance(value, list):
        return [rule.to_json() for rule in value]
    return value.to_json() if isinstance(value, Hook) else None


MODELS: Final[dict[object, type[BaseModel]]] = {
    "on_start": Hook, "on_complete": Hook, "on_failure": Hook, "notify": NotifyRule, "webhook": Webhook,
    "mail": MailServer,
}  # fmt: skip
"""Key → the model of the table that stands there."""
