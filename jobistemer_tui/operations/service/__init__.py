"""Letting the scheduler start by itself: units of systemd's user manager, or a line of the crontab."""
