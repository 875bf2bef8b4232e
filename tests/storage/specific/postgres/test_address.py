"""What a URL, a service file, the environment and the keyring give; and that a password is never shown."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from jobistemer_tui.errors import StoreUnavailable, UsageError
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.postgres.address import Address, address_of, is_local


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's own."""
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSERVICE", "PGSSLMODE", "PGOPTIONS"):
        monkeypatch.delenv(name, raising=False)


def test_a_url() -> None:
    address = address_of("postgresql://me@db.example:5433/jobs?schema=night&application_name=x")
    parameters = dict(address.parameters)
    assert (address.schema, parameters["host"], parameters["port"]) == ("night", "db.example", "5433")
    assert parameters["application_name"] == "x"
    assert "search_path=night" in parameters["options"]
    assert "lock_timeout" in parameters["options"]
    assert "tcp_keepalives_idle=10" in parameters["options"]  # of the server's: who has lost power keeps no lock
    assert address.shown == "postgresql://me@db.example:5433/jobs?schema=night"


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("postgresql://db.example/jobs", "verify-full"),
        ("postgresql://db.example/jobs?sslmode=require", "require"),
        ("postgresql://127.0.0.1,db.example/jobs", "verify-full"),
        ("postgresql://10.0.0.1/jobs", "verify-full"),
        ("postgresql:///jobs", None),
        ("postgresql:///jobs?host=/run/postgresql", None),
        ("postgresql://localhost/jobs", None),
        ("postgresql://[::1]/jobs", None),
    ],
)
def test_whoever_is_reached_over_a_network_has_to_prove_who_it_is(url: str, mode: str | None) -> None:
    assert address_of(url).parameters.get("sslmode") == mode


def test_the_environment_may_ask_for_another_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "require")
    assert "sslmode" not in address_of("postgresql://db.example/jobs").parameters
    monkeypatch.delenv("PGSSLMODE")
    monkeypatch.setenv("PGHOST", "db.example")
    assert address_of("postgresql:///jobs").parameters["sslmode"] == "verify-full"


def test_a_root_certificate_of_the_users_own_is_used(isolated_home: Path) -> None:
    assert address_of("postgresql://db.example/jobs").parameters["sslrootcert"] == "system"
    (isolated_home / ".postgresql").mkdir()
    (isolated_home / ".postgresql" / "root.crt").touch()
    assert "sslrootcert" not in address_of("postgresql://db.example/jobs").parameters


def test_a_service(isolated_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = isolated_home / ".pg_service.conf"
    path.write_text("[jobs]\nhost=db.example\nuser=me\npassword=s3cr#t %\ndbname=jobs\n")
    address = address_of("postgresql://?service=jobs&port=99")
    wanted = {"host": "db.example", "user": "me", "password": "s3cr#t %", "port": "99"}
    assert wanted.items() <= address.parameters.items()
    assert address.parameters["sslmode"] == "verify-full"
    assert address.shown == "postgresql://me@db.example:99/jobs"
    with pytest.raises(StoreUnavailable, match="no PostgreSQL service 'other'"):
        address_of("postgresql://?service=other")
    path.write_text("password=s3cr#t")
    monkeypatch.setenv("PGSERVICE", "jobs")
    with pytest.raises(StoreUnavailable, match=r"pg_service\.conf") as caught:
        address_of("postgresql://")
    assert "s3cr" not in str(caught.value)


def test_a_password_in_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {("jobs", "me"): "hidden"}
    keyring, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    monkeypatch.setattr(keyring, "get_password", lambda service, user: kept.get((service, user)), raising=False)
    monkeypatch.setattr(errors, "KeyringError", OSError, raising=False)
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    address = address_of("postgresql://me@localhost/jobs?keyring=jobs")
    assert address.parameters["password"] == "hidden"
    assert "hidden" not in repr(address)
    with pytest.raises(StoreUnavailable, match="no password of 'you'"):
        address_of("postgresql://you@localhost/jobs?keyring=jobs")
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(StoreUnavailable, match="not installed"):
        address_of("postgresql://me@localhost/jobs?keyring=jobs")


@pytest.mark.parametrize("schema", ["Jobs", "a-b", "pg_jobs", "", "a" * 41, 'a"b', "1a"])
def test_schemas_that_are_none(schema: str) -> None:
    with pytest.raises(UsageError, match="schema"):
        address_of(f"postgresql:///jobs?schema={schema}")


@pytest.mark.parametrize("url", ["postgresql://me:s3cret@h/d?nothing=1", "postgresql://me:s3cret%zz@h/d"])
def test_a_url_that_cannot_be_read_shows_no_password(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        address_of(url)
    assert "s3cret" not in f"{caught.value}{caught.value.hint}{caught.value.__cause__}"


def test_a_server_that_is_not_there_shows_no_password() -> None:
    with pytest.raises(StoreUnavailable, match="cannot be reached") as caught:
        open_store("postgresql://me:s3cret@localhost:1/jobs")
    assert "s3cret" not in f"{caught.value}{caught.value.hint}{caught.value.__cause__}"
    assert "postgresql://me@localhost:1/jobs" in caught.value.message


def test_masking() -> None:
    assert Address({"password": "pw"}, "s", "").masked("no pw here") == "no ••• here"
    assert Address({}, "s", "").masked("no pw here") == "no pw here"


def test_local_hosts() -> None:
    assert is_local({"host": "db.example", "hostaddr": "127.0.0.1"})
    assert is_local({"host": "@abstract"})
    assert not is_local({"host": "localhost.example"})


def test_without_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("jobistemer_tui.storage.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UsageError, match="not installed") as caught:
        open_store("postgresql:///jobs")
    assert "jobistemer-tui[postgres]" in caught.value.hint


def test_who_only_looks_may_look_at_a_server_that_takes_no_writes() -> None:
    looking, working = address_of("postgresql:///jobs", to_look=True), address_of("postgresql:///jobs")
    assert looking.parameters["target_session_attrs"] == "any"
    assert working.parameters["target_session_attrs"] == "read-write"
    chosen = address_of("postgresql:///jobs?target_session_attrs=standby")
    assert chosen.parameters["target_session_attrs"] == "standby"


@pytest.mark.parametrize(
    "rest",
    [
        "me:s3cr#t@h/jobs",
        "me:s3cr/t@h/jobs",
        "me:s3cr?t@h/jobs",
        "me:s3cr@t@h/jobs",
        "me:s3cr@[t@h",
        "me:s3cr",
        "me:7/s3cr@h/j",
    ],
)
def test_a_piece_of_a_password_is_not_taken_for_a_host_a_port_or_a_name(rest: str) -> None:
    """Regression: a password that is not encoded was shown in part, or all of it; a bracket was a traceback."""
    with pytest.raises(UsageError, match="cannot be read") as told:
        address_of(f"postgresql://{rest}")
    assert "s3cr" not in f"{told.value} {told.value.hint} {told.value.__cause__}"


@pytest.mark.parametrize("hosts", ["h1:1,h2:2", "[::1]:5432", "h:", "%2Frun%2Fpg", ""])
def test_hosts_as_libpq_has_them(hosts: str) -> None:
    assert address_of(f"postgresql://me:a%40%2F%23b@{hosts}/jobs").parameters["password"] == "a@/#b"
