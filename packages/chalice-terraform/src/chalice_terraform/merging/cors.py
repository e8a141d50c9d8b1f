"""Turns Chalice's CORS, which each path may declare, into the one configuration of an HTTP API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .limits import CORS_MAX_AGE
from .model import JsonObject, Problems, Where, in_apps
from .rest_api import RestApi

_ALL_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_METHODS = "Allow-Methods"
_LISTS = ("Allow-Headers", "Expose-Headers")
_HEADERS = ("Allow-Credentials", "Allow-Origin", "Max-Age", *_LISTS)
_INTEGER = re.compile(r"-?\d+")
_SHOWN = 3  # places of a value in one problem

Headers = Mapping[str, str]
"""The headers of a preflight response, without ``Access-Control-``."""


@dataclass(frozen=True)
class Declaration:
    """The app and path that declare CORS, and the headers of the preflight response there."""

    app: str
    where: Where
    path: str
    headers: Headers

    def value(self, header: str) -> str | frozenset[str]:
        """Return what the header means: names of headers have no order and no case."""
        text = self.headers.get(header, "")
        return frozenset(name.lower() for name in _names(text)) if header in _LISTS else text


def cors_configuration(apis: Sequence[RestApi], problems: Problems) -> JsonObject | None:
    """Return the HTTP API's ``cors_configuration``, or ``None`` if no path declares CORS.

    With it, API Gateway responds to every preflight and sets the headers of every response. So
    paths that differ are a problem, and so is a route without CORS beside one that has it.
    """
    declarations = [
        Declaration(api.app.name, api.app.where(path), path, headers)
        for api in apis
        for path, headers in sorted(api.cors.items())
    ]
    if not declarations:
        return None
    _check_equal(declarations, problems)
    _check_covered(apis, problems)
    distinct: dict[object, Declaration] = {}
    for declaration in declarations:
        distinct.setdefault(tuple(declaration.value(it) for it in _HEADERS), declaration)
    for declaration in distinct.values():
        _check(declaration, problems)
    return _configuration(declarations[0].headers, _methods(declarations))


def _check_equal(declarations: Sequence[Declaration], problems: Problems) -> None:
    """Report in one problem all headers that differ, each value and the paths that have it."""
    differing = [text for header in _HEADERS if (text := _difference(header, declarations))]
    if differing:
        problems.add(
            in_apps(*(declaration.app for declaration in declarations)),
            "CORS differs, and an HTTP API has one configuration for all routes: "
            f"{', '.join(differing)}; give all of them the same CORSConfig, or set app.api.cors",
        )


def _difference(header: str, declarations: Sequence[Declaration]) -> str:
    """Return the values of the header, if there are several, with the paths that have each."""
    values: dict[object, list[Declaration]] = {}
    for declaration in declarations:
        values.setdefault(declaration.value(header), []).append(declaration)
    if len(values) == 1:
        return ""
    of_several_apps = len({declaration.app for declaration in declarations}) > 1
    texts = []
    for those in values.values():
        places = [f"{it.app} {it.path}" if of_several_apps else it.path for it in those]
        more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
        value = those[0].headers.get(header, "absent")
        texts.append(f"{value} ({', '.join(places[:_SHOWN])}{more})")
    return f"{header} is {' and '.join(texts)}"


def _methods(declarations: Sequence[Declaration]) -> list[str]:
    methods = {method for it in declarations for method in _names(it.headers[_METHODS])}
    if methods & {"ANY", "*"}:
        methods |= set(_ALL_METHODS)
    return sorted(methods & set(_ALL_METHODS))


def _check_covered(apis: Sequence[RestApi], problems: Problems) -> None:
    for api in apis:
        for route in api.routes:
            methods = api.cors.get(route.path, {}).get(_METHODS, "")
            if route.method not in _names(methods):
                problems.refuse(
                    "cors-per-route",
                    api.app.where(route.key),
                    "it has no CORS, and an HTTP API applies that of the other routes to all; give "
                    "it the same cors=",
                )


def _check(declaration: Declaration, problems: Problems) -> None:
    origin = declaration.headers["Allow-Origin"]
    if origin == "*" and "Allow-Credentials" in declaration.headers:
        problems.add(
            declaration.where,
            "browsers reject CORS with credentials for any origin; name the origin in CORSConfig",
        )
    if "," in origin:
        problems.add(
            declaration.where,
            f"allow_origin is {origin}, and browsers reject a list of origins; name one, or *",
        )
    elif origin != "*" and "://" not in origin and "${" not in origin:
        problems.add(
            declaration.where,
            f'allow_origin is "{origin}"; name * or an origin such as https://www.example.com',
        )
    age = declaration.headers.get("Max-Age", "0")
    if "${" not in age and (not _INTEGER.fullmatch(age) or not -1 <= int(age) <= CORS_MAX_AGE):
        problems.add(
            declaration.where,
            f"max_age is {age}; give it a number of seconds from -1 to {CORS_MAX_AGE}",
        )


def _configuration(headers: Headers, methods: list[str]) -> JsonObject:
    configuration: JsonObject = {
        "allow_headers": list(_names(headers["Allow-Headers"])),
        "allow_methods": methods,
        "allow_origins": [headers["Allow-Origin"]],
    }
    if "Expose-Headers" in headers:
        configuration["expose_headers"] = list(_names(headers["Expose-Headers"]))
    if "Max-Age" in headers:
        age = headers["Max-Age"]
        configuration["max_age"] = int(age) if _INTEGER.fullmatch(age) else age
    if "Allow-Credentials" in headers:
        configuration["allow_credentials"] = headers["Allow-Credentials"] == "true"
    return configuration


def _names(text: str) -> Iterator[str]:
    return (name.strip() for name in text.split(",") if name.strip())
