"""The routes that the apps declare."""

from collections.abc import Mapping

from tests.support.api import load_app

SCOPES: Mapping[str, str | None] = {
    f"{method} {path}": entry.authorizer.scopes[0] if entry.authorizer else None
    for app in ("command", "query")
    for path, methods in load_app(app).routes.items()
    for method, entry in methods.items()
}
"""The scope that each route requires, such as ``GET /v1/catalog/books``; None for a public one."""
