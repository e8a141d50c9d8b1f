"""The query service: reads the catalogue, and keeps it up to date."""

from pathlib import Path
from typing import Any, Final

from chalice.app import DynamoDBEvent, Request, Response

from core.adapters.http.app import ServiceApp
from core.adapters.http.operations import Kind, no_operation, operation
from core.adapters.http.requests import (
    ANY_CONTENT,
    MAX_VERSION,
    NoSuchPage,
    none_match_has,
    parameters,
    stream_id,
    whole_number,
)
from core.adapters.http.responses import (
    document_response,
    empty_response,
    etag,
    event_json,
    fresh_response,
    health_response,
    html_response,
    json_response,
    view_json,
)
from core.adapters.http.service import protect
from core.application.queries import check_lag
from core.bootstrap import process, queries, stores
from core.config import OPENAPI_DOCUMENT, PROBLEM_TYPES
from core.domain.manifest import BOOKS

app = ServiceApp(app_name="books-query")
app.allow_origins(process.settings().cors_origins)
responding = protect(app, process.logger("query"), process.verifier_for, PROBLEM_TYPES)
auditors = process.authorizer().with_scopes(["books:audit"])

ALL = BOOKS.collection
ONE = f"{ALL}/{{id}}"
PAGES: Final = Path(__file__).parent / "pages"


@app.route(ONE, methods=["GET"], content_types=ANY_CONTENT)
@responding
@operation(Kind.VIEW)
def get_book(request: Request, id: str) -> Response:
    """Return a book; ``min_version`` waits until a write is visible."""
    values = parameters(request, frozenset({"min_version"}))
    min_version = whole_number(values, "min_version", 0, 1, MAX_VERSION)
    view = queries.handler().view(stream_id(id, BOOKS.noun), min_version)
    headers = {"ETag": etag(view.version), "Cache-Control": "no-cache"}
    if none_match_has(request, etag(view.version)):
        return empty_response(304, headers)
    return json_response(200, view_json(view), headers)


@app.route(ALL, methods=["GET"], content_types=ANY_CONTENT)
@responding
@operation(Kind.LISTING)
def list_books(request: Request) -> Response:
    """Return a page of books."""
    from core.adapters.http import listings

    values = parameters(request, listings.listing_parameters(BOOKS.listing))
    listing = listings.read_listing(values, BOOKS.listing)
    after = listings.read_listing_cursor(values, BOOKS.noun, listing)
    handler, limit = queries.handler(), listings.read_limit(values)
    page = handler.page(listing, after, limit)
    items = [view_json(view) for view in page.items]
    while (count := listings.fitting(items)) < len(items):
        # Read again, for its ``next`` is that of its own items: others may be there by now.
        page = handler.page(listing, after, count)
        items = [view_json(view) for view in page.items]
    following = listings.listing_cursor(BOOKS.noun, listing, page.next) if page.next else None
    return listings.page_response(request, items, values, following)


@app.route(f"{ONE}/history", methods=["GET"], authorizer=auditors, content_types=ANY_CONTENT)
@responding
@operation(Kind.HISTORY)
def get_book_history(request: Request, id: str) -> Response:
    """Return the events of a book, or with ``as_of`` the book as it was."""
    from core.adapters.http import histories, listings

    book, values = stream_id(id, BOOKS.noun), parameters(request, histories.HISTORY_PARAMETERS)
    as_of = histories.read_as_of(values)
    if as_of is not None:
        return fresh_response(request, view_json(queries.handler().view_as_of(book, as_of)))
    after = histories.read_history_cursor(values, book)
    events, last = queries.handler().history(book, after, listings.read_limit(values))
    items = [event_json(e, BOOKS.events) for e in events]
    if (count := listings.fitting(items)) < len(items):
        last, items = events[count - 1].version, items[:count]
    following = histories.history_cursor(book, last) if last else None
    return listings.page_response(request, items, values, following)


@app.route("/v1/catalog/health/query", methods=["GET"], content_types=ANY_CONTENT)
@responding
@operation(Kind.VIEWS_HEALTH)
def get_query_health(_: Request) -> Response:
    """Return 200 when the catalogue responds and the projector keeps up, else 503."""
    from core.bootstrap import projection

    stores.read_model().live().check()
    check_lag(projection.lag())
    return health_response()


@app.route("/v1/catalog/openapi.json", methods=["GET"], content_types=ANY_CONTENT)
@responding
@operation(Kind.DOCUMENT)
def get_openapi_document(_: Request) -> Response:
    """Return this document, of both services (OpenAPI 3.1)."""
    return document_response(OPENAPI_DOCUMENT, "application/json")


@app.route(f"{PROBLEM_TYPES}{{name}}", methods=["GET"], content_types=ANY_CONTENT)
@responding
@operation(Kind.NAMED_PAGE, page="bad-request")
def get_problem(_: Request, name: str) -> Response:
    """Return a page that explains the problem type of this name."""
    from core.adapters.http.problem_pages import POLICY, problem_page

    page = problem_page(name, BOOKS, PROBLEM_TYPES)
    if page is None:
        raise NoSuchPage
    return html_response(page, POLICY)


@app.route("/v1/catalog/docs", methods=["GET"], content_types=ANY_CONTENT)
@responding
@operation(Kind.PAGE)
def get_docs(_: Request) -> Response:
    """Return the documentation page."""
    from core.adapters.http.docs_page import POLICY, docs_page

    return html_response(docs_page(PAGES, process.settings().development_token_url), POLICY)


@app.route("/v1/catalog/docs/{asset}", methods=["GET"], content_types=ANY_CONTENT)
@responding
@no_operation
def get_docs_asset(request: Request, asset: str) -> Response:
    """Return a file that the documentation page uses."""
    from core.adapters.http.assets import asset_response
    from core.adapters.http.docs_page import docs_asset

    return asset_response(request, docs_asset(PAGES, asset))


@app.on_dynamodb_record(
    process.settings().events_stream_arn,
    name="project",
    batch_size=100,
    # Not Chalice's LATEST: that misses what is written while the mapping is made.
    starting_position="TRIM_HORIZON",
)
def project(event: DynamoDBEvent) -> dict[str, Any]:
    """Keep the catalogue up to date with the stream of the events table."""
    from core.bootstrap import projection

    return projection.project_stream(event.to_dict(), event.context)


# In AWS only where terraform/integration-events.tf is on.
@app.on_dynamodb_record(
    process.settings().events_stream_arn,
    name="publish",
    batch_size=100,
    starting_position="TRIM_HORIZON",
)
def publish(event: DynamoDBEvent) -> dict[str, Any]:
    """Tell other teams of the events in the stream of the events table."""
    from core.bootstrap import publication

    return publication.publish_stream(event.to_dict(), event.context)
