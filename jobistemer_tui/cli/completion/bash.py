"""The script for bash (4.4 or newer); it needs no package of completions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from shlex import quote

from jobistemer_tui.cli.completion.words import CHOICES, Value, Words, inner_words

_PROGRAM = r"""
# The names that begin with what is typed, from the program itself.
_jobistemer_ask() {
    "${COMP_WORDS[0]/#\~/$HOME}" __complete "$1" "$cur" "${home/#\~/$HOME}" "${store/#\~/$HOME}" 2>/dev/null
}

# What begins with what is typed becomes a candidate, quoted: a name is never a piece of shell.
_jobistemer_offer() {
    local line
    while IFS=$'\t' read -r line _; do
        if [[ $line == "$cur"* ]]; then COMPREPLY+=("$(printf '%q' "$line")"); fi
    done
}

_jobistemer_reply() {
    case $1 in
        jobs | runs | names) _jobistemer_offer < <(_jobistemer_ask "$1") ;;
        paths) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
        folders) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
        choices) shift; _jobistemer_offer < <(printf '%s\n' "$@") ;;
    esac
}

_jobistemer() {
    local cur=${COMP_WORDS[COMP_CWORD]} command='' pending='' home='' store='' only='' position=0 word i
    local -a options=() arguments=() value=() rest=() inner=()
    COMPREPLY=()
    _jobistemer_table ''
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == = ]]; then continue; fi
        case $pending in
            '') ;;
            --home) home=$word pending=''; continue ;;
            --store) store=$word pending=''; continue ;;
            *) pending=''; continue ;;
        esac
        if [[ $word == -- ]]; then
            only=yes
        elif [[ $word == -* && -z $only ]]; then
            _jobistemer_value "$command" "$word" && pending=$word
        elif [[ $position == 0 ]] && _jobistemer_table "$command${command:+ }$word"; then
            command=$command${command:+ }$word
        else
            position=$((position + 1))
        fi
    done
    if [[ $cur == = ]]; then cur=''; fi
    if [[ -n $pending ]]; then
        _jobistemer_value "$command" "$pending"
        _jobistemer_reply "${value[@]}"
    elif [[ $cur == -* && -z $only ]]; then
        _jobistemer_reply choices "${options[@]}"
    elif ((${#inner[@]} && !position)); then
        if [[ -z $command ]]; then _jobistemer_reply paths; fi
        _jobistemer_reply choices "${inner[@]}"
    elif ((position < ${#arguments[@]})); then
        IFS=' ' read -ra value <<<"${arguments[position]}"
        _jobistemer_reply "${value[@]}"
    else
        _jobistemer_reply "${rest[@]}"
    fi
}

complete -F _jobistemer jobistemer
"""


def bash_script(table: Sequence[Words]) -> str:
    """The whole script."""
    commands = "\n".join(_command(words, table) for words in table)
    values = "\n".join(_values(words) for words in table)
    return (
        "# Completion of jobistemer for bash; written by `jobistemer completion bash`.\n\n"
        f"_jobistemer_table() {{\n    case $1 in\n{commands}\n        *) return 1 ;;\n    esac\n}}\n\n"
        f'_jobistemer_value() {{\n    value=()\n    case "$1:$2" in\n{values}\n        *) return 1 ;;\n    esac\n}}\n'
        f"{_PROGRAM}"
    )


def _command(words: Words, table: Sequence[Words]) -> str:
    inner = [other.name.split()[-1] for other in inner_words(table, words)]
    spellings = [spelling for option in words.options for spelling in option.spellings]
    rest = () if words.rest is None else _value(words.rest)
    arguments = [" ".join(_value(argument)) for argument in words.arguments]
    return (
        f"        {quote(words.name)}) options=({_quoted([*spellings, '--help'])}) inner=({_quoted(inner)})"
        f" arguments=({_quoted(arguments)}) rest=({_quoted(rest)}) ;;"
    )


def _values(words: Words) -> str:
    return "\n".join(
        f"        {' | '.join(quote(f'{words.name}:{spelling}') for spelling in option.spellings)})"
        f" value=({_quoted(_value(option.value))}) ;;"
        for option in words.options
        if option.value is not None
    )


def _value(value: Value) -> tuple[str, ...]:
    return (value.kind, *value.choices) if value.kind == CHOICES else (value.kind,)


def _quoted(words: Iterable[str]) -> str:
    return " ".join(quote(word) for word in words)
