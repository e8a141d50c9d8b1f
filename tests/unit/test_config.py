"""The one place that reads the environment."""

from pathlib import Path

import pytest

from core.config import PROJECT_NAME, ConfigurationError, Store, read_settings


def test_an_empty_environment_is_a_laptop_on_sqlite() -> None:
    settings = read_settings({})
    assert settings.store is Store.SQLITE
    assert settings.sqlite_path == Path(__file__).resolve().parents[2] / ".local" / "books.db"
    assert (settings.jwt_issuer, settings.jwt_audience) == (
        "http://127.0.0.1:8002",
        (PROJECT_NAME,),
    )


def test_what_the_environment_says_is_taken() -> None:
    settings = read_settings(
        {
            "STORE": "dynamodb",
            "EVENTS_TABLE": "e",
            "CATALOGUE_TABLE": "c",
            "EVENTS_STREAM_ARN": "arn:stream",
            "DYNAMODB_ENDPOINT": "http://127.0.0.1:8003",
            "JWT_ISSUER": "https://tenant.example/",
            "JWT_AUDIENCE": "one two",
            "LOG_LEVEL": "warning",
            "SQLITE_PATH": "/x/y.db",
        }
    )
    assert settings.store is Store.DYNAMODB
    assert (settings.events_table, settings.catalogue_table) == ("e", "c")
    assert settings.events_stream_arn == "arn:stream"
    assert settings.dynamodb_endpoint == "http://127.0.0.1:8003"
    assert (settings.jwt_issuer, settings.jwt_audience) == (
        "https://tenant.example/",
        ("one", "two"),
    )
    assert (settings.log_level, settings.sqlite_path) == ("WARNING", Path("/x/y.db"))


@pytest.mark.parametrize("empty", ["DYNAMODB_ENDPOINT", "SQLITE_PATH"])
def test_an_empty_variable_is_one_that_is_not_set(empty: str) -> None:
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
        ("DYNAMODB_ENDPOINT", "localhost:8003"),
    ],
)
def test_a_bad_value_is_named_with_what_it_must_be(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{variable} must"):
        read_settings({variable: value})


def test_all_bad_values_are_named_in_one_line() -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_settings({"STORE": "tape", "LOG_LEVEL": "LOUD", "JWT_AUDIENCE": ""})
    said = str(raised.value)
    assert all(name in said for name in ("STORE", "LOG_LEVEL", "JWT_AUDIENCE"))
    assert "\n" not in said


@pytest.mark.parametrize("variable", ["JWT_ISSUER", "LOG_LEVEL", "EVENTS_TABLE"])
def test_a_terraform_reference_is_carried_as_it_is_while_an_app_is_packaged(variable: str) -> None:
    reference = "${var.something}"
    assert getattr(read_settings({variable: reference}), variable.lower()) == reference
