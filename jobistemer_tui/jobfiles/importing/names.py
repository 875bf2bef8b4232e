"""A readable name for a job, from the command that it runs."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_WORD = re.compile(r"[a-z][a-z0-9-]{1,20}")
_SUFFIX = re.compile(r"\.(?:sh|bash|py|pl|rb|php|js)$")
_OPERATORS = frozenset("&|;()<>")
_KEYWORDS = frozenset({"if", "then", "else", "while", "until", "do", "{", "!"})
_PLUMBING = frozenset({
    "[", "[[", "test", "cd", "sleep", "true", "false", ":", ".", "source", "export", "set", "umask", "ulimit", "fi",
    "done", "for", "exit", "echo", "printf", "date", "mkdir", "logger", "}", "eval", "wait", "trap", "command",
})  # fmt: skip
"""Commands that only prepare what a line is about."""
_WRAPPERS = frozenset({
    "nice", "ionice", "chrt", "nohup", "setsid", "env", "exec", "time", "sudo", "chronic", "timeout", "flock",
    "lckdo", "cronic", "systemd-cat", "stdbuf", "runuser", "su", "xvfb-run", "choom", "taskset", "jobistemer",
})  # fmt: skip
"""Programs that run another one; their own options and arguments are passed over."""
_INTERPRETERS = frozenset({
    "sh", "bash", "dash", "zsh", "ksh", "python", "python3", "python2", "perl", "ruby", "php", "node", "java",
    "wget", "curl",
})  # fmt: skip
_SCRIPTED = frozenset({"sh", "bash", "dash", "zsh", "ksh", "python", "perl", "ruby", "php", "node"})
_CODE = re.compile(r"-[a-z]*c")
_LONGEST = 40


def job_name(command: str) -> str:
    """A name for what a shell line does, such as `certbot-renew`; `job` where nothing can be made of it."""
    parts = [words for words in _commands(command) if words]
    names = [_name_of(words) for words in parts]
    return next((name for name in names if name), None) or slug(" ".join(parts[0]) if parts else "") or "job"


class Names:
    """Gives each job a name of its own: the second `backup` is `backup-2`."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._number: defaultdict[str, int] = defaultdict(int)

    def take(self, wanted: str) -> str:
        """The name, or with a number behind it where it is taken."""
        name = wanted
        while name in self._taken:
            self._number[wanted] += 1
            name = f"{wanted}-{self._number[wanted] + 1}"
        self._taken.add(name)
        return name


def program_name(words: Sequence[str]) -> str:
    """A name after the program, or after the script that directly follows its interpreter.

    It holds none of the arguments, as those may be passwords.
    """
    program, *rest = (PurePosixPath(word).name for word in words[:2])
    script = rest[0] if rest and program.rstrip("0123456789.") in _SCRIPTED and not rest[0].startswith("-") else program
    return slug(_SUFFIX.sub("", script)) or "job"


def _commands(line: str) -> Iterator[list[str]]:
    """The simple commands of a shell line as words; a line that no shell would read gives its blank-separated words."""
    lexer = shlex.shlex(line.replace("\n", ";"), posix=True, punctuation_chars=True)
    lexer.commenters = ""
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        words = line.split()
    command: list[str] = []
    redirected = False
    for word in words:
        if word and set(word) <= _OPERATORS:
            redirected = bool(set(word) & set("<>"))
            if not redirected:
                yield command
                command = []
        elif redirected:
            redirected = False
        else:
            command.append(word)
    yield command


def _name_of(words: list[str]) -> str:
    """From one simple command; empty for what only prepares."""
    words = _without_wrappers(words)
    if not words:
        return ""
    program = PurePosixPath(words[0]).name
    rest = words[1:]
    if program in _PLUMBING:
        return ""
    if program.rstrip("0123456789.") in _INTERPRETERS or program in _INTERPRETERS:
        return _of_interpreter(program, rest)
    if program == "run-parts":
        target = next((word for word in rest if not word.startswith("-")), "")
        return slug(f"run-parts {PurePosixPath(target).name}")
    following = [word for word in rest if not word.startswith("-")][:1]
    return slug(" ".join([_SUFFIX.sub("", program), *(word for word in following if _WORD.fullmatch(word))]))


def _of_interpreter(program: str, rest: list[str]) -> str:
    """After its script, module or address; code on the command line says nothing readable."""
    for flag, value in pairwise(rest):
        if program.endswith("sh") and _CODE.fullmatch(flag):
            return job_name(value)
        if flag in ("-c", "-e"):
            return ""
        if flag == "-m":
            return slug(value)
    words = [word for word in rest if not word.startswith("-") and not word.isdigit()] or [program]
    likely = (word for word in words if "://" in word or _SUFFIX.search(word))
    return slug(_SUFFIX.sub("", _last_of(next(likely, words[0]))))


def _last_of(word: str) -> str:
    """The file of a path, or of an address the host and its last part."""
    address = re.match(r"[a-z]+://([^/?#:]+)[^?#]*?([^/?#]*)/?(?:[?#]|$)", word)
    return f"{address[1]} {address[2]}" if address else PurePosixPath(word).name


def _without_wrappers(words: list[str]) -> list[str]:
    words = list(words)
    while words:
        head = PurePosixPath(words[0]).name
        if _ASSIGNMENT.match(words[0]) or words[0] in _KEYWORDS:
            del words[0]
        elif head in _WRAPPERS:
            words = _after_wrapper(head, words[1:])
        else:
            break
    return words


def _after_wrapper(wrapper: str, words: list[str]) -> list[str]:
    """What a wrapper runs: what follows its options, their numbers, and the file or duration some of them want."""
    while words and (words[0].startswith("-") or re.fullmatch(r"\d+(\.\d+)?[smhd]?", words[0])):
        if words[0] == "-c" and wrapper in ("su", "runuser", "flock") and len(words) > 1:
            return words[1].split()
        takes = words[0] in ("-u", "-w", "-E", "-t", "-s", "-g") and len(words) > 1
        del words[: 2 if takes else 1]
    if wrapper in ("flock", "lckdo"):
        del words[:1]
        if words[:1] == ["-c"]:
            return words[1].split() if len(words) > 1 else []
    return words


def slug(text: str) -> str:
    """What of a text may stand in a name; empty where nothing may."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST].strip("-")
