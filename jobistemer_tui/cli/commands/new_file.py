"""`jobistemer new`"""

from __future__ import annotations

from pathlib import Path

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.domain.identity import KEY_PATTERN
from jobistemer_tui.errors import NotFound, UsageError
from jobistemer_tui.operations.starter_file import FORMATS, is_found, starter_text
from jobistemer_tui.operations.written_file import write_new
from jobistemer_tui.settings.folders import prepare
from jobistemer_tui.settings.near_words import did_you_mean, nearest
from jobistemer_tui.settings.shipped import example_files

_STDOUT = Path("-")


@click.command("new")
@click.argument("name", default="my-job")
@click.option(
    "--format", "kind", type=click.Choice(list(FORMATS)), help="Of the file; default: by the suffix of FILE, else toml."
)
@click.option("--from-example", "example", metavar="EXAMPLE", help="Copy one of the examples instead.")
@click.option("-o", "--output", "path", type=click.Path(path_type=Path), metavar="FILE", help="Where to; - prints it.")
@click.option("--edit", is_flag=True, help="Open it in the editor.")
@global_options
@pass_session
def command(
    session: Session, name: str, kind: str | None, example: str | None, path: Path | None, edit: bool
) -> int | None:
    """Write a job file to begin with: a job that runs, and every key explained in comments.

    It goes into the configuration's jobs folder unless -o names a file; no file is ever replaced.
    """
    if not KEY_PATTERN.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a job", hint="letters, digits, '.', '_' and '-'; at most 64")
    suffix, text = _text(name, kind or _kind_of(path), example)
    if path == _STDOUT and session.as_json:
        output.as_json({"file": None, "text": text})
        return None
    if path == _STDOUT:
        output.document(text)
        return None
    target = path if path is not None else _default(session, f"{name if example is None else example}{suffix}")
    if not target.parent.is_dir():
        raise NotFound(f"there is no folder {target.parent}", hint="make it first, or name another file")
    write_new(target, text, hint="choose another NAME, or another file with -o FILE")
    if edit:
        from jobistemer_tui.cli.editing import edit_file

        return edit_file(session, target, 1)
    if session.as_json:
        output.as_json({"file": str(target.absolute())})
    else:
        output.line(str(target))
        output.talk(f"check it with: jobistemer check; {_fate(target)}")
    return None


def _fate(path: Path) -> str:
    if is_found(path):
        return "an engine that watches its folder takes it up by itself"
    return "no engine takes a file of this name from a folder: rename it (NAME.toml, say)"


def _kind_of(path: Path | None) -> str:
    """The format that a file of this name is read as; TOML for one that says none."""
    suffix = "" if path is None else path.suffix.replace(".yml", ".yaml")
    return next((kind for kind, form in FORMATS.items() if form.suffix == suffix), "toml")


def _text(name: str, kind: str, example: str | None) -> tuple[str, str]:
    """The suffix and the text of the file."""
    if example is None:
        return FORMATS[kind].suffix, starter_text(name, kind)
    files = example_files()
    if example not in files:
        hint = did_you_mean(nearest(example, files), f"there are: {', '.join(files)}")
        raise NotFound(f"there is no example {example!r}", hint=hint)
    return files[example].suffix, files[example].read_text(encoding="utf-8")


def _default(session: Session, name: str) -> Path:
    """In the jobs folder, which is made where it is missing."""
    locations = session.locations()
    prepare(locations)
    return locations.jobs_dir / name
