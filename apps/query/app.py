"""The query service: what reads the catalogue."""

from typing import Any

from chalice.app import DynamoDBEvent, Request, Response

from core import bootstrap
from core.adapters.http.answers import BOOKS, book_json, empty_answer, etag, event_json, json_answer
from core.adapters.http.listings import (
    HISTORY_PARAMETERS,
    LISTING_PARAMETERS,
    history_cursor,
    listing_cursor,
    page_answer,
    read_as_of,
    read_history_cursor,
    read_limit,
    read_listing,
    read_listing_cursor,
)
from core.adapters.http.payload import HttpApp
from core.adapters.http.requests import (
    MOST_VERSION,
    book_id,
    none_match_has,
    parameters,
    whole_number,
)
from core.adapters.http.service import protect

app = HttpApp(app_name="books-query")
answering = protect(app, bootstrap.logger("query"), bootstrap.verifier_for)
auditors = bootstrap.authorizer().with_scopes(["books:audit"])
ANY_CONTENT: list[
    str
] = []  # Chalice's own check of the content type would answer in its own words.


@app.route(BOOKS + "/{id}", methods=["GET"], content_types=ANY_CONTENT)
@answering
def get_book(request: Request, id: str) -> Response:
    """Return a book; ``min_version`` waits for a write to be seen."""
    values = parameters(request, frozenset({"min_version"}))
    min_version = whole_number(values, "min_version", 0, 1, MOST_VERSION)
    view = bootstrap.query_handler().book(book_id(id), min_version)
    headers = {"ETag": etag(view.version), "Cache-Control": "no-cache"}
    if none_match_has(request, etag(view.version)):
        return empty_answer(304, headers)
    return json_answer(200, book_json(view), headers)


@app.route(BOOKS, methods=["GET"], content_types=ANY_CONTENT)
@answering
def list_books(request: Request) -> Response:
    """Return a page of books."""
    values = parameters(request, LISTING_PARAMETERS)
    listing = read_listing(values)
    after = read_listing_cursor(values, listing)
    page = bootstrap.query_handler().books(listing, after, read_limit(values))
    items = [book_json(view) for view in page.items]
    return page_answer(items, values, listing_cursor(listing, page.next) if page.next else None)


@app.route(BOOKS + "/{id}/history", methods=["GET"], authorizer=auditors, content_types=ANY_CONTENT)
@answering
def get_history(request: Request, id: str) -> Response:
    """Return the events of a book, or with ``as_of`` the book as it was."""
    book, values = book_id(id), parameters(request, HISTORY_PARAMETERS)
    as_of = read_as_of(values)
    if as_of is not None:
        return json_answer(200, book_json(bootstrap.query_handler().book_as_of(book, as_of)))
    after = read_history_cursor(values, book)
    events, following = bootstrap.query_handler().history(book, after, read_limit(values))
    return page_answer(
        [event_json(e) for e in events],
        values,
        history_cursor(book, following) if following else None,
    )


@app.route("/v1/catalog/health/query", methods=["GET"], content_types=ANY_CONTENT)
@answering
def health(_: Request) -> Response:
    """Tell whether the catalogue answers."""
    bootstrap.stores().read_model.live().check()
    return json_answer(200, {"status": "ok"}, {"Cache-Control": "no-store"})


@app.on_dynamodb_record(
    bootstrap.settings().events_stream_arn,
    name="project",
    batch_size=100,
    # Not Chalice's LATEST: that misses what is written while the mapping is made.
    starting_position="TRIM_HORIZON",
)
def project(event: DynamoDBEvent) -> dict[str, Any]:
    """Keep the catalogue up to date with the stream of the events table."""
    return bootstrap.project_stream(event.to_dict())
