"""IAM policies, evaluated: enough of AWS's rules for policies that only allow.

ministack evaluates policies too, at each request. This is for recorded requests, and for plans.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

Statements = list[Mapping[str, Any]]


def statements(documents: Iterable[str]) -> Statements:
    """Return the statements of policy documents. Raise ``AssertionError`` for one that denies."""
    found: Statements = [each for text in documents for each in json.loads(text)["Statement"]]
    assert {each["Effect"] for each in found} <= {"Allow"}
    return found


def allows(
    policies: Statements, action: str, resource: str, keys: Mapping[str, str] | None = None
) -> bool:
    """Return whether an action on a resource is allowed, with these condition keys."""
    return any(
        _matches(action, each["Action"])
        and _matches(resource, each["Resource"])
        and all(
            _compares(operator, keys or {}, expected)
            for operator, expected in each.get("Condition", {}).items()
        )
        for each in policies
    )


def _matches(value: str, patterns: str | list[str]) -> bool:
    listed = [patterns] if isinstance(patterns, str) else patterns
    return any(re.fullmatch(re.escape(p).replace(r"\*", ".*"), value) for p in listed)


def _compares(operator: str, keys: Mapping[str, str], expected: Mapping[str, Any]) -> bool:
    """Return whether all keys are there and compare as the operator says."""
    assert operator in ("StringEquals", "ArnLike"), operator
    return all(
        keys.get(key) in ([value] if isinstance(value, str) else value)
        if operator == "StringEquals"
        else _matches(keys.get(key, ""), value)
        for key, value in expected.items()
    )
