"""What is kept of a task's output, by real tasks."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

import pytest

from jobistemer_tui.engine.supervisor.log_format import NOTE, STDERR, STDOUT
from jobistemer_tui.engine.supervisor_client import StartOrder
from tests.engine.supervisor.harness import Place
from tests.support.wait_until import wait_until_async


def by_stream(place: Place, order: StartOrder) -> dict[int, bytes]:
    """The output taken apart by its index, which must be without gaps."""
    output = place.output(order)
    position = 0
    parts: dict[int, bytes] = {}
    for record in place.records(order):
        assert record.offset == position
        position += record.length
        parts[record.stream] = parts.get(record.stream, b"") + output[record.offset : position]
    assert position == len(output)
    return parts


def until(gate: Path) -> str:
    """Shell text that waits for a file."""
    return f"while ! [ -e {gate} ]; do sleep 0.02; done"


def has_written(place: Place, order: StartOrder, output: bytes) -> bool:
    """Whether this is what has been read of a task so far."""
    return (place.attempt(order) / "output.log").exists() and place.output(order) == output


async def test_both_streams_are_kept_with_their_names_and_times(place: Place) -> None:
    client = await place.connect()
    first, second = place.file("first"), place.file("second")
    order = place.order(f"echo out; {until(first)}; echo err >&2; {until(second)}; printf 'out\\0\\377'")
    await place.start(client, order)
    for gate, shown in ((first, b"out\n"), (second, b"out\nerr\n")):
        await wait_until_async(partial(has_written, place, order, shown), what="a line")
        gate.touch()
    result = await place.result(order)
    assert place.output(order) == b"out\nerr\nout\0\xff"
    assert by_stream(place, order) == {STDOUT: b"out\nout\0\xff", STDERR: b"err\n"}
    times = [record.at_us for record in place.records(order)]
    assert times == sorted(times)
    assert result.started_at is not None
    begin, end = result.started_at.timestamp() * 1e6, result.finished_at.timestamp() * 1e6
    assert begin - 1e6 < times[0] < times[-1] < end + 1e6
    assert (result.output_bytes, result.dropped_bytes) == (13, 0)


async def test_the_log_can_be_followed_while_the_task_runs(place: Place) -> None:
    client = await place.connect()
    os.mkfifo(place.file("go"))
    order = place.order(f"echo one; read line < {place.file('go')}; echo two")
    await place.start(client, order)
    log = place.attempt(order) / "output.log"
    await wait_until_async(lambda: log.exists() and log.read_bytes() == b"one\n", what="the first line")
    place.file("go").write_text("\n")
    await place.result(order)
    assert log.read_bytes() == b"one\ntwo\n"


async def test_a_silent_task_leaves_no_log(place: Place) -> None:
    client = await place.connect()
    order = place.order("true")
    result = await place.run(client, order)
    assert (result.output_bytes, result.dropped_bytes) == (0, 0)
    assert sorted(path.name for path in place.attempt(order).iterdir()) == ["result.json"]


@pytest.mark.parametrize(
    ("head", "tail", "kept"),
    [
        (1000, 500, b"%s\n--- 48500 bytes cut here ---\n%s"),
        (1000, 49_000, b"%s%s"),
        (0, 500, b"%s\n--- 49500 bytes cut here ---\n%s"),
        (1000, 0, b"%s\n--- 49000 bytes cut here ---\n%s"),
    ],
)
async def test_head_and_tail_are_kept_and_the_cut_is_visible(place: Place, head: int, tail: int, kept: bytes) -> None:
    client = await place.connect()
    order = place.order("seq -w 0 9999 | tr '\\n' ','", head_bytes=head, tail_bytes=tail)
    result = await place.run(client, order)
    written = b"".join(b"%04d," % number for number in range(10_000))
    expected = kept % (written[:head], written[len(written) - tail :])
    assert place.output(order) == expected
    parts = by_stream(place, order)
    assert parts.get(STDOUT, b"") == written[:head] + written[len(written) - tail :]
    assert parts.get(NOTE, b"") == expected[head : len(expected) - tail]
    dropped = 50_000 - head - tail
    assert (result.output_bytes, result.dropped_bytes) == (50_000, dropped)
    assert not [path for path in place.attempt(order).iterdir() if path.name.startswith("tail")]


async def test_a_large_output_is_read_to_its_end(place: Place) -> None:
    client = await place.connect()
    count = 30_000_000
    script = f"head -c {count} /dev/zero; head -c {count} /dev/zero >&2; echo end"
    order = place.order(script, head_bytes=1000, tail_bytes=1000)
    result = await place.run(client, order)
    assert result.output_bytes == 2 * count + 4
    assert result.output_bytes - result.dropped_bytes == 2000
    assert place.output(order).endswith(b"\0end\n")


async def test_many_small_writes_share_records(place: Place) -> None:
    client = await place.connect()
    program = "import os\nfor _ in range(20000): os.write(1, b'x')"
    order = place.order("", argv=(sys.executable, "-c", program))
    result = await place.run(client, order)
    assert place.output(order) == b"x" * 20_000
    assert result.started_at is not None
    elapsed = (result.finished_at - result.started_at).total_seconds()
    assert len(place.records(order)) <= elapsed / 0.05 + 2
