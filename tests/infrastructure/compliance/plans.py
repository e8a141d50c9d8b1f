"""Changes of a plan's JSON, in all the places where it tells of a resource."""

import json
from collections.abc import Callable, Iterator
from typing import Any

JsonObject = dict[str, Any]
Change = Callable[[JsonObject], None]
"""Changes a plan in place."""

Suffix = str | tuple[str, ...]
"""What an address ends with; of several, any."""

PROVIDER = "registry.terraform.io/hashicorp/aws"


def sets(kind: str, path: str, value: Any, *, of: Suffix = "") -> Change:
    """Sets a value of the resources of a type whose address ends with `of`.

    `path` is dotted; a part that is a number is a place in a list, and `{}` before a part opens
    JSON in a string. A path that is not there is a mistake in the test. Where the configuration
    has a constant for it, that changes too: terraform-compliance believes it before the values.
    """

    def change(plan: JsonObject) -> None:
        for values in _values(plan, kind, of):
            _set(values, path.split("."), value)
        for resource in plan["configuration"]["root_module"]["resources"]:
            if _is(resource, kind, of):
                _set_constant(resource["expressions"], path.split("."), value)

    return change


def lacks(kind: str, of: Suffix = "") -> Change:
    """Takes resources out of the plan."""

    def change(plan: JsonObject) -> None:
        _ = list(_values(plan, kind, of))  # there must be one to take
        root = plan["planned_values"]["root_module"]
        root["resources"] = [r for r in root["resources"] if not _is(r, kind, of)]
        plan["resource_changes"] = [r for r in plan["resource_changes"] if not _is(r, kind, of)]

    return change


def has(kind: str, values: JsonObject | None = None) -> Change:
    """Puts a resource into the plan that nobody wants there."""

    def change(plan: JsonObject) -> None:
        resource = {
            "address": f"{kind}.unwanted",
            "mode": "managed",
            "type": kind,
            "name": "unwanted",
            "provider_name": PROVIDER,
        }
        known = values or {"name": "unwanted"}
        plan["planned_values"]["root_module"]["resources"].append({**resource, "values": known})
        created = {"actions": ["create"], "before": None, "after": known, "after_unknown": {}}
        plan["resource_changes"].append({**resource, "change": created})

    return change


def refers_to_nothing(kind: str, *arguments: str) -> Change:
    """Takes the references out of arguments of the resources of a type."""

    def change(plan: JsonObject) -> None:
        for resource in plan["configuration"]["root_module"]["resources"]:
            if resource["type"] == kind:
                for argument in arguments:
                    resource["expressions"][argument] = {"constant_value": "arn:aws:of:another"}

    return change


def _is(resource: JsonObject, kind: str, of: Suffix) -> bool:
    return bool(resource["type"] == kind and resource["address"].endswith(of))


def _values(plan: JsonObject, kind: str, of: Suffix) -> Iterator[JsonObject]:
    planned = plan["planned_values"]["root_module"]["resources"]
    found = [r["values"] for r in planned if _is(r, kind, of)]
    found += [r["change"]["after"] for r in plan["resource_changes"] if _is(r, kind, of)]
    assert found, f"no {kind} in the plan ends with {of!r}"
    yield from found


def _set(place: Any, path: list[str], value: Any) -> None:
    first, *rest = path
    key: Any = int(first) if first.isdigit() else first
    if first.startswith("{}"):
        name = first.removeprefix("{}")
        inner = json.loads(place[name])
        _set(inner, rest, value)
        place[name] = json.dumps(inner)
        return
    if rest:
        _set(place[key], rest, value)
        return
    assert isinstance(place, list) or key in place, f"{key} is not in {sorted(place)}"
    place[key] = value


def _set_constant(expressions: Any, path: list[str], value: Any) -> None:
    first, *rest = path
    key: Any = int(first) if first.isdigit() else first
    inside = isinstance(expressions, list) or (isinstance(expressions, dict) and key in expressions)
    if not inside:
        return
    expression = expressions[key]
    if not isinstance(expression, dict) or "constant_value" not in expression:
        if rest:
            _set_constant(expression, rest, value)
    elif rest:
        _set(expression["constant_value"], rest, value)
    else:
        expression["constant_value"] = value
