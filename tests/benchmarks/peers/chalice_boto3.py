"""Plain Chalice, as its quickstart has it (https://aws.github.io/chalice/quickstart.html).

It takes API Gateway's payload format 1.0 alone.
"""

from typing import Any

from chalice.app import Chalice, NotFoundError, Response

from . import store

app = Chalice(app_name="books")


@app.route("/v1/catalog/books/{id}", methods=["GET"])
def get_book(id: str) -> dict[str, Any]:  # noqa: A002 - the route's name for it
    """Return a book."""
    book = store.get(id)
    if book is None:
        raise NotFoundError
    return book


@app.route("/v1/catalog/books", methods=["POST"])
def add_book() -> Response:
    """Store a book."""
    assert app.current_request is not None
    return Response({"id": store.put(app.current_request.json_body)}, status_code=201)


handler = app
