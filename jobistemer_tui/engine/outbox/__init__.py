"""Sending what the outbox holds: programs, webhooks, mail, Apprise and pings."""
