"""What version 6 of the AWS provider says of a template: see provider_table.py."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .provider_table import TABLE

_KNOWN: Mapping[str, Any] = json.loads(TABLE.read_text())
_OF_TERRAFORM = {"count", "depends_on", "for_each", "lifecycle", "provider"}
_REFERENCE = re.compile(r"(data\.)?\b(aws_\w+)\.[\w-]+(?:\[[^\]]*\])?\.(\w+)")


def complaints(template: Mapping[str, Any]) -> Iterator[str]:
    """Yield ``TYPE.NAME: what`` for each name that does not exist, or why it is deprecated."""
    for mode in ("data", "resource"):
        for kind, named in template.get(mode, {}).items():
            if kind.startswith("aws_"):
                for body in named.values():
                    yield from _of_body(mode, kind, body)
    for text in _texts(template):
        for data, kind, attribute in _REFERENCE.findall(text):
            yield from _of_attribute("data" if data else "resource", kind, attribute)


def _of_body(mode: str, kind: str, body: Mapping[str, Any]) -> Iterator[str]:
    known = _KNOWN[mode].get(kind)
    if known is None:
        yield f"{kind}: not in TYPES of provider_table.py"
        return
    for path in _paths(body, known["arguments"]):
        if path in known["deprecated"]:
            yield f"{kind}.{path}: {known['deprecated'][path]}"
        if not _exists(path, known["arguments"]):
            yield f"{kind}.{path}: does not exist"


def _paths(body: Mapping[str, Any], arguments: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of all arguments; what is no block has no paths inside."""
    for name, value in body.items():
        if name in _OF_TERRAFORM:
            continue
        yield name
        for block in value if isinstance(value, list) else [value]:
            if isinstance(block, dict) and arguments.get(name):
                for path in _paths(block, arguments[name]):
                    yield f"{name}.{path}"


def _exists(path: str, arguments: Mapping[str, Any]) -> bool:
    for name in path.split("."):
        if name not in arguments:
            return False
        arguments = arguments[name]
    return True


def _of_attribute(mode: str, kind: str, attribute: str) -> Iterator[str]:
    known = _KNOWN[mode].get(kind)
    if known is None:
        yield f"{kind}: not in TYPES of provider_table.py"
    elif attribute in known["deprecated"]:
        yield f"{kind}.{attribute}: {known['deprecated'][attribute]}"
    elif attribute not in known["attributes"]:
        yield f"{kind}.{attribute}: does not exist"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
