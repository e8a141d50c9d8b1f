"""What schemathesis cannot know of the API: which failed checks are none, each with its reason."""

import json
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
import schemathesis
from schemathesis.core.failures import Failure

from tests.support.example import UNSAID

_WAIT_SECONDS: Final = 10.0


@schemathesis.hook
def after_call(
    context: schemathesis.HookContext, case: schemathesis.Case[Any], response: schemathesis.Response
) -> None:
    """Wait until the view has followed a command: the checks expect to read what was written."""
    if case.method in {"POST", "PATCH", "DELETE"} and response.status_code in {200, 201}:
        accepted = response.json()
        url = urlsplit(str(response.request.url))
        collection = url.path if case.method == "POST" else url.path.rpartition("/")[0]
        httpx.get(
            f"{url.scheme}://{url.netloc}{collection}/{accepted['id']}",
            params={"min_version": accepted["version"]},
            timeout=_WAIT_SECONDS,
        )


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext,
    failure: Failure,
    case: schemathesis.Case[Any],
    response: schemathesis.Response,
) -> bool:
    """Keep a failure, unless it is that a request was refused, or accepted, rightly."""
    match failure.code:
        case "ST201":  # a request that the document does not allow was accepted
            return not has_outer_space(case.body)
        case "ST202":  # one that it allows was refused
            return not (
                is_unsaid(response)
                or has_no_tag(response)
                or (response.status_code == 422 and has_outer_space(case.body))
            )
        case "ST301":  # a thing is still there after its DELETE
            return not case.path.endswith("/history")  # it stays
        case _:
            return True


def has_outer_space(body: object) -> bool:
    """Return whether a text begins or ends with space, which is neither counted nor compared."""
    match body:
        case str():
            return body != body.strip()
        case list():
            return any(map(has_outer_space, body))
        case dict():
            return any(map(has_outer_space, body.values()))
        case _:
            return False


def has_no_tag(response: schemathesis.Response) -> bool:
    """Return whether a condition is ``0``, which schemathesis tries where a header has a pattern.

    It takes it for valid, whatever the pattern.
    """
    headers = response.request.headers
    return "0" in {headers.get("If-Match"), headers.get("If-None-Match")}


def is_unsaid(response: schemathesis.Response) -> bool:
    """Return whether a request is refused by a rule that JSON Schema and OpenAPI cannot express."""
    query = parse_qs(urlsplit(str(response.request.url)).query, keep_blank_values=True)
    match response.status_code:
        case 400:
            return (
                "cursor" in query  # opaque: only a page before has a valid one
                or {"q", "sort"} <= query.keys()
                or ("q" in query and not any(map(str.isalnum, query["q"][0])))
                or ("as_of" in query and len(query) > 1)
                or bool(UNSAID & query.keys())
            )
        case 422:
            problem: dict[str, Any] = json.loads(response.content)
            if problem["type"].endswith("/key-reused"):
                return True
            return all(error["pointer"].split("/")[1] in UNSAID for error in problem["errors"])
        case _:
            return False
