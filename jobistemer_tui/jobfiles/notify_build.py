"""From validated hooks, rules and the mail server to what is stored: files of secrets become absolute."""

from __future__ import annotations

import os
from typing import Any

from jobistemer_tui.domain.announcements import MailServer
from jobistemer_tui.domain.policies import SettingValue
from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.jobfiles import notify_schema
from jobistemer_tui.jobfiles.schema import ANNOUNCEMENTS

_PORTS = {"starttls": 587, "ssl": 465, "none": 25}


def with_absolute_files(settings: dict[str, SettingValue], folder: str) -> dict[str, SettingValue]:
    """The settings of one level, with the files that its rules refer to found from `folder`."""
    return {name: _absolute(value, folder) if name in ANNOUNCEMENTS else value for name, value in settings.items()}


def mail_server(table: notify_schema.MailServer, folder: str) -> MailServer:
    """The mail server; without `port` it is the usual one of its `security`."""
    password = None if table.password is None else SecretSource.from_json(_absolute(table.password, folder))
    return MailServer(
        host=str(table.host), port=table.port or _PORTS[table.security], security=table.security,
        sender=str(table.sender), user=table.user, password=password,
    )  # fmt: skip


def _absolute(value: Any, folder: str) -> Any:
    """The same JSON, with the path of each reference absolute: `~` is the home, others are relative to `folder`."""
    if isinstance(value, list):
        return [_absolute(item, folder) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"file"}:
        return {"file": os.path.normpath(os.path.join(folder, os.path.expanduser(value["file"])))}
    return {name: _absolute(item, folder) for name, item in value.items()}
