"""Powertools' resolver with its validation of requests and responses, as its documentation has it.

https://docs.powertools.aws.dev/lambda/python/latest/core/event_handler/api_gateway/#data-validation
Its examples have the logger too; their tracer, which needs a package more, is left out.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext

from . import store
from .model import Added, Book, StoredBook

logger = Logger(service="powertools-validated")
app = APIGatewayHttpResolver(enable_validation=True)


@app.get("/v1/catalog/books/<book_id>")
def get_book(book_id: str) -> StoredBook:
    """Return a book."""
    book = store.get(book_id)
    if book is None:
        raise NotFoundError
    return book  # type: ignore[return-value] # checked by the resolver, as the documentation does


@app.post("/v1/catalog/books")
def add_book(book: Book) -> tuple[Added, int]:
    """Store a book."""
    return Added(id=store.put(book.model_dump(exclude_none=True))), 201


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Respond."""
    return app.resolve(event, context)
