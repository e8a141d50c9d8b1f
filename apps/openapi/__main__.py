"""``make openapi``: write ``docs/openapi.json`` from both services."""

import json
import tomllib
from pathlib import Path
from typing import Any, Final

from apps.command.app import app as command
from apps.openapi.document import About, document
from apps.query.app import app as query
from core.config import OPENAPI_DOCUMENT, PROBLEM_TYPES, PROJECT_NAME
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
_SERVICES: Final = {
    "command": "The command service: what changes something.",
    "query": "The query service: what is read, a moment behind the commands.",
}


def generated() -> dict[str, Any]:
    """Return the document of both services as they are."""
    version = tomllib.loads(_PROJECT.read_text())["project"]["version"]
    about = About(PROJECT_NAME, version, _DESCRIPTION, _SERVICES, PROBLEM_TYPES)
    return document({"command": command, "query": query}, BOOKS, about)


def written() -> str:
    """Return the text of the document."""
    return json.dumps(generated(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the document where it is committed, and where the query service reads it."""
    OPENAPI_DOCUMENT.write_text(written())


if __name__ == "__main__":
    main()
