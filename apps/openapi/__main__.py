"""``make openapi``: write ``docs/openapi.json`` and ``docs/asyncapi.json``."""

import json
import tomllib
from pathlib import Path
from typing import Any, Final

from apps.command.app import app as command
from apps.openapi import asyncapi
from apps.openapi.document import About, document, example_in
from apps.query.app import app as query
from core.application.messages import Origin
from core.config import (
    ASYNCAPI_DOCUMENT,
    MESSAGE_SCHEMAS,
    OPENAPI_DOCUMENT,
    PROBLEM_TYPES,
    PROJECT_NAME,
)
from core.domain.manifest import BOOKS

_PROJECT: Final = Path(__file__).resolve().parents[2] / "pyproject.toml"

_DESCRIPTION: Final = """\
One service accepts commands, another serves queries. What a query returns follows a command by a
moment; `min_version` waits for it.

- **Errors** of the services are problem details (RFC 9457): their `type` is a page that explains
  them. A body with only a `message` is API Gateway's own: 401 and 403 without a sufficient token,
  404 for a path that is no route, 429 above a route's rate, 500 and 503 when a service does not
  respond.
- **HEAD** is allowed wherever GET is, and returns the same headers without content.
- **Accept** is ignored: every response has the one content type that it has here (RFC 9110,
  section 12.5.1). Text is UTF-8.
- **Retries** of commands are safe with an `Idempotency-Key`.
"""
_APPS: Final = {"command": command, "query": query}
_SERVICES: Final = {
    "command": "The command service: what changes something.",
    "query": "The query service: what is read, a moment behind the commands.",
}


_MESSAGES: Final = """\
What other teams learn about the events of this service, as CloudEvents 1.0 on an EventBridge
bus. Where the bus is, and how to subscribe: docs/how-to/integration-events.md.

- **At least once.** A message may come again, with the same `id`.
- **In any order.** `streamversion` orders the messages of a `subject`, and may have gaps.
- **Versions.** The version at the end of a `type` gains optional fields only: ignore what you do
  not know. Whatever would break you has another version, beside this one.
"""


def generated() -> dict[str, Any]:
    """Return the document of both services as they are."""
    about = About(PROJECT_NAME, _version(), _DESCRIPTION, _SERVICES, PROBLEM_TYPES)
    return document(_APPS, BOOKS, about)


def generated_messages() -> dict[str, Any]:
    """Return the document of the public messages."""
    about = asyncapi.About(PROJECT_NAME, _version(), _MESSAGES)
    origin = Origin(BOOKS.collection, MESSAGE_SCHEMAS)
    return asyncapi.document(BOOKS, example_in(_APPS, BOOKS).events, origin, about)


def _version() -> str:
    version: str = tomllib.loads(_PROJECT.read_text())["project"]["version"]
    return version


def written(document: dict[str, Any]) -> str:
    """Return the text of a document."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the documents where they are committed; the query service reads the one of the API."""
    OPENAPI_DOCUMENT.write_text(written(generated()))
    ASYNCAPI_DOCUMENT.write_text(written(generated_messages()))


if __name__ == "__main__":
    main()
