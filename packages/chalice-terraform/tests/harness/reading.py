"""Helpers that read merged stacks and problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chalice_terraform.merging import MergeError, Options, Source, merge
from harness.packaging import JsonObject

Merged = Callable[..., JsonObject]
"""Merges one app of ``FEATURES``, by its name, with options as keywords."""


def the(template: JsonObject, kind: str, name: str) -> dict[str, Any]:
    body = template["resource"][kind][name]
    assert isinstance(body, dict)
    return body


def routes(template: JsonObject, app: str) -> dict[str, Any]:
    assert the(template, "aws_apigatewayv2_route", app)["for_each"] == f"${{local.{app}_routes}}"
    routes = template["locals"][f"{app}_routes"]
    assert isinstance(routes, dict)
    return routes


def problems(*sources: Source, **options: Any) -> list[str]:
    with pytest.raises(MergeError) as raised:
        merge(sources, Options(**options))
    return [str(problem) for problem in raised.value.problems]
