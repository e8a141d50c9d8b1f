"""What CloudWatch requires of a line of the log to make metrics of it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
The schema is the specification's in our words; what a schema cannot say is checked beside it.
"""

from collections.abc import Mapping
from typing import Any, Final

import jsonschema_rs

NAME: Final = {"type": "string", "minLength": 1, "maxLength": 255}
UNITS: Final = ["Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "None"]

DIRECTIVE: Final = {
    "type": "object",
    "required": ["Namespace", "Dimensions", "Metrics"],
    "additionalProperties": False,
    "properties": {
        "Namespace": NAME,
        "Dimensions": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "array", "maxItems": 9, "items": NAME},
        },
        "Metrics": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": {
                "type": "object",
                "required": ["Name"],
                "additionalProperties": False,
                "properties": {"Name": NAME, "Unit": {"enum": UNITS}},
            },
        },
    },
}
SCHEMA: Final = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "additionalProperties": False,
            "properties": {
                "Timestamp": {"type": "integer", "minimum": 0},
                "CloudWatchMetrics": {"type": "array", "items": DIRECTIVE},
            },
        }
    },
}
_VALIDATOR: Final = jsonschema_rs.Draft7Validator(SCHEMA)

Metrics = dict[tuple[str, tuple[tuple[str, str], ...]], float]
"""From the name of a metric and its dimensions to its value."""


def metrics_of(line: Mapping[str, Any]) -> Metrics:
    """Return the metrics that CloudWatch makes of a line; fail where it would make none of it."""
    _VALIDATOR.validate(line)
    found: Metrics = {}
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = tuple((name, line[name]) for name in names)
            assert all(isinstance(value, str) and 0 < len(value) <= 1024 for _, value in dimensions)
            for metric in directive["Metrics"]:
                value = line[metric["Name"]]
                assert isinstance(value, int | float), f"{metric['Name']} is {value!r}"
                found[metric["Name"], dimensions] = value
    return found
