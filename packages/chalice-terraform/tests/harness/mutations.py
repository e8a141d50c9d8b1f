"""Changes to what Chalice writes, with its Swagger document as an object instead of text."""

from __future__ import annotations

import copy
import json
from typing import Any

from harness.packaging import JsonObject

REMOVED: Any = object()
"""Stands for the absence of a member."""

_SWAGGER = "chalice_api_swagger"


def unpacked(template: JsonObject) -> JsonObject:
    """Return a copy with the Swagger document as an object."""
    template = copy.deepcopy(template)
    if _SWAGGER in template.get("locals", {}):
        template["locals"][_SWAGGER] = json.loads(template["locals"][_SWAGGER])
    return template


def packed(template: JsonObject) -> JsonObject:
    """Return the template as Chalice writes it, with the Swagger document as text."""
    local_values = template.get("locals")
    if isinstance(local_values, dict) and isinstance(local_values.get(_SWAGGER), (dict, list)):
        text = json.dumps(local_values[_SWAGGER])
        return {**template, "locals": {**local_values, _SWAGGER: text}}
    return template


def changed(template: JsonObject, *path: Any, to: Any) -> JsonObject:
    """Return the template with the value at the path replaced, added, or ``REMOVED``."""
    result = unpacked(template)
    parent: Any = result
    for key in path[:-1]:
        parent = parent[key] if isinstance(parent, list) else parent.setdefault(key, {})
    if to is REMOVED:
        del parent[path[-1]]
    else:
        parent[path[-1]] = to
    return packed(result)
