"""A line of the log is the one that Powertools for AWS Lambda writes for the same call."""

import io
import json
import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.json_logger import JsonLogger, timestamp

TRACE = {"_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3f;Parent=53995c3f42cd8ad8;Sampled=1"}
ORACLE_OUT = io.StringIO()
ORACLE = Logger(service="oracle", level="INFO", stream=ORACLE_OUT)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.none() | st.booleans() | st.integers() | TEXTS | st.lists(TEXTS, max_size=3)
EXTRAS = st.dictionaries(st.from_regex("[a-z]{1,5}_[a-z]{1,5}", fullmatch=True), VALUES)
MESSAGES = TEXTS.map("request ".__add__)

Call = Callable[[Any], None]


def line_of(call: Call, environment: Mapping[str, str] | None = None) -> str:
    out = io.StringIO()
    call(JsonLogger("oracle", "INFO", out, environment or {}))
    return without_time(out.getvalue())


def line_of_oracle(call: Call) -> str:
    ORACLE_OUT.seek(0)
    ORACLE_OUT.truncate()
    call(ORACLE)
    return without_time(ORACLE_OUT.getvalue())


def without_time(line: str) -> str:
    return line.replace(json.loads(line)["timestamp"], "a time")


def failed() -> Exception:
    try:
        raise KeyError("missing")
    except KeyError as cause:
        try:
            raise RuntimeError("broken") from cause
        except RuntimeError as error:
            error.add_note("while reading")
            return error


@given(st.sampled_from(["info", "warning", "error"]), MESSAGES, EXTRAS)
def test_a_line_is_that_of_powertools(level: str, message: str, extra: dict[str, Any]) -> None:
    def call(logger: Any) -> None:
        getattr(logger, level)(message, extra=extra)

    assert line_of(call) == line_of_oracle(call)


@pytest.mark.parametrize(
    "error",
    [failed(), ValueError("never raised"), OSError()],
    ids=["raised", "not raised", "empty"],
)
def test_a_line_with_an_error_is_that_of_powertools(error: Exception) -> None:
    def call(logger: Any) -> None:
        logger.error("unexpected error", exc_info=error, extra={"method": "GET"})

    assert line_of(call) == line_of_oracle(call)


@given(st.integers(0, 4_000_000_000_000))
def test_a_time_is_that_of_powertools(milliseconds: int) -> None:
    record = logging.makeLogRecord({})
    record.created = milliseconds / 1000
    record.msecs = float(int((record.created - int(record.created)) * 1000))

    assert timestamp(record.created) == ORACLE.registered_formatter.formatTime(record)


def test_a_line_has_the_trace_id_that_lambda_has_set_last(monkeypatch: pytest.MonkeyPatch) -> None:
    def call(logger: Any) -> None:
        logger.info("request", extra={})

    for name, value in TRACE.items():
        monkeypatch.setenv(name, value)

    assert line_of(call, TRACE) == line_of_oracle(call)
    assert json.loads(line_of_oracle(call))["xray_trace_id"] == "1-5759e988-bd862e3f"


def test_lines_below_the_level_are_not_written() -> None:
    out = io.StringIO()
    logger = JsonLogger("a service", "WARNING", out, {})
    logger.info("unseen", extra={})
    logger.warning("seen", extra={"reason": "a\nb", "path": sys})
    logger.error("seen too", extra={})

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["level"], line["message"]) for line in lines] == [
        ("WARNING", "seen"),
        ("ERROR", "seen too"),
    ]
    assert (lines[0]["reason"], lines[0]["path"]) == ("a\nb", str(sys))


def test_what_is_not_text_is_escaped() -> None:
    octets = io.BytesIO()
    out = io.TextIOWrapper(octets, encoding="utf-8")
    JsonLogger("a service", "INFO", out, {}).info("request", extra={"reason": "é\ud800"})

    assert json.loads(octets.getvalue())["reason"] == "é\ud800"


def test_a_log_that_nobody_reads_fails_no_request() -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    JsonLogger("a service", "INFO", Gone(), {}).info("request", extra={})
