"""The script for fish (3.1 or newer)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jobistemer_tui.cli.completion.words import ANY, CHOICES, FOLDERS, PATHS, Option, Value, Words, inner_words

_PROGRAM = r"""
# The words typed so far that are no options, without the values of the options that every command takes.
function __jobistemer_words
    set -l skip
    for token in (commandline -opc)[2..-1]
        if test -n "$skip"
            set skip
        else if contains -- $token --home --store
            set skip yes
        else if not string match -q -- '-*' $token
            printf '%s\n' $token
        end
    end
end

function __jobistemer_at
    set -l words (__jobistemer_words)
    test "$words[1]" = "$argv[1]"; or return
    test (count $argv) -lt 2; or test "$words[2]" = "$argv[2]"
end

function __jobistemer_count
    test (count (__jobistemer_words)) -eq $argv[1]
end

# The names that begin with what is typed, from the program itself; fish quotes them.
function __jobistemer_names
    set -l tokens (commandline -opc)
    set -l home ''
    set -l store ''
    for i in (seq 2 (count $tokens))
        switch $tokens[$i]
            case --home
                set home $tokens[(math $i + 1)]
            case '--home=*'
                set home (string replace -- --home= '' $tokens[$i])
            case --store
                set store $tokens[(math $i + 1)]
            case '--store=*'
                set store (string replace -- --store= '' $tokens[$i])
        end
    end
    set home (string replace -r '^~' $HOME -- "$home")
    set store (string replace -r '^~' $HOME -- "$store")
    $tokens[1] __complete $argv[1] (commandline -ct) "$home" "$store" 2>/dev/null
end

complete -c jobistemer -e
complete -c jobistemer -f
"""


def fish_script(table: Sequence[Words]) -> str:
    """The whole script."""
    lines = [line for words in table for line in _lines(words, inner_words(table, words))]
    return f"# Completion of jobistemer for fish; written by `jobistemer completion fish`.\n{_PROGRAM}" + "".join(
        f"complete -c jobistemer {line}\n" for line in lines
    )


def _lines(words: Words, inner: Sequence[Words]) -> Iterator[str]:
    depth = len(words.name.split())
    alone = _condition(f"__jobistemer_count {depth}{f'; and __jobistemer_at {words.name}' if words.name else ''}")
    here = _condition(f"__jobistemer_at {words.name}") if words.name else alone
    for one in inner:
        yield f"{alone} -a {one.name.split()[-1]} -d {_quoted(one.help)}"
    if not words.name:
        yield f"{alone} -F"
    for option in words.options:
        yield f"{here} {_option(option)}"
    if not inner:
        for position, value in enumerate(words.arguments):
            yield from _argument(_at(words, depth + position), value)
        if words.rest is not None:
            yield from _argument(here, words.rest)


def _at(words: Words, count: int) -> str:
    return _condition(f"__jobistemer_count {count}; and __jobistemer_at {words.name}")


def _argument(condition: str, value: Value) -> Iterator[str]:
    if value.kind != ANY:
        yield f"{condition} {_what(value)}"


def _option(option: Option) -> str:
    spellings = " ".join(f"-l {one[2:]}" if one.startswith("--") else f"-s {one[1:]}" for one in option.spellings)
    takes = "" if option.value is None else f" -r {_what(option.value)}".rstrip()
    return f"{spellings} -d {_quoted(option.help)}{takes}"


def _what(value: Value) -> str:
    if value.kind == CHOICES:
        return f"-a {_quoted(' '.join(value.choices))}"
    if value.kind == PATHS:
        return "-F"
    if value.kind == FOLDERS:
        return "-a '(__fish_complete_directories (commandline -ct))'"
    return "" if value.kind == ANY else f"-a '(__jobistemer_names {value.kind})'"


def _condition(test: str) -> str:
    return f"-n {_quoted(test)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
