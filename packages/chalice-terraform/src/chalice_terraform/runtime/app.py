"""A Chalice app that is a Lambda function behind REST APIs and HTTP APIs alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice.app import Chalice

from .payloads import Result, as_format_2, for_chalice, is_format_2, method_of


class HTTPApp(Chalice):
    """A Chalice app that reads payload formats 1.0 and 2.0, and responds in kind.

    Use it in place of ``Chalice``; it is one in every other respect. It inherits, because Lambda,
    ``chalice local`` and ``chalice package`` all want one object in the module's attribute ``app``:
    the handler, and the Chalice object with its routes.

    A REST API's event gets the response that it gets from Chalice. An HTTP API's is converted to
    what a REST API would have sent (``payloads.for_chalice``). A request that fits no route of the
    app, which a ``$default`` route lets through, gets API Gateway's own 404.
    """

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Return the result in the format of ``event``."""
        if method_of(event) is None:
            return super().__call__(event, context)  # not by HTTP: Chalice says so
        known = for_chalice(event, self.routes)
        result: Result = _NOT_FOUND if known is None else self.respond(known, context)
        return as_format_2(result) if is_format_2(event) else dict(result)

    def respond(self, event: dict[str, Any], context: Any) -> Result:
        """Return Chalice's result for an event of a REST API that names a route of the app.

        It is what a subclass replaces that responds by itself.
        """
        result: Result = super().__call__(event, context)
        return result


_NOT_FOUND: Mapping[str, Any] = {
    "statusCode": 404,
    "headers": {"Content-Type": "application/json"},
    "multiValueHeaders": {},
    "body": '{"message":"Not Found"}',
}
