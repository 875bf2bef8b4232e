"""`new` writes a file that is in order and replaces none; `edit` opens it at its line and says what was made of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jobistemer_tui.settings.shipped import example_files
from tests.cli.home import Home

ASSISTANT = f"""#!{sys.executable}
import sys
from pathlib import Path
line, path = sys.argv[1:]
Path(__file__).with_name("called").write_text(line + " " + path)
text = Path(path).read_text()
Path(path).write_text(text.replace(OLD, NEW))
"""


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editor called nano that replaces OLD by NEW in the file."""
    monkeypatch.delenv("VISUAL")
    monkeypatch.setenv("EDITOR", str(tmp_path / "nano"))
    return tmp_path / "nano"


def will_replace(editor: Path, old: str, new: str) -> None:
    editor.write_text(ASSISTANT.replace("OLD", repr(old)).replace("NEW", repr(new)))
    editor.chmod(0o700)


@pytest.mark.parametrize(("kind", "suffix"), [("toml", ".toml"), ("yaml", ".yaml"), ("python", ".py")])
def test_a_new_file_is_private_in_order_and_never_replaced(home: Home, kind: str, suffix: str) -> None:
    path = home.folder / "jobs" / f"hello{suffix}"
    assert home.run("new", "hello", "--format", kind).out == f"{path}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_text()
    assert home.run("check").code == 0
    done = home.run("new", "hello", "--format", kind, "--json")
    assert (done.code, done.error["code"]) == (1, "refused")
    assert path.read_text() == before


def test_where_a_new_file_goes(home: Home, tmp_path: Path) -> None:
    assert home.run("new").out == f"{home.folder}/jobs/my-job.toml\n"
    printed = home.run("new", "-o", "-").out
    assert printed == (home.folder / "jobs" / "my-job.toml").read_text()
    assert home.run("new", "-o", str(tmp_path / "here.toml"), "--json").json == {"file": f"{tmp_path}/here.toml"}
    assert home.run("new", "-o", str(tmp_path / "no" / "here.toml")).code == 66
    assert home.run("new", "-o", "/proc/here.toml").code in (66, 73)
    assert home.run("new", "two words").code == 64


@pytest.mark.parametrize("name", ["a.toml", "a.yaml", "a.yml", "a.py"])
def test_a_new_file_has_the_format_that_its_name_says(home: Home, tmp_path: Path, name: str) -> None:
    assert home.run("new", "-o", str(tmp_path / name)).code == 0
    assert home.run("check", str(tmp_path / name)).code == 0


def test_a_file_that_no_folder_gives_to_an_engine_is_not_said_to_be_taken_up(home: Home, tmp_path: Path) -> None:
    assert "takes it up by itself" in home.run("new", "-o", str(tmp_path / "a.toml")).err
    for words in (("pyproject",), ("-o", str(tmp_path / "a.txt"))):
        told = home.run("new", *words).err
        assert "takes it up by itself" not in told
        assert "no engine takes a file of this name from a folder" in told


def test_a_new_file_may_be_printed_for_a_person_or_for_a_program(home: Home) -> None:
    printed = home.run("new", "a", "-o", "-").out
    assert home.run("new", "a", "-o", "-", "--json").json == {"file": None, "text": printed}


def test_a_link_that_leads_nowhere_is_not_written_through(home: Home, tmp_path: Path) -> None:
    (tmp_path / "link.toml").symlink_to(tmp_path / "target.toml")
    assert home.run("new", "-o", str(tmp_path / "link.toml")).code == 1
    assert not (tmp_path / "target.toml").exists()


def test_an_example_to_begin_with(home: Home) -> None:
    done = home.run("new", "--from-example", "heartbeat")
    path = home.folder / "jobs" / "heartbeat.toml"
    assert done.out == f"{path}\n"
    assert path.read_bytes() == example_files()["heartbeat"].read_bytes()
    assert home.run("check").code == 0
    missing = home.run("new", "--from-example", "hartbeat")
    assert (missing.code, '"heartbeat"' in missing.err) == (66, True)
    assert "on_demand" in home.run("new", "--from-example", "zzz").err


def test_an_edit_tells_what_it_changes(home: Home, editor: Path) -> None:
    home.run("new", "hello")
    path = home.folder / "jobs" / "hello.toml"
    will_replace(editor, '"0 5 * * *"', '"0 6 * * *"')
    done = home.run("edit", "hello")
    assert done.code == 0, done
    assert "hello is added" in done.out
    assert "06:00" in done.out
    assert editor.with_name("called").read_text() == f"+4 {path}"


def test_a_broken_edit_is_kept_and_shown(home: Home, editor: Path) -> None:
    home.run("new", "hello")
    path = home.folder / "jobs" / "hello.toml"
    will_replace(editor, "schedule =", "shedule =")
    done = home.run("edit", "hello")
    assert (done.code, f"{path}:19:1" in done.out, "schedule" in done.out) == (1, True, True), done
    assert "kept as it is" in done.err
    assert "shedule" in path.read_text()
    will_replace(editor, "shedule =", "schedule =")
    assert home.run("edit", str(path)).code == 0, "a file that is in order for nobody is named by its path"


def test_new_with_edit(home: Home, editor: Path) -> None:
    will_replace(editor, "Say hello", "Say goodbye")
    done = home.run("new", "bye", "--edit")
    assert (done.code, "bye is added" in done.out) == (0, True)
    assert "jobs" in str(home.run("edit", "bye", "--json").json)


def test_editors_and_jobs_that_are_not_there(home: Home, editor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.run("new", "hello")
    missing = home.run("edit", "helo")
    assert (missing.code, "jobistemer new helo" in missing.err) == (66, True)
    done = home.run("edit", "hello")
    assert (done.code, str(editor) in done.err) == (1, True)
    monkeypatch.setenv("EDITOR", "vi 'unclosed")
    assert home.run("edit", "hello").code == 64
