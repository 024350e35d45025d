"""Settings from the environment, each with its unit and default (contract: Environment)."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote, urlsplit

# A Unix socket's path may have 107 bytes and no more.
MAX_SOCKET_PATH = 107


class ConfigError(ValueError):
    """A variable of the environment that cannot be used; the message names it and says why."""


def _whole(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ConfigError(f'{name}: expected a whole number from {least} to {most}, got "{text}"')
    return int(text)


def _smtp_url(environ: Mapping[str, str]) -> str | None:
    """Where e-mail is handed in; what is wrong is told without the password that may be in it."""
    text = environ.get("SMTP_URL", "").strip()
    if not text:
        return None
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise ConfigError("SMTP_URL: expected smtp://user:password@host:port or smtps://…")
    return text


def _keep_private(path: Path, make: str) -> str:
    """Read what a private file says, or make it (mode 600) with `make` as its content."""
    try:
        return path.read_text("utf-8").strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("utf-8").strip()
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(make)
    return make


@dataclass(frozen=True, slots=True)
class Config:
    """What a process needs to know before it can ask the database anything.

    `host` is the address listened on; `retry_window_seconds` and `retry_base_seconds` are F05's
    schedule; `trusted_proxies` is how many proxies to believe for address and scheme.
    """

    home: Path
    database_url: str
    redis_url: str
    embedded_redis: bool
    secret_key: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    sandbox_port: int = 8100
    retry_window_seconds: int = 172_800
    retry_base_seconds: int = 10
    admin_email: str = "admin@localhost"
    admin_password: str | None = field(default=None, repr=False)
    smtp_url: str | None = field(default=None, repr=False)
    trusted_proxies: int = 0
    log_format: str = "json"
    sandbox_url: str | None = None
    web_threads: int = 8
    testing: bool = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """Read the environment; raises `ConfigError` naming the variable that cannot be used."""
        home = Path(environ.get("CONNECTOR_HOME") or "./var").expanduser().resolve()
        database_url = environ.get("DATABASE_URL") or f"sqlite:///{home / 'connector.db'}"
        if database_url.startswith("postgres://"):
            database_url = "postgresql+psycopg://" + database_url.removeprefix("postgres://")
        log = environ.get("CONNECTOR_LOG") or ("text" if os.isatty(2) else "json")
        if log not in ("text", "json"):
            raise ConfigError(f'CONNECTOR_LOG: expected "text" or "json", got "{log}"')
        return cls(
            home=home,
            database_url=database_url,
            redis_url=environ.get("REDIS_URL") or f"unix://{quote(str(embedded_socket(home)))}",
            embedded_redis=not environ.get("REDIS_URL"),
            secret_key=environ.get("SECRET_KEY") or _keep_private(home / "secret-key", secrets.token_hex(32)),
            host=environ.get("CONNECTOR_HOST") or "127.0.0.1",
            port=_whole(environ, "PORT", 8000, 1, 65535),
            sandbox_port=_whole(environ, "SANDBOX_PORT", 8100, 1, 65535),
            retry_window_seconds=_whole(environ, "CONNECTOR_RETRY_WINDOW_SECONDS", 172_800, 1, 31_536_000),
            retry_base_seconds=_whole(environ, "CONNECTOR_RETRY_BASE_SECONDS", 10, 1, 1800),
            admin_email=environ.get("CONNECTOR_ADMIN_EMAIL") or "admin@localhost",
            admin_password=environ.get("CONNECTOR_ADMIN_PASSWORD") or None,
            smtp_url=_smtp_url(environ),
            trusted_proxies=_whole(environ, "TRUSTED_PROXIES", 0, 0, 10),
            log_format=log,
            sandbox_url=environ.get("CONNECTOR_SANDBOX_URL") or None,
        )

    @property
    def migrations(self) -> Path:
        """Where the migrations are: beside the package."""
        return Path(__file__).resolve().parent.parent / "migrations"

    @property
    def admin_password_file(self) -> Path:
        """Where a generated admin password is kept until it is changed."""
        return self.home / "admin-password"


def embedded_socket(home: Path) -> Path:
    """Where the embedded server listens: in `home`, or a short path elsewhere if that is too long."""
    socket = home / "redis.sock"
    if len(os.fsencode(socket)) <= MAX_SOCKET_PATH:
        return socket
    name = sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"oms-connector-{os.getuid()}-{name}.sock"


def product_version() -> str:
    """The installed package's version, as the OMS is told it (F02)."""
    return version("oms-connector")
