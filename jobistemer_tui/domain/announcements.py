"""Who is to be told of what becomes of a job: hooks and notification rules, as the cascade gives them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from functools import cached_property
from typing import Any

from jobistemer_tui.domain.cascade import Effective
from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.settings.quick_dataclass import dataclass


class Occasion(StrEnum):
    """What a notification rule may ask for."""

    START = "start"
    SUCCESS = "success"
    FAILURE = "failure"
    RECOVERY = "recovery"
    MISSED = "missed"
    SKIPPED = "skipped"
    SLOW = "slow"
    NO_SUCCESS = "no_success"


class Channel(StrEnum):
    """How somebody is told. `hook` and `command` run a program, `ping` requests the URL of an outside monitor."""

    HOOK = "hook"
    COMMAND = "command"
    WEBHOOK = "webhook"
    MAIL = "mail"
    APPRISE = "apprise"
    PING = "ping"


class HookName(StrEnum):
    """The hooks: at each start of a run, at each end, and at each end that is a failure."""

    ON_START = "on_start"
    ON_COMPLETE = "on_complete"
    ON_FAILURE = "on_failure"


NOTIFY = "notify"
"""The setting that holds the rules."""

PROGRAM_KEYS = ("run", "command", "python")
"""What may stand in a hook, or in a rule that runs a program; exactly one of them does."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that mail is given to. `security` is starttls, ssl or none; `password` says where the secret is."""

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password: SecretSource | None = None


def receiver_key(channel: str, target: Mapping[str, Any]) -> str:
    """A receiver as text: the same for the same channel and target."""
    return json.dumps([str(channel), target], sort_keys=True, separators=(",", ":"))


@dataclasses.dataclass(frozen=True)
class Rule:
    """One rule of `notify`.

    `after`: consecutive failures before it tells (None: not written). `within_s`: of `no_success`, seconds.
    `target` is what the file says of the channel; secrets are references in it.
    """

    on: tuple[Occasion, ...]
    channel: Channel
    target: Mapping[str, Any]
    after: int | None = None
    within_s: float | None = None

    @cached_property
    def key(self) -> str:
        """Whom it tells, as text: two rules with the same key tell the same receiver."""
        return receiver_key(self.channel, self.target)


@dataclass(frozen=True, slots=True)
class Announcements:
    """The hooks of a job (name → what to run) and its rules in the order written."""

    hooks: Mapping[HookName, Mapping[str, Any]] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    def has(self, channel: str, target: Mapping[str, Any]) -> bool:
        """Whether a hook or a rule says to tell this receiver."""
        hooks = (receiver_key(Channel.HOOK, hook) for hook in self.hooks.values())
        return receiver_key(channel, target) in {*hooks, *(rule.key for rule in self.rules)}

    def asking(self, *occasions: Occasion) -> tuple[Rule, ...]:
        """The rules that ask for one of these."""
        return tuple(rule for rule in self.rules if any(occasion in rule.on for occasion in occasions))

    def failures_before_recovery(self, rule: Rule) -> int:
        """After how many failures a success is news to this rule: its own `after`, else the least of all rules."""
        if rule.after is not None or Occasion.FAILURE in rule.on:
            return rule.after or 1
        return min((other.after or 1 for other in self.asking(Occasion.FAILURE)), default=1)


def announcements(values: Mapping[str, Effective]) -> Announcements:
    """The hooks and rules among effective settings."""
    hooks = {name: values[name].value for name in HookName}
    rules = values[NOTIFY].value
    return Announcements(
        {name: hook for name, hook in hooks.items() if isinstance(hook, dict)},
        tuple(_rule(rule) for rule in rules) if isinstance(rules, list) else (),
    )


def _rule(value: Mapping[str, Any]) -> Rule:
    """A rule from its JSON: `on`, `after`, `within`, and the channel with its target."""
    on = tuple(Occasion(word) for word in value["on"])
    channel, target = next(
        (channel, value[channel.value]) for channel in Channel if isinstance(value.get(channel.value), dict)
    )
    return Rule(on, channel, target, value.get("after"), value.get("within"))
