"""Following the links from page to page."""

import re
from typing import Any
from urllib.parse import urljoin

from tests.support.api import Api
from tests.support.gateway import ANN, HttpResponse


def linked(api: Api, response: HttpResponse, base: str) -> HttpResponse:
    """Follow Link rel="next" (RFC 8288) as a client that knows only the URL of its request."""
    found = re.fullmatch(r'<([^>]*)>; rel="next"', response.headers["link"])
    assert found
    target = urljoin("https://books.test" + base, found[1]).removeprefix("https://books.test")
    return api.gateway.send("GET", target, caller=ANN)


def walk(api: Api, target: str, what: str) -> list[Any]:
    """Return the member ``what`` of all items, following the links from page to page."""
    response = api.gateway.send("GET", target, caller=ANN)
    items = response.json["items"]
    while "link" in response.headers:
        response = linked(api, response, target)
        items += response.json["items"]
    return [item[what] for item in items]
