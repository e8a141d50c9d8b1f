"""The settings that both services read from their environment."""

from pathlib import Path

import pytest

from core.config import (
    PROJECT_NAME,
    ConfigurationError,
    DynamoDbClient,
    KeptActor,
    Store,
    Tracing,
    read_settings,
)

KEY = "k" * 32


def test_the_defaults_are_those_of_a_laptop_on_sqlite() -> None:
    settings = read_settings({})
    assert settings.store is Store.SQLITE
    assert settings.dynamodb_client is DynamoDbClient.AUTO
    assert settings.actor is KeptActor.SUBJECT
    assert settings.tracing is Tracing.OFF
    assert settings.sqlite_path == Path(__file__).resolve().parents[2] / ".local" / "books.db"
    assert (settings.jwt_issuer, settings.jwt_audience) == (
        "http://127.0.0.1:8002",
        (PROJECT_NAME,),
    )


def test_settings_are_read_from_the_environment() -> None:
    settings = read_settings(
        {
            "STORE": "dynamodb",
            "EVENTS_TABLE": "e",
            "CATALOGUE_TABLE": "c",
            "EVENTS_STREAM_ARN": "arn:stream",
            "DYNAMODB_ENDPOINT": "http://127.0.0.1:8003",
            "DYNAMODB_CLIENT": "boto3",
            "JWT_ISSUER": "https://tenant.example/",
            "JWT_AUDIENCE": "one two",
            "CORS_ORIGINS": "https://one.example, http://127.0.0.1:3000",
            "LOG_LEVEL": "warning",
            "SQLITE_PATH": "/x/y.db",
            "DEVELOPMENT_TOKEN_URL": "http://127.0.0.1:8004/token",
            "TRACING": "xray",
            "ACTOR": "digest",
            "ACTOR_KEY": KEY,
            "ACTOR_KEY_PARAMETER": "/books/actor-key",
        }
    )
    assert settings.store is Store.DYNAMODB
    assert (settings.events_table, settings.catalogue_table) == ("e", "c")
    assert settings.events_stream_arn == "arn:stream"
    assert settings.dynamodb_endpoint == "http://127.0.0.1:8003"
    assert settings.dynamodb_client is DynamoDbClient.BOTO3
    assert (settings.jwt_issuer, settings.jwt_audience) == (
        "https://tenant.example/",
        ("one", "two"),
    )
    assert settings.cors_origins == ("https://one.example", "http://127.0.0.1:3000")
    assert (settings.log_level, settings.sqlite_path) == ("WARNING", Path("/x/y.db"))
    assert settings.development_token_url == "http://127.0.0.1:8004/token"
    assert settings.tracing is Tracing.XRAY
    assert settings.actor is KeptActor.DIGEST
    assert (settings.actor_key, settings.actor_key_parameter) == (KEY, "/books/actor-key")


@pytest.mark.parametrize(
    "empty",
    [
        "ACTOR",
        "ACTOR_KEY",
        "ACTOR_KEY_PARAMETER",
        "CORS_ORIGINS",
        "DYNAMODB_CLIENT",
        "DYNAMODB_ENDPOINT",
        "SQLITE_PATH",
        "DEVELOPMENT_TOKEN_URL",
        "TRACING",
    ],
)
def test_an_empty_variable_counts_as_unset(empty: str) -> None:
    assert read_settings({empty: ""}) == read_settings({})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("STORE", "tape"),
        ("JWT_ISSUER", "http://issuer.example"),
        ("JWT_ISSUER", "issuer"),
        ("JWT_ISSUER", "https://"),
        ("JWT_AUDIENCE", " "),
        ("LOG_LEVEL", "LOUD"),
        ("CORS_ORIGINS", "app.example"),
        ("CORS_ORIGINS", "https://app.example/"),
        ("CORS_ORIGINS", "https://app.example/path"),
        ("CORS_ORIGINS", "https://App.example"),
        ("CORS_ORIGINS", "https://*.example"),
        ("CORS_ORIGINS", "https://app.example:443"),
        ("CORS_ORIGINS", "http://app.example:80"),
        ("CORS_ORIGINS", "https://one.example,"),
        ("CORS_ORIGINS", "https://one.example https://two.example"),
        ("CORS_ORIGINS", "*,https://one.example"),
        ("CORS_ORIGINS", "null"),
        ("DYNAMODB_ENDPOINT", "localhost:8003"),
        ("DYNAMODB_CLIENT", "aws-sdk"),
        ("DEVELOPMENT_TOKEN_URL", "/token"),
        ("ACTOR", "hash"),
        ("TRACING", "otel"),
        ("ACTOR_KEY", KEY[1:]),
    ],
)
def test_an_invalid_value_is_reported_with_what_is_valid(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{variable} must"):
        read_settings({variable: value})


@pytest.mark.parametrize("key", ["", "short-secret"])
def test_a_digest_needs_a_key_which_is_never_shown(key: str) -> None:
    with pytest.raises(ConfigurationError, match=r"ACTOR=digest|ACTOR_KEY must") as raised:
        read_settings({"ACTOR": "digest", "ACTOR_KEY": key})
    assert not key or key not in str(raised.value)


def test_settings_do_not_show_their_key() -> None:
    assert KEY not in repr(read_settings({"ACTOR": "digest", "ACTOR_KEY": KEY}))


@pytest.mark.parametrize("variable", ["ACTOR", "ACTOR_KEY_PARAMETER", "TRACING"])
def test_what_only_requests_need_may_be_a_terraform_reference(variable: str) -> None:
    settings = read_settings({variable: "${local.something}"})
    assert (settings.actor, settings.tracing) == (KeptActor.SUBJECT, Tracing.OFF)


@pytest.mark.parametrize(
    "origin", ["*", "https://app.example", "https://app.example:8443", "http://localhost:8080"]
)
def test_any_origin_is_one_that_a_browser_sends_or_an_asterisk(origin: str) -> None:
    assert read_settings({"CORS_ORIGINS": origin}).cors_origins == (origin,)


def test_all_invalid_values_are_reported_in_one_line() -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_settings({"STORE": "tape", "LOG_LEVEL": "LOUD", "JWT_AUDIENCE": ""})
    message = str(raised.value)
    assert all(name in message for name in ("STORE", "LOG_LEVEL", "JWT_AUDIENCE"))
    assert "\n" not in message


@pytest.mark.parametrize("variable", ["JWT_ISSUER", "LOG_LEVEL", "EVENTS_TABLE"])
def test_a_terraform_reference_is_kept_while_an_app_is_packaged(variable: str) -> None:
    reference = "${var.something}"
    assert getattr(read_settings({variable: reference}), variable.lower()) == reference
