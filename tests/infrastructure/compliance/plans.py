"""Changes to a plan's JSON, in all places that describe a resource."""

import json
from collections.abc import Callable, Iterator
from typing import Any

JsonObject = dict[str, Any]
Change = Callable[[JsonObject], None]
"""Changes a plan in place."""

Suffix = str | tuple[str, ...]
"""The end of a resource's address, or several possible ends."""

PROVIDER = "registry.terraform.io/hashicorp/aws"


def sets(kind: str, path: str, value: Any, *, of: Suffix = "") -> Change:
    """Return a change that sets a value of the resources of a type whose address ends with ``of``.

    ``path`` is dotted; a number is a position in a list, and ``{}`` before a part parses JSON in a
    string. The path must exist. A constant for it in the configuration changes too, because
    terraform-compliance prefers it to the planned values.
    """

    def change(plan: JsonObject) -> None:
        for values in _values(plan, kind, of):
            _set(values, path.split("."), value)
        for resource in plan["configuration"]["root_module"]["resources"]:
            if _is(resource, kind, of):
                _set_constant(resource["expressions"], path.split("."), value)

    return change


def lacks(kind: str, of: Suffix = "") -> Change:
    """Return a change that removes resources from the plan."""

    def change(plan: JsonObject) -> None:
        _ = list(_values(plan, kind, of))  # fails if there is none to remove
        root = plan["planned_values"]["root_module"]
        root["resources"] = [r for r in root["resources"] if not _is(r, kind, of)]
        plan["resource_changes"] = [r for r in plan["resource_changes"] if not _is(r, kind, of)]

    return change


def has(kind: str, values: JsonObject | None = None) -> Change:
    """Return a change that adds an unwanted resource to the plan."""

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
    """Return a change that removes the references from arguments of the resources of a type."""

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


def _set(parent: Any, path: list[str], value: Any) -> None:
    first, *rest = path
    key: Any = int(first) if first.isdigit() else first
    if first.startswith("{}"):
        name = first.removeprefix("{}")
        inner = json.loads(parent[name])
        _set(inner, rest, value)
        parent[name] = json.dumps(inner)
        return
    if rest:
        _set(parent[key], rest, value)
        return
    assert isinstance(parent, list) or key in parent, f"{key} is not in {sorted(parent)}"
    parent[key] = value


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
