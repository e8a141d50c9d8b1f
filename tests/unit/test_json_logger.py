"""A line of the log is the one that Powertools for AWS Lambda makes of the same record."""

import io
import json
import logging
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.json_logger import JsonFormatter, json_logger

ENVIRONMENT = {"_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3f;Parent=53995c3f42cd8ad8;Sampled=1"}
ORACLE = Logger(service="oracle", level="INFO", stream=io.StringIO()).registered_formatter
OURS = JsonFormatter("oracle", {})

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.none() | st.booleans() | st.integers() | TEXTS | st.lists(TEXTS, max_size=3)
NAMES = st.from_regex("[a-z]{1,5}_[a-z]{1,5}", fullmatch=True).filter(
    lambda name: name not in vars(logging.makeLogRecord({}))
)
LEVELS = st.sampled_from([logging.INFO, logging.WARNING, logging.ERROR])


def record(level: int, message: str, extra: Mapping[str, Any], error: BaseException | None) -> Any:
    information = None if error is None else (type(error), error, error.__traceback__)
    return logging.getLogger("oracle").makeRecord(
        "oracle", level, __file__, 42, message, (), information, "function", dict(extra)
    )


def failed() -> Exception:
    try:
        raise KeyError("missing")
    except KeyError as cause:
        try:
            raise RuntimeError("broken") from cause
        except RuntimeError as error:
            error.add_note("while reading")
            return error


@given(LEVELS, TEXTS.map("request ".__add__), st.dictionaries(NAMES, VALUES, max_size=5))
def test_a_line_is_that_of_powertools(level: int, message: str, extra: dict[str, Any]) -> None:
    logged = record(level, message, extra, None)

    assert OURS.format(logged) == ORACLE.format(logged)


@pytest.mark.parametrize(
    "error",
    [failed(), ValueError("never raised"), OSError()],
    ids=["raised", "not raised", "empty"],
)
def test_a_line_with_an_error_is_that_of_powertools(error: Exception) -> None:
    logged = record(logging.ERROR, "unexpected error", {"method": "GET"}, error)

    assert OURS.format(logged) == ORACLE.format(logged)


def test_a_line_has_the_trace_id_that_lambda_has_set_last(monkeypatch: pytest.MonkeyPatch) -> None:
    logged = record(logging.INFO, "request", {}, None)
    environment: dict[str, str] = {}
    ours = JsonFormatter("oracle", environment)
    assert "xray_trace_id" not in json.loads(ours.format(logged))

    environment.update(ENVIRONMENT)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    assert json.loads(ours.format(logged))["xray_trace_id"] == "1-5759e988-bd862e3f"
    assert ours.format(logged) == ORACLE.format(logged)


def test_a_message_takes_arguments() -> None:
    logged = logging.LogRecord("a", logging.INFO, __file__, 1, "%s of %s", ("1", "2"), None)

    assert json.loads(OURS.format(logged))["message"] == "1 of 2"


def test_a_logger_writes_lines_from_its_level_on_and_nothing_to_the_root(
    caplog: pytest.LogCaptureFixture,
) -> None:
    written = io.StringIO()
    logger = json_logger("a service", "WARNING", written, {})
    logger.info("unseen")
    logger.warning("seen", extra={"reason": "a\nb", "path": sys})
    logger.error("seen too")

    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["level"], line["message"], line["service"]) for line in lines] == [
        ("WARNING", "seen", "a service"),
        ("ERROR", "seen too", "a service"),
    ]
    assert lines[0]["location"].startswith("test_a_logger_writes_lines")
    assert lines[0]["path"] == str(sys)
    assert caplog.records == []


def test_a_logger_that_is_made_again_writes_once() -> None:
    before, after = io.StringIO(), io.StringIO()
    json_logger("again", "INFO", before, {})
    json_logger("again", "INFO", after, {}).info("once")

    assert (before.getvalue(), len(after.getvalue().splitlines())) == ("", 1)
