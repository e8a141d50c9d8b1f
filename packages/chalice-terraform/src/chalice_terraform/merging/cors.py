"""Turns Chalice's CORS, which each path may declare, into the one configuration of an HTTP API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .model import JsonObject, Problems, Where
from .rest_api import RestApi

_ALL_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_METHODS = "Allow-Methods"

Declaration = tuple[Where, Mapping[str, str]]
"""The path that declares it, and the headers of the preflight response there."""


def cors_configuration(apis: Sequence[RestApi], problems: Problems) -> JsonObject | None:
    """Return the HTTP API's ``cors_configuration``, or ``None`` if no path declares CORS.

    With it, API Gateway responds to every preflight and sets the headers of every response. So
    paths that differ are a problem, and so is a route without CORS beside one that has it.
    """
    declarations = list(_declarations(apis))
    if not declarations:
        return None
    first_where, first = declarations[0]
    for where, headers in declarations[1:]:
        if _policy(headers) != _policy(first):
            problems.add(
                f"{first_where} and {where}",
                "their CORS differs, and an HTTP API has one configuration for all routes; give "
                "all of them the same CORSConfig, or set app.api.cors",
            )
    _check_covered(apis, problems)
    if first["Allow-Origin"] == "*" and "Allow-Credentials" in first:
        problems.add(
            first_where,
            "browsers reject CORS with credentials for any origin; name the origin in CORSConfig",
        )
    return _configuration(first, _methods(headers for _, headers in declarations))


def _declarations(apis: Sequence[RestApi]) -> Iterator[Declaration]:
    for api in apis:
        for path, headers in sorted(api.cors.items()):
            yield api.app.where(path), headers


def _policy(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != _METHODS}


def _methods(declared: Iterator[Mapping[str, str]]) -> list[str]:
    methods = {method for headers in declared for method in headers[_METHODS].split(",")}
    if methods & {"ANY", "*"}:
        methods |= set(_ALL_METHODS)
    return sorted(methods & set(_ALL_METHODS))


def _check_covered(apis: Sequence[RestApi], problems: Problems) -> None:
    for api in apis:
        for route in api.routes:
            methods = api.cors.get(route.path, {}).get(_METHODS, "").split(",")
            if route.method not in methods:
                problems.refuse(
                    "cors-per-route",
                    api.app.where(route.key),
                    "it has no CORS, and an HTTP API applies that of the other routes to all; give "
                    "it the same cors=",
                )


def _configuration(headers: Mapping[str, str], methods: list[str]) -> JsonObject:
    configuration: JsonObject = {
        "allow_headers": headers["Allow-Headers"].split(","),
        "allow_methods": methods,
        "allow_origins": [headers["Allow-Origin"]],
    }
    if "Expose-Headers" in headers:
        configuration["expose_headers"] = headers["Expose-Headers"].split(",")
    if "Max-Age" in headers:
        configuration["max_age"] = int(headers["Max-Age"])
    if "Allow-Credentials" in headers:
        configuration["allow_credentials"] = headers["Allow-Credentials"] == "true"
    return configuration
