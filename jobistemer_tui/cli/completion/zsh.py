"""The script for zsh (5.0 or newer)."""

from __future__ import annotations

from collections.abc import Sequence

from jobistemer_tui.cli.completion.words import ANY, CHOICES, FOLDERS, PATHS, Option, Value, Words, inner_words

_PROGRAM = r"""
# The names that begin with what is typed, from the program itself; compadd quotes them.
_jobistemer_names() {
    local line name note home='' store='' i
    local -a names notes
    for ((i = 2; i < $#typed; i++)); do
        case $typed[i] in
            --home) home=${(Q)typed[i+1]} ;;
            --home=*) home=${(Q)typed[i]#--home=} ;;
            --store) store=${(Q)typed[i+1]} ;;
            --store=*) store=${(Q)typed[i]#--store=} ;;
        esac
    done
    local program="${${(Q)typed[1]}/#\~/$HOME}"
    local found="$("$program" __complete "$1" "${(Q)PREFIX}" "${home/#\~/$HOME}" "${store/#\~/$HOME}" 2>/dev/null)"
    for line in "${(@f)found}"; do
        name=${line%%$'\t'*} note=${line#*$'\t'}
        if [[ -n $name ]]; then names+=("$name") notes+=("$name${note:+  $note}"); fi
    done
    compadd -l -d notes -a names
}

_jobistemer() {
    local -a typed=("${words[@]}")
    _jobistemer_
}

if [[ ${funcstack[1]} == _jobistemer ]]; then _jobistemer "$@"; else compdef _jobistemer jobistemer; fi
"""

_ACTIONS = {PATHS: "path:_files", FOLDERS: "folder:_files -/", ANY: "value: "}


def zsh_script(table: Sequence[Words]) -> str:
    """The whole script."""
    functions = "\n".join(_function(words, inner_words(table, words)) for words in table)
    return f"#compdef jobistemer\n# Written by `jobistemer completion zsh`.\n\n{functions}{_PROGRAM}"


def _function(words: Words, inner: Sequence[Words]) -> str:
    name = _name(words.name)
    options = [_option(option) for option in words.options] + [_quoted("(- *)--help[Show the help.]")]
    if not inner:
        values = [_quoted(f":{_action(value)}") for value in words.arguments]
        rest = [] if words.rest is None else [_quoted(f"*:{_action(words.rest)}")]
        specs = " \\\n        ".join([*options, *values, *rest])
        return f"{name}() {{\n    _arguments -s \\\n        {specs}\n}}\n"
    lines = "\n".join(f"        {_quoted(f'{_last(one)}:{one.help}')}" for one in inner)
    cases = "\n".join(f"                {_last(one)}) {_name(one.name)} ;;" for one in inner)
    files = "" if words.name else " _files;"
    specs = " \\\n        ".join([*options, _quoted("1: :->first"), _quoted("*:: :->rest")])
    return (
        f"{name}() {{\n    local curcontext=$curcontext state\n    local -a line inner=(\n{lines}\n    )\n"
        f"    _arguments -C -s \\\n        {specs}\n"
        f"    case $state in\n        first) _describe -t commands command inner;{files} ;;\n"
        f"        rest)\n            case $words[1] in\n{cases}\n{_otherwise(words)}            esac\n            ;;\n"
        f"    esac\n}}\n"
    )


def _otherwise(words: Words) -> str:
    """A first word that is no command is a path for the screen, and more may follow."""
    return "" if words.name else "                *) _files ;;\n"


def _option(option: Option) -> str:
    value = "" if option.value is None else f":{_action(option.value)}"
    alone = "" if option.repeatable else f"({' '.join(option.spellings)})"
    tail = f"[{_plain(option.help)}]{value}"
    if option.repeatable:
        return " ".join(_quoted(f"*{spelling}{tail}") for spelling in option.spellings)
    return " ".join(_quoted(f"{alone}{spelling}{tail}") for spelling in option.spellings)


def _action(value: Value) -> str:
    if value.kind == CHOICES:
        return f"word:({' '.join(value.choices)})"
    return _ACTIONS.get(value.kind, f"name:{{_jobistemer_names {value.kind}}}")


def _name(command: str) -> str:
    return "_jobistemer_" + command.replace(" ", "_").replace("-", "_")


def _last(words: Words) -> str:
    return words.name.split()[-1]


def _plain(text: str) -> str:
    """Without what has a meaning within the brackets of a specification."""
    return text.replace("\\", "").replace("[", "(").replace("]", ")").replace(":", "\\:")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
