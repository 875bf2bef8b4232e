"""Addresses to listen at, as a person writes them."""

from __future__ import annotations

import ipaddress


def parse_listen_address(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`, `[IPv6]:PORT`, or `:PORT` for 127.0.0.1; port 0 takes a free one.

    The host is an IP address or `localhost`. Raises ValueError with a text that says how to write it.
    """
    host, colon, port = text.strip().rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    wrong = ValueError(f"{text!r} is not an address to listen at; write 127.0.0.1:9178")
    if not colon or not port.isascii() or not port.isdecimal() or int(port) > 65535 or (":" in host and bare == host):
        raise wrong
    if bare in ("", "localhost"):
        return "127.0.0.1", int(port)
    try:
        return str(ipaddress.ip_address(bare)), int(port)
    except ValueError:
        raise wrong from None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address that `parse_listen_address` gave."""
    return ipaddress.ip_address(host).is_loopback
