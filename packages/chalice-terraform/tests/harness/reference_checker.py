"""Finds dangling references with one pattern over all strings, independently of the merge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_REFERENCE = re.compile(
    r"(?<![\w.\-])((?:data\.)?aws_\w+\.[\w-]+|(?:var|local|null_data_source)\.[\w-]+)"
)

_ESCAPED = re.compile(r"\$\$\{[^}]*\}")


def dangling(template: dict[str, Any], outside: frozenset[str] = frozenset()) -> set[str]:
    """Return the addresses that the template refers to, but for its own and those ``outside``."""
    return references(template) - addresses(template) - outside


def addresses(template: dict[str, Any]) -> set[str]:
    """Return everything in the template that can be referred to."""
    return {
        *(f"{t}.{n}" for t, named in template.get("resource", {}).items() for n in named),
        *(f"data.{t}.{n}" for t, named in template.get("data", {}).items() for n in named),
        *(f"var.{name}" for name in template.get("variable", {})),
        *(f"local.{name}" for name in template.get("locals", {})),
    }


def references(template: dict[str, Any]) -> set[str]:
    """Return everything that is referred to in ``${...}`` or ``depends_on``."""
    body = {key: value for key, value in template.items() if key != "//"}
    return {
        found
        for text in _strings(body)
        for found in _REFERENCE.findall(_ESCAPED.sub("", text))
        if "${" in text or text == found
    }


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for member in value.values():
            yield from _strings(member)
