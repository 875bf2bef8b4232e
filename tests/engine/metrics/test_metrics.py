"""Metrics: what they say, that Prometheus reads them, and that they outlive the engine."""

from __future__ import annotations

import importlib
import logging
import socket
import struct
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobistemer_tui.domain.histogram import DURATION_BOUNDS, observed
from jobistemer_tui.domain.records import JobTally
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine.metrics import server as module
from jobistemer_tui.engine.metrics.collect import EngineFacts, Reading, families
from jobistemer_tui.engine.metrics.exposition import CONTENT_TYPE, Family, exposition
from jobistemer_tui.engine.metrics.server import MetricsServer
from jobistemer_tui.engine.metrics.serving import metrics_served
from jobistemer_tui.engine.node_options import StopMode
from tests.engine.test_node import trigger
from tests.support.engine_home import EngineHome
from tests.support.factories import make_definition, make_job

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FACTS = EngineFacts("1.0", "abc", NOW, {})
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(text: str) -> Samples:
    """The samples as Prometheus' own parser reads them."""
    parser: Any = importlib.import_module("prometheus_client.parser")
    found = parser.text_string_to_metric_families(text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in found for s in family.samples}


def sample(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def reading(**values: Any) -> Reading:
    given = {"jobs": [], "tallies": [], "running": 0, "waiting": {}, "oldest_due": None, "unsent": 0, **values}
    return Reading(**given)


def test_every_metric_is_read_by_prometheus_and_has_its_name() -> None:
    definition = make_definition()
    seconds = observed(observed({}, 0.3, DURATION_BOUNDS), 1e6, DURATION_BOUNDS)
    tally = JobTally(
        definition.id, failures=2, succeeded_at=NOW, recoveries=3, counts={"completed": 5, "failed": 2},
        seconds=seconds, tasks={"dump": {"attempts": {"failed": 4}, "seconds": seconds}},
    )  # fmt: skip
    jobs = [make_job(definition, paused_at=NOW), make_job(make_definition("b"), paused_at=NOW, paused_until=NOW)]
    waiting = {"pending": 1, "queued": 2}
    got = reading(
        jobs=jobs, tallies=[tally], running=4, waiting=waiting, oldest_due=NOW - timedelta(minutes=1), unsent=6
    )
    text = exposition(families(got, FACTS, NOW))
    samples = parsed(text)
    assert sample(samples, "scheduler_jobs_running_total") == 4
    assert sample(samples, "scheduler_jobs_in_queue_total", state="queued") == 2
    assert sample(samples, "scheduler_queue_oldest_seconds") == 60
    assert sample(samples, "scheduler_jobs_paused_total") == 1, "a pause that is over is none"
    assert sample(samples, "scheduler_notifications_unsent_total") == 6
    assert sample(samples, "scheduler_job_occurrences_total", job="backup", status="completed") == 5
    assert sample(samples, "scheduler_recovery_runs_total", job="backup") == 3
    assert sample(samples, "scheduler_job_failures_in_a_row", job="backup") == 2
    assert sample(samples, "scheduler_job_last_success_time_seconds", job="backup") == NOW.timestamp()
    assert sample(samples, "scheduler_task_attempts_total", job="backup", task="dump", status="failed") == 4
    assert sample(samples, "scheduler_engine_info", version="1.0", node="abc") == 1
    for name, labels in (
        ("scheduler_job_execution_duration_seconds", {"job": "backup"}),
        ("scheduler_task_execution_duration_seconds", {"job": "backup", "task": "dump"}),
    ):
        assert sample(samples, f"{name}_bucket", **labels, le="0.1") == 0
        assert sample(samples, f"{name}_bucket", **labels, le="0.5") == 1
        assert sample(samples, f"{name}_bucket", **labels, le="86400") == 1
        assert sample(samples, f"{name}_bucket", **labels, le="+Inf") == 2
        assert sample(samples, f"{name}_count", **labels) == 2
        assert sample(samples, f"{name}_sum", **labels) == pytest.approx(1000000.3)
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert {"scheduler_store_write_seconds", "scheduler_job_start_delay_seconds"} <= names


@pytest.mark.parametrize("text", ['a"b', "a\\b", "a\nb", "\\n", "ü", '"\\\n'])
def test_a_label_may_hold_anything(text: str) -> None:
    family = Family("scheduler_x_total", "counter", "X.")
    family.add(1.5, task=text)
    assert parsed(exposition([family])) == {("scheduler_x_total", frozenset({("task", text)})): 1.5}


def test_without_a_job_there_is_no_line_of_jobs() -> None:
    text = exposition(families(reading(), FACTS, NOW))
    assert "scheduler_job_occurrences_total" not in text
    assert sample(parsed(text), "scheduler_queue_oldest_seconds") == 0


def get(url: str) -> tuple[int, str, str]:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, "", ""


@pytest.mark.parametrize("address", ["127.0.0.1:0", ":0", "localhost:0"])
def test_the_page_is_served_until_it_is_closed(address: str) -> None:
    server = MetricsServer(address, lambda: "x 1\n")
    try:
        assert server.url.startswith("http://127.0.0.1:")
        assert get(server.url) == (200, CONTENT_TYPE, "x 1\n")
        assert get(server.url + "?a=b")[0] == 200
        assert get(server.url.replace("/metrics", "/"))[0] == 404
    finally:
        server.close()
    with pytest.raises(urllib.error.URLError):
        get(server.url)


def test_a_page_that_cannot_be_made_is_an_error_of_that_request(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> str:
        raise RuntimeError("no store")

    server = MetricsServer("127.0.0.1:0", broken)
    try:
        assert get(server.url)[0] == 500
        assert get(server.url)[0] == 500
    finally:
        server.close()
    assert "the metrics cannot be read" in caplog.text


def test_an_address_that_is_taken_is_told_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    server = MetricsServer("127.0.0.1:0", lambda: "")
    try:
        taken = server.url.split("/")[2]
        with metrics_served(taken, lambda: ""):
            assert f"no metrics are served: {taken}" in caplog.text
    finally:
        server.close()


def test_an_address_that_others_reach_is_taken_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        MetricsServer("0.0.0.0:0", lambda: "").close()
    assert "can be read by whoever reaches" in caplog.text


def test_without_an_address_nothing_listens() -> None:
    with metrics_served(None, lambda: ""):
        pass


async def test_counters_go_on_after_a_restart(home: EngineHome) -> None:
    home.job("backup", "exit 1", schedule=None)
    for count in (1, 2):
        node = await home.start(metrics="127.0.0.1:0")
        trigger(home, "backup")
        await home.until(lambda count=count: len(home.rows("backup", O.FAILED)) == count, step=5.0)  # type: ignore[misc]
        samples = parsed(node._metrics())
        assert sample(samples, "scheduler_job_occurrences_total", job="backup", status="failed") == count
        assert sample(samples, "scheduler_task_attempts_total", job="backup", task="dump", status="failed") == count
        assert sample(samples, "scheduler_job_failures_in_a_row", job="backup") == count
        assert sample(samples, "scheduler_store_write_seconds_count") > 0
        await home.stop(node, StopMode.HANDOVER)


def drip(url: str, over: threading.Event) -> threading.Thread:
    """A reader that sends a byte now and then, until it is cut off."""
    host, port = url.split("/")[2].split(":")
    slow = socket.create_connection((host, int(port)))

    def send() -> None:
        with suppress(OSError), slow:
            while not over.wait(0.02):
                slow.sendall(b"x")

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return thread


def test_a_reader_that_never_comes_to_its_end_holds_up_neither_others_nor_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 3.0)
    over = threading.Event()
    server = MetricsServer("127.0.0.1:0", lambda: "x 1\n")
    try:
        first = drip(server.url, over)
        assert get(server.url)[0] == 200
        first.join(60)
        assert not first.is_alive()
        monkeypatch.setattr(module, "PATIENCE_S", 600.0)
        second = drip(server.url, over)
        closing = threading.Thread(target=server.close, daemon=True)
        closing.start()
        closing.join(60)
        assert not closing.is_alive()
        second.join(60)
        assert not second.is_alive()
    finally:
        over.set()


def test_a_reader_that_breaks_off_writes_nothing_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    server = MetricsServer("127.0.0.1:0", lambda: "x 1\n")
    host, port = server.url.split("/")[2].split(":")
    try:
        with socket.create_connection((host, int(port))) as rude:
            rude.sendall(b"GET /metrics")
            rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert get(server.url)[0] == 200
    finally:
        server.close()
    assert capfd.readouterr().err == ""
