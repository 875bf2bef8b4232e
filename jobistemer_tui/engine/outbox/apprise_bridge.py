"""What Apprise covers: an extra, imported only when something is sent by it."""

from __future__ import annotations

import importlib
from typing import Any

from jobistemer_tui.domain.records import Notification
from jobistemer_tui.engine.outbox.vault import Vault
from jobistemer_tui.engine.transactions.outbox import Answer


def send_apprise(row: Notification, vault: Vault) -> Answer:
    """Notify by the Apprise URL of the rule. Apprise raises nothing: whatever is not true is a failure."""
    try:
        apprise: Any = importlib.import_module("apprise")
    except ImportError:
        return Answer("Apprise is not installed; install jobistemer-tui[notify]")
    receivers = apprise.Apprise()
    if not receivers.add(vault.text(row.target["url"])):
        return Answer("Apprise does not understand the URL")
    if not receivers.notify(title=row.payload["title"], body=row.payload["text"]):
        return Answer("Apprise could not deliver it")
    return Answer()
