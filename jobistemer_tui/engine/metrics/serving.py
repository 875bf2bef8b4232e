"""Metrics of a running engine, as long as it runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)


@contextmanager
def metrics_served(address: str | None, text: Callable[[], str]) -> Iterator[str | None]:
    """Serve `text` at `address` (None: nowhere) during the block; gives the URL, None where nothing is served.

    An address that cannot be had is an error in the log, and no reason to run no jobs.
    """
    if address is None:
        yield None
        return
    from jobistemer_tui.engine.metrics.server import MetricsServer  # costs http.server: only where it is asked for

    try:
        server = MetricsServer(address, text)
    except (OSError, ValueError) as error:
        log.error("no metrics are served: %s: %s", address, error)
        yield None
        return
    try:
        yield server.url
    finally:
        server.close()
