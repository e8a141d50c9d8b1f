"""The route of a path, as API Gateway would choose it.

It is needed where an event names no route of the app: with a ``$default`` route, with a
``{proxy+}`` route of the API that leads to the app, and for a function's own URL.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import NamedTuple

Routes = Mapping[str, Collection[str]]
"""From a route's path to its methods."""


class Match(NamedTuple):
    """A route's path, and the values of its variables."""

    route: str
    path_parameters: dict[str, str]


def matching_route(path: str, method: str, routes: Routes) -> Match | None:
    """Return the most specific route that fits the path, one with the method if there is one.

    A route without variables precedes one with them, and that precedes a greedy one (AWS, "Create
    routes for HTTP APIs", "Routing API requests").
    """
    fitting = [
        Match(route, found.groupdict())
        for route in sorted(routes, key=_specificity)
        if (found := _pattern(route).fullmatch(path))
    ]
    return next((match for match in fitting if method in routes[match.route]), None) or next(
        iter(fitting), None
    )


def _specificity(route: str) -> tuple[int, ...]:
    return tuple(_GENERALITY.get(part[-2:], part.endswith("}")) for part in route.split("/"))


_GENERALITY = {"+}": 2}


@cache
def _pattern(route: str) -> re.Pattern[str]:
    one = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(route))
    return re.compile(re.sub(r"\\{(\w+)\\\+\\}", r"(?P<\1>.+)", one), re.DOTALL)
