"""Every example of the guide and of the README is tried: commands run, files checked, outputs compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.jobfiles.config import read_config
from jobistemer_tui.operations.commands.check_files import check_files
from tests.architecture.markdown import GUIDE
from tests.architecture.tree import ROOT
from tests.guide.page import BadMark, Block, blocks_of
from tests.guide.session import Session

PAGES = [*sorted(GUIDE.glob("*.md")), ROOT / "README.md", ROOT / "examples" / "README.md"]
SHELL = ("sh", "setup")
JOB_FILES = (".toml", ".yaml", ".yml", ".py")
LANGUAGES = {"toml": ".toml", "yaml": ".yaml", "python": ".py"}


@pytest.fixture
def session(tmp_path: Path, isolated_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    made = Session(tmp_path, isolated_home, monkeypatch)
    yield made
    made.end()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_true(page: Path, session: Session, tmp_path: Path) -> None:
    blocks = [block for block in blocks_of(page) if not block.has("not run")]
    for number, block in enumerate(blocks):
        path = block.value("file", "path")
        saved = session.save(block, path) if path is not None else None
        if block.language in SHELL or block.has("output"):
            session.follow(block)
        elif saved is not None:
            check(saved, block)
        else:
            check(write(tmp_path / f"block-{number}", block), block)


def write(folder: Path, block: Block) -> Path:
    """A file of a block alone. Fails for a language of which nobody knows how to try it."""
    assert block.language in LANGUAGES, f"{block.place}: how is this tried? see tests/README.md"
    folder.mkdir(mode=0o700)
    path = folder / f"example{LANGUAGES[block.language]}"
    path.write_text(whole_file(block), encoding="utf-8")
    path.chmod(0o600)
    return path


def whole_file(block: Block) -> str:
    """The block, or around its lines the jobs that they are keys of."""
    if block.has("in a job"):
        return f'[jobs.example]\nrun = "true"\n{block.text}'
    if block.has("each line"):
        return "".join(
            f'[jobs.line-{number}]\nrun = "true"\n{line}\n' for number, line in enumerate(block.text.splitlines())
        )
    return block.text


def check(path: Path, block: Block) -> None:
    """A `config.toml` loads; a job file has jobs and no error; code of tasks compiles."""
    if path.name == "config.toml":
        read_config(path)
    elif path.suffix == ".py" and "jobistemer_tui" not in block.text:
        compile(block.text, block.place, "exec")
    elif path.suffix in JOB_FILES:
        checked = check_files([path], SystemClock().now())
        assert [problem for problem in checked.problems if problem.severity == "error"] == [], block.place
        only_comments = all(line.startswith("#") for line in block.text.splitlines())
        assert checked.jobs or only_comments, f"{block.place}: a job file without jobs"


def test_what_is_not_run_says_why() -> None:
    """Lists and counts it: `pytest -s` shows the list."""
    blocks = [block for page in PAGES for block in blocks_of(page)]
    whole = [(block.place, block.value("not run", "reason") or "") for block in blocks if block.has("not run")]
    lines = [(f"{block.place} `{command}`", reason) for block in blocks for command, reason in block.left_out]
    tried = len(blocks) - len(whole)
    counted = f"{tried} examples are tried, {len(whole)} and {len(lines)} lines of others are not:"
    listed = [f"  {place}: {' '.join(reason.split())}" for place, reason in [*whole, *lines]]
    print("\n".join(["", counted, *listed]))  # noqa: T201  # the list is what this test is for
    assert tried > len(whole)
    assert all(len(reason) > 5 for _, reason in [*whole, *lines])


def test_every_fence_is_found() -> None:
    for page in PAGES:
        fences = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("```")]
        shown = [block for block in blocks_of(page) if block.language != "setup"]
        assert len(fences) == 2 * len(shown), page


def test_a_comment_that_means_nothing_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- nto run: mistyped -->\n```sh\nfalse\n```\n")
    with pytest.raises(BadMark, match="nto run"):
        blocks_of(page)
