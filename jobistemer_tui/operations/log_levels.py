"""How grave a line of a log is: by a JSON field, a syslog priority, or a LEVEL word; for one line and for whole logs.

A line that says nothing has no level. A line that begins with a space belongs to the line before it (a traceback,
a wrapped message), and so has its level.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from enum import IntEnum
from functools import partial

from jobistemer_tui.operations.log_search import LogLines, line_chunks


class Level(IntEnum):
    """Rising. NONE: the line does not say."""

    NONE = 0
    DEBUG = 1
    INFO = 2
    WARNING = 3
    ERROR = 4


_DEBUG, _INFO, _WARNING, _ERROR = (
    "trace debug verbose fine finer finest dbg",
    "info information notice inf",
    "warn warning wrn",
    "error err fatal crit critical panic alert emerg emergency severe fail exception traceback",
)
_NAMES = {
    name.encode(): level
    for level, names in zip(list(Level)[1:], (_DEBUG, _INFO, _WARNING, _ERROR), strict=True)
    for name in names.split()
}
_LOOKED_AT = 400  # bytes at the beginning of a line, where a level is named
_JSON = re.compile(
    rb'"(?:level|lvl|severity|loglevel|log\.level|log_level|levelname|severity_text)"\s*:\s*(?:"(\w+)"|(\d{1,2}))', re.I
)
_PRIORITY = re.compile(rb"<(\d{1,3})>")  # RFC 5424 6.2.1: severity is the rest of a division by 8
_KLOG = re.compile(rb"([DIWEF])\d{4} \d\d:\d\d:\d\d")
_SHOUTED = re.compile(rb"[A-Z]{3,}(?!\w)")
_MARKED = re.compile(rb"[\[(<]([A-Za-z]{3,11})[\])>]")
_KEYED = re.compile(rb"(?:level|lvl|severity)[=:]\s*[\"']?([A-Za-z]+)", re.I)
_BEFORE_COLON = re.compile(rb"([A-Za-z]{3,11}):")
_LOOSE_ERROR = re.compile(
    rb"\b(?:(?i:error|fatal|critical|panic|exception|traceback|err|crit|alert|emerg)|[A-Z]\w*(?:Error|Exception))\b"
)
_COLOUR = re.compile(rb"\x1b\[[0-9;:]*m")
_LOOSE_WARNING = re.compile(rb"\bwarn(?:ing)?\b", re.I)
_KLOG_LEVELS = {b"D": Level.DEBUG, b"I": Level.INFO, b"W": Level.WARNING, b"E": Level.ERROR, b"F": Level.ERROR}

# What stands in every line of such a level, in small letters: looked for first, as that is a hundred times faster.
_HINTS_ERROR = (b"err", b"fatal", b"crit", b"panic", b"exception", b"traceback", b"alert", b"emerg")
_HINTS_HIGH = (*_HINTS_ERROR, b"warn", b"wrn", b"severe", b"fail", b'"level"', b'"severity"', b'"lvl"',
               b"\n<", b"\ne", b"\nw", b"\nf")  # fmt: skip
_HINTS_LOW = (b"debug", b"trace", b"verbose", b"fine", b"dbg", b'"level"', b'"severity"', b'"lvl"', b"\n<", b"\nd")


def level_of(line: bytes) -> Level:
    """The level that a line names: the first explicit one, else an error or a warning word anywhere in it."""
    if b"\x1b[" in line:
        line = _COLOUR.sub(b"", line)  # the m of a colour is no letter of the word behind it
    head = line[:_LOOKED_AT]
    if head[:1] == b"{" and (match := _JSON.search(line[:65_536])):
        return _json_level(match)
    if match := _PRIORITY.match(head):
        return _severity_level(int(match[1]) % 8)
    if match := _KLOG.match(head):
        return _KLOG_LEVELS[match[1]]
    if (named := _named_level(head)) is not None:
        return named
    lowered = line.lower()
    if any(hint in lowered for hint in _HINTS_ERROR) and _LOOSE_ERROR.search(line):
        return Level.ERROR
    return Level.WARNING if b"warn" in lowered and _LOOSE_WARNING.search(line) else Level.NONE


def _named_level(head: bytes) -> Level | None:
    """The level of the first word that is written as one: `WARN`, `[warn]`, `level=warn`, `warn:` at the beginning."""
    found: list[tuple[int, Level]] = []
    if (match := _BEFORE_COLON.match(head)) and (level := _NAMES.get(match[1].lower())):
        return level
    for pattern in (_SHOUTED, _MARKED, _KEYED):
        for match in pattern.finditer(head):
            level = _NAMES.get(match[match.lastindex or 0].lower())
            before = head[match.start() - 1 : match.start()]
            if level and not (pattern is _SHOUTED and (before.isalnum() or before == b"_")):
                found.append((match.start(), level))
                break
    return min(found)[1] if found else None


def _json_level(match: re.Match[bytes]) -> Level:
    if match[1] is not None:
        return _NAMES.get(match[1].lower(), Level.NONE)
    number = int(match[2])
    if number < 8:  # syslog's numbers, as GELF has them
        return _severity_level(number)
    return Level(min(max(number // 10 - 1, 1), 4))  # 10 trace, 20 debug, 30 info, 40 warning, 50 error, 60 fatal


def _severity_level(severity: int) -> Level:
    return (Level.ERROR, Level.ERROR, Level.ERROR, Level.ERROR, Level.WARNING, Level.INFO, Level.INFO,
            Level.DEBUG)[severity]  # fmt: skip


Cancelled = Callable[[], bool]
_LOOK_BACK = 64, 1 << 11, 1 << 16
"""So many lines before the first one are looked at, more where a long traceback or the like reaches back as far."""


def _never() -> bool:
    return False


def level_lines(log: LogLines, least: Level, start: int = 0, *, cancelled: Cancelled = _never) -> array[int]:
    """The numbers of the lines from `start` on that are shown at this least level, rising.

    At INFO and below lines without a level are shown, above they are not. Gives what it has when cancelled.
    """
    result = array("Q")
    low = least <= Level.INFO
    hints, wanted = (_HINTS_LOW, partial(_is_below, least)) if low else (_HINTS_HIGH, partial(_is_from, least))
    for number, count, found in _levelled(log, start, log.line_count, hints, wanted):
        if low:
            hidden = set(found)
            result.extend(line for line in range(number, number + count) if line not in hidden)
        else:
            result.extend(found)
        if cancelled():
            break
    return result


def _is_below(least: Level, level: Level) -> bool:
    return Level.NONE < level < least


def _is_from(least: Level, level: Level) -> bool:
    return level >= least


def _levelled(
    log: LogLines, start: int, stop: int, hints: tuple[bytes, ...], wanted: Callable[[Level], bool]
) -> Iterator[tuple[int, int, dict[int, Level]]]:
    """Chunk by chunk: the first line, how many, and the levels of those that are wanted, in their order."""
    carried = Level.NONE  # of the last line before the chunk, if that is wanted
    for number, count, data in line_chunks(log, _before(log, start), stop):
        lines = data.split(b"\n")[:count]
        levels = {index: level_of(lines[index]) for index in _hinted(data, hints)}
        found = dict.fromkeys(_followers(lines, 0), carried) if carried else {}
        for index, level in levels.items():
            if wanted(level):
                found[index] = level
                found |= dict.fromkeys(_followers(lines, index + 1), level)
        carried = found.get(len(lines) - 1, Level.NONE)
        first = max(number, start)
        shown = {number + index: level for index, level in found.items() if number + index >= first}
        yield first, number + count - first, shown


def _before(log: LogLines, start: int) -> int:
    """Some lines before `start`, the first of which belongs to no line before it, if there are any such near by."""
    begins = [max(start - count, 0) for count in _LOOK_BACK]
    return next((begin for begin in begins if not _is_indented(log.read(log.line_start(begin), 1))), begins[-1])


def _is_indented(line: bytes) -> bool:
    return line[:1] in (b" ", b"\t")


def _followers(lines: list[bytes], index: int) -> Iterator[int]:
    """The lines from `index` on that belong to the one before: they begin with a space and name no level."""
    while index < len(lines) and _is_indented(lines[index]) and not level_of(lines[index]):
        yield index
        index += 1


def _hinted(data: bytes, hints: tuple[bytes, ...]) -> list[int]:
    """The indices of the lines of a chunk that hold any of the hints, rising."""
    lowered = b"\n" + data.lower()
    begins: set[int] = set()
    for hint in hints:
        position = lowered.find(hint)
        while position >= 0:
            begins.add(lowered.rfind(b"\n", 0, position + 1))
            position = lowered.find(b"\n", position + 1)
            position = -1 if position < 0 else lowered.find(hint, position)
    result, at, line = [], 0, 0
    for begin in sorted(begins):
        line += lowered.count(b"\n", at, begin)
        at = begin
        result.append(line)
    return result


class Problems:
    """The errors and warnings of a log, found piece by piece: the lines before number `scanned` have been looked at.

    It belongs to one thread.
    """

    def __init__(self, start: int = 0) -> None:
        """Nothing is known of lines before `start`."""
        self.lines = array("Q")
        self.levels = bytearray()
        self.scanned = start

    def extend(self, piece: Problems) -> None:
        """Add what was found from `scanned` on."""
        self.lines.extend(piece.lines)
        self.levels.extend(piece.levels)
        self.scanned = piece.scanned

    def between(self, line: int, stop: int) -> Level:
        """The gravest level of the lines `line` to `stop - 1`."""
        begin, end = bisect_left(self.lines, line), bisect_left(self.lines, stop)
        return Level(max(self.levels[begin:end], default=Level.NONE))

    def forget(self, start: int) -> None:
        """Lines from `start` on may have changed."""
        keep = bisect_left(self.lines, start)
        del self.lines[keep:], self.levels[keep:]
        self.scanned = min(self.scanned, start)

    def scan(self, log: LogLines, stop: int, *, cancelled: Cancelled = _never) -> None:
        """Look at the lines up to `stop - 1`, or as far as it comes before it is cancelled."""
        stop = min(stop, log.line_count)
        wanted = partial(_is_from, Level.WARNING)
        for first, count, found in _levelled(log, self.scanned, stop, _HINTS_HIGH, wanted):
            own = [line for line in found if line < stop]
            self.lines.extend(own)
            self.levels.extend(found[line] for line in own)
            self.scanned = min(first + count, stop)
            if cancelled():
                return
        self.scanned = stop  # also where the file has become shorter, which its reader will see


def next_problem(log: LogLines, start: int, direction: int) -> int | None:
    """The nearest line with an error or a warning, beginning with `start`, downwards (1) or upwards (-1)."""
    span = 64
    begin, stop = (start, start) if direction > 0 else (start + 1, start + 1)
    while (stop < log.line_count) if direction > 0 else (begin > 0):
        begin, stop = (stop, stop + span) if direction > 0 else (max(begin - span, 0), begin)
        found = Problems(begin)
        found.scan(log, stop)
        if found.lines:
            return found.lines[0 if direction > 0 else -1]
        span = min(span * 8, 1 << 16)
    return None
