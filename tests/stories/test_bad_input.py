"""What a person gets who points it at the wrong thing: a clear message, the documented exit code, nothing lost."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.support.real_home import COMMAND, RealHome

JOB = '[jobs.quiet]\nrun = "true"\n'


def test_a_folder_that_does_not_exist(home: RealHome) -> None:
    missing = str(home.folder / "nowhere")
    for words in (["run", missing], ["check", missing], [missing]):
        done = home.call(*words, code=66)
        assert missing in done.stderr
        assert "Traceback" not in done.stderr


def test_an_unreadable_file_beside_a_good_one(home: RealHome) -> None:
    home.write("good.toml", JOB)
    os.mkfifo(home.jobs / "pipe.toml")
    (home.jobs / "binary.toml").write_bytes(b"\xff\xfe\x00")
    open_to_all = home.write("open.toml", '[jobs.open]\nrun = "true"\n')
    open_to_all.chmod(0o666)
    done = home.call("check", str(home.jobs), code=1)
    for name in ("pipe.toml", "binary.toml", "open.toml"):
        assert name in done.stdout + done.stderr
    home.call("run", str(home.jobs), "--until-idle")
    assert [job["name"] for job in home.ask("jobs")] == ["quiet"]


def test_an_error_names_file_line_column_and_hint(home: RealHome) -> None:
    home.write("bad.toml", '[jobs.quiet]\nrun = "true"\nretrys = 3\n')
    done = home.call("check", str(home.jobs), code=1)
    assert "bad.toml:3:1" in done.stdout + done.stderr
    assert "retry_policy" in done.stdout + done.stderr


def test_a_database_of_a_newer_version(home: RealHome) -> None:
    home.write("good.toml", JOB)
    home.call("run", str(home.jobs), "--until-idle")
    with sqlite3.connect(home.home / "jobistemer.db") as database:
        database.execute("PRAGMA user_version = 9999")
    database.close()
    for words in (["jobs"], ["run", str(home.jobs)], [str(home.jobs)]):
        done = home.call(*words, code=76)
        assert "newer" in done.stderr
    done = home.call("--json", "jobs", code=76)
    assert json.loads(done.stderr)["error"]["code"] == "store_too_new"


def test_a_file_that_is_no_database(home: RealHome) -> None:
    home.home.mkdir(mode=0o700)
    (home.home / "jobistemer.db").write_bytes(b"these are not the rows you are looking for" * 100)
    done = home.call("jobs", code=69)
    assert "jobistemer.db" in done.stderr
    assert (home.home / "jobistemer.db").read_bytes().startswith(b"these are not"), "it was overwritten"


@pytest.mark.parametrize("place", ["/proc/jobistemer", "{folder}/file/home"])
def test_a_home_that_cannot_be_written(home: RealHome, place: str) -> None:
    (home.folder / "file").touch()
    place = place.format(folder=home.folder)
    done = run([*COMMAND, "--home", place, "jobs"], home.environ)
    assert done.returncode == 73, done.stderr
    assert place in done.stderr


def test_a_home_path_of_200_characters(home: RealHome) -> None:
    home.write("good.toml", JOB)
    home.home = home.folder / ("h" * (200 - len(str(home.folder)) - 1))
    assert len(str(home.home)) == 200
    home.start_engine()
    home.call("trigger", "quiet", "--wait")
    assert home.runs("quiet")[0]["status"] == "completed"
    assert home.stop_engine() == 0


def test_no_home_at_all(home: RealHome) -> None:
    environ = {key: value for key, value in home.environ.items() if key not in {"HOME", "JOBISTEMER_HOME"}}
    done = run([*COMMAND, "jobs"], {**environ, "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": ""})
    assert done.returncode == 73, done.stderr
    assert "Traceback" not in done.stderr


def test_unknown_words_are_a_usage_error(home: RealHome) -> None:
    assert home.call("jobs", "--nonsense", code=64).stderr
    assert "quiet" in home.call("show", "quiet", code=66).stderr


def run(words: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command line to its end."""
    return subprocess.run(words, env=environ, capture_output=True, text=True, timeout=60, check=False)


FILL = """
mount -t tmpfs -o size=3m,mode=0700 tmpfs {disk} || exit 99
mkdir -m 700 {disk}/home
echo 'min_free = "64KiB"' > {disk}/home/config.toml
chmod 600 {disk}/home/config.toml
{command} --home {disk}/home run {jobs} --until-idle || exit 98
dd if=/dev/zero of={disk}/fill bs=1k 2>/dev/null
{command} --home {disk}/home trigger quiet > {disk}.out 2> {disk}.err
echo $? > {disk}.code
rm {disk}/fill
{command} --home {disk}/home run {jobs} --trigger quiet --until-idle || exit 97
{command} --home {disk}/home runs --json > {disk}.runs
"""


FULL_WHILE_A_TASK_RUNS = """
mount -t tmpfs -o size=3m,mode=0700 tmpfs {disk} || exit 99
mkdir -m 700 {disk}/home
echo 'min_free = "512KiB"' > {disk}/home/config.toml
chmod 600 {disk}/home/config.toml
{command} --home {disk}/home run {jobs} --trigger waits > {disk}.out 2> {disk}.err &
engine=$!
until test -e {folder}/started; do sleep 0.05; done
test -s {disk}/home/jobistemer.db.nodes/reserve || exit 98
dd if=/dev/zero of={disk}/fill bs=1k 2>/dev/null
touch {folder}/gate
sleep 0.2
ended=no
for second in $(seq 60); do
    {command} --home {disk}/home runs --json > {disk}.runs && grep -q '"completed"' {disk}.runs && ended=yes && break
    sleep 1
done
test -e {disk}/home/jobistemer.db.nodes/reserve && echo kept > {disk}.reserve
rm {disk}/fill
kill $engine
wait $engine
test $ended = yes || exit 97
"""


@pytest.mark.campaign("full-disk")
def test_campaign_a_disk_that_fills_while_a_task_runs(home: RealHome) -> None:
    """The task's end is written into the room of the reserve, while nothing else fits on the disk."""
    gate, started = home.folder / "gate", home.folder / "started"
    home.write("w.toml", f"[jobs.waits]\nrun = 'touch {started}; until test -e {gate}; do sleep 0.05; done'\n")
    disk = home.folder / "disk"
    disk.mkdir(mode=0o700)
    words = {"disk": disk, "jobs": home.jobs, "folder": home.folder, "command": " ".join(COMMAND)}
    script = FULL_WHILE_A_TASK_RUNS.format(**words)
    done = run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script], home.environ)
    assert done.returncode == 0, (done, Path(f"{disk}.err").read_text())
    assert not Path(f"{disk}.reserve").exists()


@pytest.mark.campaign("full-disk")
def test_campaign_a_full_disk(home: RealHome) -> None:
    """On a small tmpfs in a mount namespace of its own: refused with 69 while full, and nothing is lost after."""
    home.write("good.toml", JOB)
    disk = home.folder / "disk"
    disk.mkdir(mode=0o700)
    script = FILL.format(disk=disk, jobs=home.jobs, command=" ".join(COMMAND))
    done = run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script], home.environ)
    assert done.returncode == 0, done
    assert Path(f"{disk}.code").read_text().strip() == "69", Path(f"{disk}.err").read_text()
    assert "space" in Path(f"{disk}.err").read_text()
    runs = json.loads(Path(f"{disk}.runs").read_text())
    assert [occurrence["status"] for occurrence in runs] == ["completed"]
