"""The transactions are tried over every backend."""

from __future__ import annotations

from tests.support.store_backends import every_backend

backend = every_backend
