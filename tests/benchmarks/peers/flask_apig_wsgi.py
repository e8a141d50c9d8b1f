"""Flask behind apig-wsgi, as its documentation has it (https://pypi.org/project/apig-wsgi/)."""

from typing import Any

from apig_wsgi import make_lambda_handler
from flask import Flask, abort, request

from . import store

app = Flask(__name__)


@app.get("/v1/catalog/books/<book_id>")
def get_book(book_id: str) -> dict[str, Any]:
    """Return a book."""
    book: dict[str, Any] = store.get(book_id) or abort(404)
    return book


@app.post("/v1/catalog/books")
def add_book() -> tuple[dict[str, str], int]:
    """Store a book."""
    return {"id": store.put(request.get_json())}, 201


handler = make_lambda_handler(app)
