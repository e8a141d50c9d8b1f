"""A handler without a framework, for a store."""

import json
from collections.abc import Callable
from typing import Any

from .books import Book


def handler_of(
    get: Callable[[str], Book | None], put: Callable[[Book], str]
) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """Return a handler of API Gateway's events in payload format 2.0."""

    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        if event["requestContext"]["http"]["method"] == "POST":
            return _response(201, {"id": put(json.loads(event["body"]))})
        book = get(event["pathParameters"]["id"])
        return _response(404, {"message": "Not Found"}) if book is None else _response(200, book)

    return handler


def _response(status: int, content: Book) -> dict[str, Any]:
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(content)}
