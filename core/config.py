"""Configuration: the one place that reads the environment. ``README.md`` lists the variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from core.loopback import is_loopback

PROJECT: Final = "books-cqrs"
"""The project's name, from which default names derive."""

PROBLEM_TYPES: Final = f"urn:{PROJECT}:problem:"
"""What the types of all problem details begin with (RFC 9457)."""

_ROOT = Path(__file__).resolve().parents[1]
_NO_STREAM = "arn:aws:dynamodb:local:000000000000:table/books-cqrs-events/stream/none"
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class ConfigurationError(Exception):
    """The environment is not usable; ``str()`` is one line that names every bad variable and what it must be."""


class Store(StrEnum):
    """Where events and the catalogue are kept."""

    SQLITE = "sqlite"
    DYNAMODB = "dynamodb"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says, checked."""

    store: Store
    sqlite_path: Path
    events_table: str
    events_stream_arn: str
    catalogue_table: str
    dynamodb_endpoint: str | None
    jwt_issuer: str
    jwt_audience: tuple[str, ...]
    log_level: str


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings. Raises ConfigurationError that names all that is wrong.

    While an app is packaged, ``.chalice/config.json`` puts Terraform references such as ``${var.jwt_issuer}`` in the
    place of values; they are carried as they are.
    """
    issuer = environment.get("JWT_ISSUER", "http://127.0.0.1:8002")
    audience = tuple(environment.get("JWT_AUDIENCE", "books-cqrs").split())
    store = environment.get("STORE", Store.SQLITE)
    log_level = environment.get("LOG_LEVEL", "INFO")
    log_level = log_level if _is_reference(log_level) else log_level.upper()
    endpoint = environment.get("DYNAMODB_ENDPOINT") or None
    checks = {
        f"STORE must be one of {', '.join(Store)}, not {store!r}": store in set(Store),
        f"JWT_ISSUER must be an https URL (http on this machine only), not {issuer!r}": (
            _is_reference(issuer) or _is_issuer(issuer)
        ),
        "JWT_AUDIENCE must name one or more audiences, separated by blanks": bool(audience),
        f"LOG_LEVEL must be one of {', '.join(_LOG_LEVELS)}, not {log_level!r}": (
            _is_reference(log_level) or log_level in _LOG_LEVELS
        ),
        f"DYNAMODB_ENDPOINT must be a URL, not {endpoint!r}": endpoint is None or _is_url(endpoint),
    }
    problems = [problem for problem, holds in checks.items() if not holds]
    if problems:
        raise ConfigurationError("; ".join(problems))
    return Settings(
        store=Store(store),
        sqlite_path=Path(environment.get("SQLITE_PATH") or _ROOT / ".local" / "books.db"),
        events_table=environment.get("EVENTS_TABLE", "books-cqrs-events"),
        events_stream_arn=environment.get("EVENTS_STREAM_ARN", _NO_STREAM),
        catalogue_table=environment.get("CATALOGUE_TABLE", "books-cqrs-catalogue"),
        dynamodb_endpoint=endpoint,
        jwt_issuer=issuer,
        jwt_audience=audience,
        log_level=log_level,
    )


def _is_reference(text: str) -> bool:
    return text.startswith("${")


def _is_issuer(text: str) -> bool:
    url = urlsplit(text)
    return bool(url.hostname) and (
        url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname))
    )


def _is_url(text: str) -> bool:
    url = urlsplit(text)
    return url.scheme in {"http", "https"} and bool(url.hostname)
