"""A person gives a task twenty secrets; the task has them, and nothing that is written does."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import urllib.parse
from pathlib import Path
from typing import Any

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.engine.metrics.collect import EngineFacts, families, read_all
from jobistemer_tui.engine.metrics.exposition import exposition
from jobistemer_tui.storage.open import open_store
from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

COUNT = 20
JOB = """
[jobs.publish]
env_file = "publish.env"
kill_grace = "0s"
on_complete = ["sh", "-c", "cat > /dev/null; echo hook $SECRET_0; echo $SECRET_4 >&2; exit 1"]
notify = [{{ on = "failure", webhook = {{ url = {{ file = "{vault}/url" }} }} }}]
[jobs.publish.secrets]
{secrets}
[[jobs.publish.tasks]]
name = "tell"
run = '''
for n in $(seq 0 19); do
  eval value=\\$SECRET_$n
  echo "out $n $value" ; echo "err $n $value" >&2
  printf 'user:%s' "$value" | base64 -w0; echo
done
printf 'cut %s' "$(echo $SECRET_0 | head -c 9)"; sleep 0.1; echo "$SECRET_0" | tail -c +10
echo "$SECRET_0" | sha256sum >> {ledger}
until [ -e {gate} ]; do sleep 0.05; done
'''
[[jobs.publish.tasks]]
name = "spill"
failure_strategy = "continue"
run = 'echo "token=$SECRET_1" >> $JOBISTEMER_OUTPUT; echo "{{\\"t\\": \\"$SECRET_2\\"}}" > $JOBISTEMER_STATE'
[[jobs.publish.tasks]]
name = "python"
run_when = "always"
python = "code:main"
[[jobs.publish.tasks]]
name = "unreadable"
run_when = "always"
secrets = {{ GONE = {{ file = "gone" }} }}
run = "true"
"""
KEYRING = """
def get_password(service, user):
    with open(f"{service}/{user}") as file:
        return file.read().strip()
"""
HOOK = "h00k-s3cr3t-0123456789"
CODE = """
import os
def main(context):
    print({name: value for name, value in os.environ.items() if name.startswith("SECRET")})
    raise RuntimeError(os.environ["SECRET_3"])
"""


def values() -> list[str]:
    return [f"s3cr3t/{n:02}&{chr(97 + n) * 4}+{n * 7919:06x} é" for n in range(COUNT)]


def plant(home: RealHome, gate: Path) -> None:
    """A quarter each in an env file, in files, from programs and from the keyring; and the address of a webhook."""
    lines = [f"SECRET_{n}='{value}'\n" for n, value in enumerate(values()) if n % 4 == 0]
    home.write("publish.env", "".join(lines))
    vault = home.folder / "vault"
    vault.mkdir(mode=0o700)
    keep(vault / "url", f"http://127.0.0.1:1/{HOOK}")
    sources = []
    for n, value in enumerate(values()):
        if n % 4:
            path = str(keep(vault / str(n), value))
            key, content = [("file", path), ("command", ["cat", path]), ("keyring", path)][n % 4 - 1]
            sources.append(f"SECRET_{n} = {{ {key} = {json.dumps(content)} }}")
    home.write("code.py", CODE)
    text = JOB.format(secrets="\n".join(sources), ledger=home.ledger, gate=gate, vault=vault)
    home.write("publish.toml", text)
    (home.folder / "fake" / "keyring").mkdir(parents=True)
    (home.folder / "fake" / "keyring" / "__init__.py").write_text(KEYRING)
    (home.folder / "fake" / "keyring" / "errors.py").write_text(
        "class KeyringError(Exception): ...\nNoKeyringError = KeyringLocked = KeyringError\n"
    )


def keep(path: Path, value: str) -> Path:
    path.write_text(value + "\n")
    path.chmod(0o600)
    return path


def assert_nothing_printed(home: RealHome, run: str) -> None:
    """Whatever a person can ask about the run says nothing."""
    for words in (("show", run, "--json"), ("show", run, "--report"), ("show", run), ("env", "publish", "--all")):
        said = home.call(*words)
        assert_clean((said.stdout + said.stderr).encode(), " ".join(words))
    bad = home.call("trigger", "publish", "--param", "SECRET_1=x", code=64)
    assert_clean((bad.stdout + bad.stderr).encode(), "the error about a parameter")


def metrics_page(home: RealHome) -> str:
    store = open_store(f"sqlite:{home.home / 'jobistemer.db'}")
    try:
        now = SystemClock().now()
        return exposition(families(store.read(read_all), EngineFacts("0", "0", now, {}), now))
    finally:
        store.close()


def test_twenty_secrets_are_used_and_nowhere_written(home: RealHome) -> None:
    gate = home.folder / "gate"
    plant(home, gate)
    home.start_engine(environ={"PYTHONPATH": f"{os.getcwd()}:{home.folder / 'fake'}"})
    home.here("trigger", "publish")
    wait_until(lambda: home.ledger_lines(), what="the task to have told everything")
    lines = [words.encode() for words in home.processes().values()]
    assert len(lines) >= 3, "engine, supervisor, task"
    assert_clean(b"\n".join(lines), "a command line")
    gate.touch()
    wait_until(lambda: home.runs("publish")[0]["status"] == "failed", what="the end")

    told = subprocess.run(["sha256sum"], input=values()[0].encode() + b"\n", capture_output=True, check=True).stdout
    assert home.ledger_lines() == [told.decode().strip()], "the task had the real value"
    run = home.runs("publish")[0]
    states = {task["name"]: task["attempts"][-1]["status"] for task in run["tasks"] if task["attempts"]}
    assert states == {"tell": "success", "spill": "failed", "python": "failed", "unreadable": "failed"}
    said = home.here("logs", run["id"]).stdout
    assert said.count("out 1 ****") == 1
    assert said.count("****") >= 3 * COUNT
    assert "RuntimeError: ****" in said
    spill, unreadable = (run["tasks"][n]["attempts"][-1]["id"] for n in (1, 3))
    held = "held the value of a secret, which is not kept"
    assert f"outputs.txt {held}; state.json {held}" in home.here("show", spill).stdout
    assert "secret GONE: " in home.here("show", unreadable).stdout
    assert home.ask("show", "publish")["state"] == {}
    sent: list[dict[str, Any]] = []

    def all_answered() -> bool:
        sent[:] = home.ask("show", run["id"])["notifications"]
        return [bool(one["output"] or one["error"]) for one in sent] == [True, True]

    wait_until(all_answered, what="the hook and the webhook")
    assert [one for one in sent if "hook ****" in (one["output"] or "")], "the hook had the real value"
    assert [one for one in sent if one["channel"] == "webhook" and one["error"]]
    assert_nothing_printed(home, run["id"])
    assert_clean(metrics_page(home).encode(), "the metrics")

    home.stop_engine()
    found = [path for path in home.home.rglob("*") if path.is_file()]
    assert {"jobistemer.db", "output.log", "outputs.txt"} <= {path.name for path in found}
    for path in (*found, home.folder / "engine.log"):
        assert_clean(path.read_bytes(), str(path))


def assert_clean(data: bytes, where: str) -> None:
    """No secret in any of its forms."""
    assert HOOK.encode() not in data, where
    for value in values():
        forms = {value, value.split("+")[0], urllib.parse.quote(value, safe=""), json.dumps(value)[1:-1]}
        forms |= {base64.b64encode(b"user:" + value.encode())[8:-4].decode(), value.encode().hex()}
        assert [form for form in forms if form.encode() in data] == [], where
