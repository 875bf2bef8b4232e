"""One command a module; each has its click command as `command`."""
