"""What the services' responses say, beside what was asked of them."""

from typing import Any

import httpx

from apps.importer.retrying import Later, wait_asked_for

TEMPORARY = frozenset({408, 429, *range(500, 600)})
"""The statuses of a request that may be repeated later."""


def unreachable(http: httpx.Client, error: httpx.RequestError) -> Later:
    """Return that the service behind ``http`` sent no response."""
    return Later(f"no response from {http.base_url} ({str(error) or type(error).__name__})")


def later(response: httpx.Response) -> Later:
    """Return what a temporary refusal says, and how long it asks to wait."""
    status = response.status_code
    reason = f"the service returned {status}: {reason_of(json_object(response), status)}"
    return Later(reason, wait_asked_for(response.headers.get("Retry-After")))


def json_object(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of a response, an empty one if it has none."""
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def reason_of(problem: dict[str, Any], status: int) -> str:
    """Return all errors of a problem document (RFC 9457), or its detail, in one line."""
    errors = problem.get("errors")
    lines = [
        f"{error.get('pointer', '')} {error.get('message', '')}".strip()
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict)
    ]
    said = "; ".join(lines) or problem.get("detail") or problem.get("title")
    return " ".join(str(said or f"status {status}").split())
