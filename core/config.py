"""The services' configuration: what each environment variable means (``README.md``).

Nothing here looks at the process's environment: each program's entry point reads it, once, and
passes it in (for the services, ``core.bootstrap.process`` does). A test holds that nothing else
reads it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from core.loopback import is_loopback

PROJECT_NAME: Final = "books-cqrs"
"""The project's name: the default names of tables and the tokens' audience derive from it."""

PROBLEM_TYPES: Final = "/v1/catalog/problems/"
"""What the types of all problem details begin with: a path, at which the query service has a page
for each (RFC 9457, section 3.1.1)."""

DEFAULT_ISSUER: Final = "http://127.0.0.1:8002"
"""The development identity provider of ``make run``."""

_ROOT = Path(__file__).resolve().parents[1]

OPENAPI_DOCUMENT: Final = _ROOT / "docs" / "openapi.json"
"""The description of both services' API, which ``make openapi`` writes."""

ASYNCAPI_DOCUMENT: Final = _ROOT / "docs" / "asyncapi.json"
"""The description of the public messages, which ``make openapi`` writes."""

MESSAGE_SCHEMAS: Final = f"urn:{PROJECT_NAME}:messages:"
"""What the URIs of the schemas of public messages begin with: names, at which nothing is served."""

_EVENTS_TABLE = f"{PROJECT_NAME}-events"
_CATALOGUE_TABLE = f"{PROJECT_NAME}-catalogue"
_NO_STREAM = f"arn:aws:dynamodb:local:000000000000:table/{_EVENTS_TABLE}/stream/none"
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")
_DEFAULT_PORT = re.compile(r"https://.*:443|http://.*:80")
"""Browsers leave it out of an origin, so one with it would never match."""
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class ConfigurationError(Exception):
    """An unusable environment; ``str()`` is one line with each bad variable and what it must be."""


class Store(StrEnum):
    """Where events and the catalogue are kept."""

    SQLITE = "sqlite"
    DYNAMODB = "dynamodb"
    MEMORY = "memory"


class DynamoDbClient(StrEnum):
    """By what DynamoDB is spoken to: ``AUTO`` is the own client wherever that will do."""

    AUTO = "auto"
    OWN = "own"
    BOTO3 = "boto3"


class KeptActor(StrEnum):
    """What the log keeps of whoever sent a command: the subject of the token, or less."""

    SUBJECT = "subject"
    DIGEST = "digest"
    NONE = "none"


class Tracing(StrEnum):
    """Where the spans of calls of DynamoDB go."""

    OFF = "off"
    XRAY = "xray"


MIN_KEY_CHARACTERS: Final = 32


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says, checked."""

    store: Store
    sqlite_path: Path
    events_table: str
    events_stream_arn: str
    catalogue_table: str
    dynamodb_endpoint: str | None
    dynamodb_client: DynamoDbClient
    jwt_issuer: str
    jwt_audience: tuple[str, ...]
    cors_origins: tuple[str, ...]
    log_level: str
    metrics_namespace: str | None
    development_token_url: str | None
    event_bus: str
    event_source: str | None
    publisher_failures_url: str
    publisher_wait_seconds: int
    actor: KeptActor
    actor_key: str | None = field(repr=False)
    actor_key_parameter: str | None
    tracing: Tracing


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings. Raise ConfigurationError, which names every problem.

    While an app is packaged, ``.chalice/config.json`` has Terraform references such as
    ``${var.jwt_issuer}`` instead of values; they are kept as they are.
    """
    issuer = environment.get("JWT_ISSUER", DEFAULT_ISSUER)
    audience = tuple(environment.get("JWT_AUDIENCE", PROJECT_NAME).split())
    listed = environment.get("CORS_ORIGINS") or ""
    origins = tuple(origin.strip() for origin in listed.split(",") if listed)
    store = environment.get("STORE", Store.SQLITE)
    log_level = environment.get("LOG_LEVEL", "INFO")
    log_level = log_level if _is_reference(log_level) else log_level.upper()
    endpoint = environment.get("DYNAMODB_ENDPOINT") or None
    client = environment.get("DYNAMODB_CLIENT") or DynamoDbClient.AUTO
    token_url = environment.get("DEVELOPMENT_TOKEN_URL") or None
    wait = environment.get("PUBLISHER_WAIT_SECONDS") or "300"
    actor = environment.get("ACTOR") or KeptActor.SUBJECT
    actor_key = environment.get("ACTOR_KEY", "").strip() or None
    actor_key_parameter = environment.get("ACTOR_KEY_PARAMETER") or None
    tracing = environment.get("TRACING") or Tracing.OFF
    checks = {
        f"STORE must be one of {', '.join(Store)}, not {store!r}": store in set(Store),
        f"JWT_ISSUER must be an https URL (http on this machine only), not {issuer!r}": (
            _is_reference(issuer) or _is_issuer(issuer)
        ),
        "JWT_AUDIENCE must name one or more audiences, separated by spaces": bool(audience),
        "CORS_ORIGINS must be * alone, or origins such as https://app.example separated by commas"
        f" (without a path, and without a scheme's default port), not {listed!r}": (
            origins == ("*",) or all(map(_is_origin, origins))
        ),
        f"LOG_LEVEL must be one of {', '.join(_LOG_LEVELS)}, not {log_level!r}": (
            _is_reference(log_level) or log_level in _LOG_LEVELS
        ),
        f"DYNAMODB_ENDPOINT must be a URL, not {endpoint!r}": endpoint is None or _is_url(endpoint),
        f"DYNAMODB_CLIENT must be one of {', '.join(DynamoDbClient)}, not {client!r}": (
            client in set(DynamoDbClient)
        ),
        f"DEVELOPMENT_TOKEN_URL must be a URL, not {token_url!r}": (
            token_url is None or _is_url(token_url)
        ),
        f"PUBLISHER_WAIT_SECONDS must be a whole number of seconds, not {wait!r}": (
            _is_reference(wait) or (wait.isascii() and wait.isdecimal())
        ),
        f"ACTOR must be one of {', '.join(KeptActor)}, not {actor!r}": (
            _is_reference(actor) or actor in set(KeptActor)
        ),
        f"TRACING must be one of {', '.join(Tracing)}, not {tracing!r}": (
            _is_reference(tracing) or tracing in set(Tracing)
        ),
        # The key itself is in no message.
        f"ACTOR_KEY must be a secret of at least {MIN_KEY_CHARACTERS} characters": (
            actor_key is None or len(actor_key) >= MIN_KEY_CHARACTERS
        ),
        "ACTOR=digest needs ACTOR_KEY or ACTOR_KEY_PARAMETER": (
            actor != KeptActor.DIGEST or bool(actor_key or actor_key_parameter)
        ),
    }
    problems = [problem for problem, holds in checks.items() if not holds]
    if problems:
        raise ConfigurationError("; ".join(problems))
    return Settings(
        store=Store(store),
        sqlite_path=Path(environment.get("SQLITE_PATH") or _ROOT / ".local" / "books.db"),
        events_table=environment.get("EVENTS_TABLE", _EVENTS_TABLE),
        events_stream_arn=environment.get("EVENTS_STREAM_ARN", _NO_STREAM),
        catalogue_table=environment.get("CATALOGUE_TABLE", _CATALOGUE_TABLE),
        dynamodb_endpoint=endpoint,
        dynamodb_client=DynamoDbClient(client),
        jwt_issuer=issuer,
        jwt_audience=audience,
        cors_origins=origins,
        log_level=log_level,
        metrics_namespace=environment.get("METRICS_NAMESPACE") or None,
        development_token_url=token_url,
        event_bus=environment.get("EVENT_BUS", ""),
        event_source=environment.get("EVENT_SOURCE") or None,
        publisher_failures_url=environment.get("PUBLISHER_FAILURES_URL", ""),
        publisher_wait_seconds=0 if _is_reference(wait) else int(wait),
        # While an app is packaged, no request is handled.
        actor=KeptActor.SUBJECT if _is_reference(actor) else KeptActor(actor),
        actor_key=actor_key,
        actor_key_parameter=actor_key_parameter,
        tracing=Tracing.OFF if _is_reference(tracing) else Tracing(tracing),
    )


def _is_reference(text: str) -> bool:
    return text.startswith("${")


def _is_issuer(text: str) -> bool:
    url = urlsplit(text)
    return bool(url.hostname) and (
        url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname))
    )


def _is_origin(text: str) -> bool:
    return bool(_ORIGIN.fullmatch(text)) and not _DEFAULT_PORT.fullmatch(text)


def _is_url(text: str) -> bool:
    url = urlsplit(text)
    return url.scheme in {"http", "https"} and bool(url.hostname)
