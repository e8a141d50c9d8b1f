"""What alarms of CloudWatch have that ministack forgets, or tells in JSON only."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import cloudwatch  # type: ignore[import-not-found]

JsonObject = dict[str, Any]


def creation(original: Callable[..., Any]) -> Callable[..., Any]:
    """Keep the metrics of an alarm on an expression, which ministack forgets."""

    def put(params: Mapping[str, Any], *more: Any, **named: Any) -> Any:
        response = original(params, *more, **named)
        if metrics := _nested(params).get("Metrics"):
            cloudwatch._alarms[cloudwatch._p(params, "AlarmName")]["Metrics"] = metrics
        return response

    return put


def _nested(params: Mapping[str, Any]) -> JsonObject:
    """Return the structure that names of the Query protocol spell out: ``Metrics.member.1.Id``."""
    tree: JsonObject = {}
    for name in params:
        *path, last = name.split(".")
        node = tree
        for part in path:
            node = node.setdefault(part, {})
        node[last] = cloudwatch._p(params, name)
    return {name: _with_lists(node) for name, node in tree.items()}


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if set(node) == {"member"}:
        items: JsonObject = node["member"]
        return [_with_lists(items[number]) for number in sorted(items, key=int)]
    return {name: _with_lists(item) for name, item in node.items()}


def description(original: Callable[..., Any]) -> Callable[..., Any]:
    """Describe alarms completely to Terraform's provider, which uses the Query protocol.

    ministack's responses in that protocol lack dimensions, period, statistic and actions, which its
    JSON responses have; and an alarm on a percentile gets a statistic as well, one on an expression
    all that one on a metric has.
    """

    def describe(
        params: Mapping[str, Any], given: Any, is_cbor: bool, is_json: bool = False
    ) -> Any:
        if is_cbor or is_json:
            return original(params, given, is_cbor, is_json)
        status, _, body = original(params, _query_as_json(params), False, True)
        if status != 200:
            return original(params, given, is_cbor, is_json)
        result = "".join(f"<{name}>{_xml(value)}</{name}>" for name, value in _alarms(body))
        response = f"<DescribeAlarmsResult>{result}</DescribeAlarmsResult>"
        return cloudwatch._xml(status, "DescribeAlarmsResponse", response)

    return describe


def _query_as_json(params: Mapping[str, Any]) -> JsonObject:
    """Return the parameters of DescribeAlarms by their names in JSON."""
    lists: dict[str, list[str]] = {"AlarmNames": [], "AlarmTypes": []}
    for name, values in lists.items():
        while value := cloudwatch._p(params, f"{name}.member.{len(values) + 1}"):
            values.append(value)
    words = ("AlarmNamePrefix", "StateValue", "MaxRecords", "NextToken")
    return {**lists, **{word: cloudwatch._p(params, word) or None for word in words}}


def _alarms(body: bytes) -> Iterator[tuple[str, Any]]:
    for name, value in json.loads(body).items():
        if name in ("MetricAlarms", "CompositeAlarms"):
            yield name, [_without_contradictions(alarm) for alarm in value]
        else:
            yield name, value


def _without_contradictions(alarm: JsonObject) -> JsonObject:
    left_out = {"Statistic"} if alarm.get("ExtendedStatistic") else set()
    if "Metrics" in alarm:
        left_out = {"Statistic", "Period", "MetricName", "Namespace"}
    # Times are numbers in JSON and text in the Query protocol; nothing here reads them.
    return {
        name: value
        for name, value in alarm.items()
        if name not in left_out and value is not None and not name.endswith("Timestamp")
    }


def _xml(value: Any) -> str:
    if isinstance(value, list):
        return "".join(f"<member>{_xml(item)}</member>" for item in value)
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(item)}</{name}>" for name, item in value.items())
    return str(value).lower() if isinstance(value, bool) else escape(str(value))
