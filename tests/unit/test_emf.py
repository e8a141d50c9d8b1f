"""Embedded metrics are those that Powertools for AWS Lambda embeds, beside the rest of a line."""

import io
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.emf import Metric, embedder
from core.adapters.json_logger import JsonLogger
from tests.support.emf import metrics_of

NOW = int(time.time())  # Powertools warns of times that CloudWatch would not take
NAMES = st.from_regex(r"[A-Z][A-Za-z]{0,20}", fullmatch=True)
DIMENSIONS = st.dictionaries(st.sampled_from(["refusal", "region"]), NAMES)
VALUES = st.integers(0, 1_000_000) | st.floats(0, 1e6)
METRICS = st.dictionaries(
    NAMES, st.builds(Metric, VALUES, st.sampled_from([u.value for u in MetricUnit])), min_size=1
)


def of_the_oracle(dimensions: Mapping[str, str], metrics: Mapping[str, Metric]) -> dict[str, Any]:
    """Return what Powertools makes of the same; it writes each value as a list of one."""
    oracle = EphemeralMetrics(namespace="books")
    oracle.set_timestamp(NOW * 1000)
    for name, value in dimensions.items():
        oracle.add_dimension(name, value)
    for name, metric in metrics.items():
        oracle.add_metric(name, metric.unit, metric.value)
    line: dict[str, Any] = dict(oracle.serialize_metric_set())
    return {**line, **{name: line[name][0] for name in metrics}}


@given(DIMENSIONS, METRICS)
def test_metrics_are_embedded_as_powertools_embeds_them(
    others: dict[str, str], metrics: dict[str, Metric]
) -> None:
    dimensions = {"service": "command", **others}
    embedded = embedder("books", lambda: NOW)(dimensions, metrics)
    assert embedded == of_the_oracle(dimensions, metrics)


def test_a_line_with_metrics_has_them_beside_the_rest() -> None:
    out = io.StringIO()
    metrics = embedder("books")({"service": "command"}, {"CommandsAccepted": Metric(1)})
    JsonLogger("command", "INFO", out, {}).info("request", extra={"status": 201}, metrics=metrics)

    (text,) = out.getvalue().splitlines()
    line = json.loads(text)
    assert metrics_of(line) == {("CommandsAccepted", (("service", "command"),)): 1}
    assert (line["message"], line["status"]) == ("request", 201)


@pytest.mark.parametrize("level", ["WARNING", "CRITICAL"])
def test_a_line_with_metrics_is_written_at_every_level(level: str) -> None:
    out = io.StringIO()
    logger = JsonLogger("command", level, out, {})
    logger.info("request", extra={})
    logger.info("request", extra={}, metrics=embedder("books")({}, {"CommandsAccepted": Metric(1)}))

    assert len(out.getvalue().splitlines()) == 1


def test_no_metrics_leave_a_line_as_it_is() -> None:
    assert embedder("books")({"service": "command"}, {}) == {}
