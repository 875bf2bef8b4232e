"""What a `postgresql:` URL means: whom to connect to, how safely, and in which schema.

The URL is libpq's (https://www.postgresql.org/docs/current/libpq-connect.html), with two parameters of our own:
`schema` (default `jobistemer`) and `keyring`, the service under which the password is kept in the system's keyring.
What it leaves out comes from the service file, then from the environment and the password file, as libpq has it.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from configparser import ConfigParser, Error
from contextlib import suppress
from dataclasses import field
from importlib import import_module
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

from psycopg import ProgrammingError, pq
from psycopg.conninfo import conninfo_to_dict

from jobistemer_tui.errors import StoreUnavailable, UsageError
from jobistemer_tui.settings.quick_dataclass import dataclass

DEFAULT_SCHEMA = "jobistemer"
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,39}")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]*\]|[^:\[\]]*)(:\d*)?", re.ASCII)
_HINT = (
    "write postgresql://USER@HOST/DATABASE, and keep the password in ~/.pgpass or in PGPASSWORD; "
    "in a URL @ / ? # : are %40 %2F %3F %23 %3A"
)

STATEMENT_TIMEOUT_S = 30
LOCK_TIMEOUT_S = 20
IDLE_TIMEOUT_S = 15
"""Less than the others wait for a lock: a session that hangs inside a transaction is ended before they give up."""

_KEEPALIVES = {"idle": 10, "interval": 5, "count": 3}
_SESSION = (
    f"-c statement_timeout={STATEMENT_TIMEOUT_S}s -c lock_timeout={LOCK_TIMEOUT_S}s "
    f"-c idle_in_transaction_session_timeout={IDLE_TIMEOUT_S}s "
    # Each side finds out by itself that the other one is gone. Left alone, the server keeps the locks of a host without
    # power for two hours.
    + " ".join(f"-c tcp_keepalives_{name}={value}" for name, value in _KEEPALIVES.items())
)
_DEFAULTS = {
    "application_name": "jobistemer",
    "connect_timeout": "10",
    **{f"keepalives_{name}": str(value) for name, value in _KEEPALIVES.items()},
    "tcp_user_timeout": "20000",
}


@dataclass(frozen=True, slots=True)
class Address:
    """`parameters` are libpq's and may hold a password; `shown` is what a person may see of the URL."""

    parameters: Mapping[str, str] = field(repr=False)
    schema: str
    shown: str

    def masked(self, text: str) -> str:
        """A text of the driver's or the server's, without the password."""
        password = self.parameters.get("password", "")
        return text.replace(password, "•••") if password else text


def address_of(url: str, *, to_look: bool = False) -> Address:
    """The address that a URL and the environment give; `to_look`: a server that takes no writes will do.

    Raises UsageError for a URL that means nothing, StoreUnavailable for a service or a keyring that cannot be read.
    """
    parts = _parts_of(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    schema, keyring = query.pop("schema", DEFAULT_SCHEMA), query.pop("keyring", None)
    if _SCHEMA.fullmatch(schema) is None or schema.startswith("pg_"):
        raise UsageError(f"{schema!r} is no name of a schema", hint="use small letters, digits and _, at most 40")
    given = _parsed(f"postgresql://{parts.netloc}{parts.path}?{urlencode(query, quote_via=quote)}")
    settings = {name: value for name, value in _settings().items() if value}
    given = {**_service(given.get("service") or settings.get("service")), **given}
    given.pop("service", None)
    effective = {**settings, **given}
    if keyring and not effective.get("password"):
        given["password"] = _from_keyring(keyring, effective.get("user", ""))
    options = f"{_SESSION} -c search_path={schema} {effective.get('options', '')}".rstrip()
    defaults = {**_DEFAULTS, "target_session_attrs": "any" if to_look else "read-write", **_encryption(effective)}
    parameters = {**defaults, **given, "options": options, "client_encoding": "UTF8"}
    return Address(parameters, schema, _shown(effective, schema))


def _parts_of(url: str) -> SplitResult:
    """The parts of a URL. Refused is one in which a piece of a password may pass for a host, a port or a name.

    Those are shown, and a password that is not encoded has any characters. Raises UsageError.
    """
    with suppress(ValueError):
        parts = urlsplit(url)
        hosts = parts.netloc.rpartition("@")[2].split(",")
        is_whole = "#" not in url and "@" not in parts.path and parts.netloc.count("@") < 2
        if is_whole and all(map(_HOST.fullmatch, hosts)):
            return parts
    raise UsageError("the URL of the PostgreSQL store cannot be read", hint=_HINT)


def is_local(parameters: Mapping[str, str]) -> bool:
    """Whether every host is a socket's folder or this machine itself, so that nobody can listen in between."""
    hosts = (parameters.get("hostaddr") or parameters.get("host") or "").split(",")
    return all(_is_local_host(host.strip()) for host in hosts)


def _is_local_host(host: str) -> bool:
    if not host or host[0] in "/@" or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _encryption(effective: Mapping[str, str]) -> dict[str, str]:
    """Unless something else is asked for, a server over a network has to encrypt and to prove who it is."""
    if is_local(effective) or effective.get("sslmode"):
        return {}
    known = effective.get("sslrootcert") or Path("~/.postgresql/root.crt").expanduser().exists()
    return {"sslmode": "verify-full"} if known else {"sslmode": "verify-full", "sslrootcert": "system"}


def _parsed(url: str) -> dict[str, str]:
    try:
        return {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError:
        # The message of the driver quotes the part that it could not read, which may be the password.
        raise UsageError("the URL of the PostgreSQL store cannot be read", hint=_HINT) from None


def _settings() -> dict[str, str]:
    """What the environment says; a value that is libpq's own default is left out."""
    found = {}
    for option in pq.Conninfo.get_defaults():
        if option.envvar and os.environ.get(option.envvar.decode()):
            found[option.keyword.decode()] = os.environ[option.envvar.decode()]
    return found


def _service(name: str | None) -> dict[str, str]:
    """The parameters of a service (https://www.postgresql.org/docs/current/libpq-pgservice.html)."""
    if name is None:
        return {}
    paths = [Path(os.environ.get("PGSERVICEFILE") or "~/.pg_service.conf").expanduser()]
    if folder := os.environ.get("PGSYSCONFDIR"):
        paths.append(Path(folder, "pg_service.conf"))
    for path in paths:
        sections = ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
        try:
            sections.read(path, encoding="utf-8")
        except (OSError, Error, UnicodeDecodeError):  # its text may hold a password
            raise StoreUnavailable(f"{path} cannot be read as a service file") from None
        if sections.has_section(name):
            return dict(sections[name])
    raise StoreUnavailable(f"there is no PostgreSQL service {name!r}", hint=f"add [{name}] to {paths[0]}")


def _from_keyring(service: str, user: str) -> str:
    try:
        keyring = import_module("keyring")  # an extra, and slow to import
        failures = import_module("keyring.errors")
    except ImportError as error:
        raise StoreUnavailable(
            "the keyring cannot be asked: keyring is not installed", hint="pip install 'jobistemer-tui[keyring]'"
        ) from error
    try:
        password: str | None = keyring.get_password(service, user)
    except failures.KeyringError as error:
        raise StoreUnavailable(f"the keyring cannot be asked: {error}") from error
    if password is None:
        raise StoreUnavailable(
            f"the keyring has no password of {user!r} for {service!r}", hint=f"keyring set {service} {user}"
        )
    return password


def _shown(parameters: Mapping[str, str], schema: str) -> str:
    host = parameters.get("host") or parameters.get("hostaddr") or ""
    user = f"{parameters['user']}@" if "user" in parameters else ""
    port = f":{parameters['port']}" if "port" in parameters else ""
    name = parameters.get("dbname") or parameters.get("user") or ""
    where = f"{user}{host}{port}/{name}" if not host.startswith("/") else f"{user}{port}/{name}?host={host}"
    mark = "&" if "?" in where else "?"
    return f"postgresql://{where}" + ("" if schema == DEFAULT_SCHEMA else f"{mark}schema={schema}")
