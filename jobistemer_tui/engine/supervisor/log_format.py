"""The log of one attempt on disk: what readers need to know.

In the attempt's folder, as soon as the task has written anything:

`output.log`   what the task wrote, stdout and stderr in the order they were read, byte for byte. Beyond
               `head_bytes` it stops growing until the attempt ends; then the kept tail follows after the line
               `--- N bytes cut here ---` (the line is there only if something was cut).
`output.idx`   one 24-byte record per chunk of `output.log`, little-endian, in file order, without gaps:

               offset  u64   where the chunk begins in `output.log`
               at_us   u64   when it was read, microseconds since 1970 UTC
               length  u32   bytes
               stream  u8    1 stdout, 2 stderr, 0 a line of the supervisor itself (the cut)
               padding 3     zero

               A chunk need not end at a line's end. Neighbouring chunks of one stream that were read within
               50 ms share a record, so the newest record may still grow: a follower reads it again.
`tail.0`, `tail.1` with `tail.0.idx`, `tail.1.idx`
               only while the attempt runs and has passed `head_bytes`: two segments in turn, each up to
               `tail_bytes`. Their records carry the offset in the task's whole output instead. The
               n-th record's bytes lie where the lengths of those before it add up to; bytes behind the last
               record are left from an earlier use.

A record is written after its bytes, so every indexed byte can be read; bytes behind the last record are being
written and should be waited for.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

OUTPUT = "output.log"
INDEX = "output.idx"
TAILS = ("tail.0", "tail.1")

NOTE = 0
STDOUT = 1
STDERR = 2

_RECORD = struct.Struct("<QQIB3x")
RECORD_BYTES = _RECORD.size
SHARE_US = 50_000
"""So long after its first byte (microseconds) a record takes in more."""
MAX_LENGTH = 0xFFFF_FFFF


class Record(NamedTuple):
    """One chunk: byte offset and length, the stream it came from, when it was read (microseconds, UTC)."""

    offset: int
    length: int
    stream: int
    at_us: int


def index_name(data_name: str) -> str:
    """The name of the index that belongs to a data file."""
    return INDEX if data_name == OUTPUT else data_name + ".idx"


def pack(record: Record) -> bytes:
    """The 24 bytes of a record."""
    return _RECORD.pack(record.offset, record.at_us, record.length, record.stream)


def unpack(data: bytes) -> list[Record]:
    """All whole records in `data`; a torn one at the end is left out."""
    whole = len(data) - len(data) % RECORD_BYTES
    return [
        Record(offset, length, stream, at_us)
        for offset, at_us, length, stream in _RECORD.iter_unpack(memoryview(data)[:whole])
    ]


def cut_line(cut_bytes: int) -> bytes:
    """The visible line between head and tail."""
    return b"\n--- %d bytes cut here ---\n" % cut_bytes
