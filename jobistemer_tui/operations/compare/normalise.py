"""Pure: a line of output without what differs in every run: times, ids, process numbers, addresses, temporary paths.

What is replaced is named in angle brackets, so that a reader sees that something stood there:

| In the line                                                        | Becomes   |
|--------------------------------------------------------------------|-----------|
| dates, times of day, instants (ISO 8601, syslog, web servers, Unix) | `<time>`  |
| lengths of time: `1.25s`, `340 ms`, `4m12s`, `2 minutes`            | `<took>`  |
| UUIDs, ULIDs, hexadecimal of 7 digits and more                      | `<id>`    |
| `0x7ffd…`                                                           | `<addr>`  |
| the number in `pid 48112`, `process 9`, `sshd[48112]:`              | `<pid>`   |
| the first name under a folder for temporary files                   | `<tmp>`   |
"""

from __future__ import annotations

import re
from typing import Final

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ ])?"
_CLOCK = r"\d{1,2}:[0-5]\d:[0-5]\d(?:[.,]\d{1,9})?"
_OFFSET = r"(?:\s?(?:Z|UTC|GMT|CES?T|[+-]\d\d:?\d\d))?"
_UNIT = r"(?:ns|us|µs|μs|ms|secs?|seconds?|mins?|minutes?|hrs?|hours?|days?|milliseconds?)"
_PATTERNS: Final = {
    "time": "|".join(
        (
            rf"\b\d{{4}}-\d\d-\d\d(?:[T ]{_CLOCK}{_OFFSET}|T\d\d:\d\d{_OFFSET})?(?!\d)",
            rf"\b\d{{4}}/\d\d/\d\d(?:[ ]{_CLOCK})?(?!\d)",
            rf"\b\d\d/{_MONTH}/\d{{4}}:{_CLOCK}{_OFFSET}",
            rf"\b{_DAY}{_MONTH}[ ]{{1,2}}\d{{1,2}}[ ]{_CLOCK}(?:[ ][A-Z]{{3,4}})?(?:[ ]\d{{4}})?",
            rf"\b{_DAY}\d{{1,2}}[ ]{_MONTH}[ ]\d{{4}}(?:[ ]{_CLOCK}{_OFFSET})?",
            rf"\b{_CLOCK}{_OFFSET}(?![\d:])",
            r"\b1[5-9]\d{8}(?:\.\d{1,9}|\d{3}|\d{6}|\d{9})?(?!\d)",  # Unix time of the years 2017 to 2033
        )
    ),
    "id": "|".join(
        (
            r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b",
            r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b",
            r"\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,128}\b",
            r"\b(?=[0-9A-F]*[0-9])(?=[0-9A-F]*[A-F])[0-9A-F]{7,128}\b",
        )
    ),
    "addr": r"\b0x[0-9a-fA-F]+\b",
    "pid": r"(?<=\bpid[ =:])\d+|(?<=\bPID[ =:])\d+|(?<=\bpid=)\d+|(?<=\bpid: )\d+|(?<=\bprocess )\d+"
    r"|(?<=[A-Za-z]\[)\d{2,}(?=\]:)",
    "tmp": r"(?<=/tmp/)[^/\s'\":;,)]+|(?<=/var/folders/)[^/\s'\":;,)]+/[^/\s'\":;,)]+|(?<=/dev/shm/)[^/\s'\":;,)]+",
    "took": rf"(?<![\w.])(?:\d+(?:\.\d+)?[ ]?{_UNIT}\b|(?:\d+(?:\.\d+)?(?:ms|[dhms]))+(?![\w]))",
}
_VOLATILE: Final = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items()))


def normalised(line: str) -> str:
    """The line with everything of the table replaced. Doing it twice changes nothing."""
    return _VOLATILE.sub(lambda found: f"<{found.lastgroup}>", line)
